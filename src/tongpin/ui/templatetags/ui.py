"""The components as template tags, from ``ui/tags``. A builtin library: templates need no ``{% load %}``."""

from tongpin.ui.tags import containers, drawing, fields, lists, people, states
from tongpin.ui.tags.library import register

__all__ = ["containers", "drawing", "fields", "lists", "people", "register", "states"]
