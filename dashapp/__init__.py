"""Ledgerline: a self-hosted KPI monitor. Every figure, back to its line."""
