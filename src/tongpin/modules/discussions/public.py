"""What higher modules may call."""

from tongpin.modules.discussions.queries import watchers_of
from tongpin.modules.discussions.subjects import followed_by

__all__ = ["followed_by", "watchers_of"]
