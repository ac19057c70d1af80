"""What higher modules may call."""

from tongpin.modules.relations.queries import linked_with

__all__ = ["linked_with"]
