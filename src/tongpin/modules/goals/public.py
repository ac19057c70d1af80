"""What higher tiers may call."""

from __future__ import annotations

from tongpin.modules.goals.queries import has_result, lookbacks

__all__ = ["has_result", "lookbacks"]
