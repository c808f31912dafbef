"""From answers to files: typed tables, and the writers that turn them into Excel workbooks and CSV. Pure."""
