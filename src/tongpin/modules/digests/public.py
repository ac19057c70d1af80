"""What the worker and the other layers above call."""

from __future__ import annotations

from tongpin.modules.digests.actions.queue import CHANNEL
from tongpin.modules.digests.sending import run_once

__all__ = ["CHANNEL", "run_once"]
