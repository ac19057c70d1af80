"""Reads of this module, one file a noun."""
