"""The ledger: immutable Parquet vintages, disposable serving files, and tables as they were known at any moment."""
