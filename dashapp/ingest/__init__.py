"""Bytes to checked, tidy rows. The parser runs in a sandboxed child; `dashapp.ingest.sandbox` is the way in."""
