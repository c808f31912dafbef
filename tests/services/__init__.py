"""The verbs of the product, on both databases."""
