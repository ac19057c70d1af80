"""The words of look backs in the reader's language: what the engine and the reader of series say by code.

Needs only Django's translations, no database, so that the command line says the same as the screens.
"""
