"""The verbs of the product. `verb(actor, desk, ..., *, now)`: permission first, one transaction, one audit line."""
