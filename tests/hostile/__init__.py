"""Hostile, broken and odd files, made by code so that nothing harmful lies in the repository."""
