"""The statements of every engine, written down: they change on purpose only. `python -m tests.golden` writes them."""
