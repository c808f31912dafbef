"""The nouns of Ledgerline: small frozen values that every other room may import, and that import nobody."""
