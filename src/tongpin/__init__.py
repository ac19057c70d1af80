"""Tongpin 同频: one workspace where product and operations work to the same numbers."""

__version__ = "0.1.0"
