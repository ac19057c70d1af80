"""One door for every write: see ``door`` for what it does and ``action`` for how to make one."""

from tongpin.kernel.actions.door import Outcome, Undo
from tongpin.kernel.actions.registry import Action, Empty, action, registry

__all__ = ["Action", "Empty", "Outcome", "Undo", "action", "registry"]
