"""Conformance: the same questions on every engine, with equal answers."""
