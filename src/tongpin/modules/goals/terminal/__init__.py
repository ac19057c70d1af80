"""``tongpin bet evaluate`` in parts: what its options take, how it reads a file, what it prints, how it refuses.

Needs Django's translations and nothing else of Django: no settings, no database.
"""
