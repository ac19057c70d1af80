"""Streams of programs: ``Authorization: Bearer <token>`` in place of a session. What a token is, a module says.

A token sees one workspace, and of it what its scopes open to reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tongpin.kernel import authz
from tongpin.kernel.tenancy.actor import Actor


@dataclass(frozen=True, slots=True)
class Bearer:
    """``key`` names the secret without telling it: what ``Working`` is asked about."""

    key: str
    actor: Actor

    def opens(self, workspace_id: int | None, subject_type: str) -> bool:
        """Whether the token may hear of things of that type (``app_label.model``) in that workspace."""
        workspace = self.actor.workspace
        if workspace is None or workspace.pk != workspace_id:
            return False
        app = subject_type.partition(".")[0]
        return authz.may_read(self.actor, "workspaces" if app == "tenancy" else app)


#: Gets a secret and the caller's address. Raises Denied where the workspace's security settings keep it out. Blocking.
Opens = Callable[[str, str | None], Bearer | None]
#: Gets keys, gives those that still work. Blocking.
Working = Callable[[Iterable[str]], set[str]]

_opens: Opens | None = None
_working: Working | None = None
#: Events about these end streams at once: ``app_label.model``.
types: frozenset[str] = frozenset()


def register(opens: Opens, working: Working, *, about: Iterable[str]) -> None:
    """Say who a secret is, and whether it still works; ``about`` are the types whose events may end one. Called from
    ``ready()``.
    """
    global _opens, _working, types
    _opens, _working, types = opens, working, frozenset(about)


def open_by(secret: str, ip: str | None) -> Bearer | None:
    """Who comes with this secret; None for nobody. Raises Denied."""
    return _opens(secret, ip) if _opens is not None else None


def still_working(keys: Iterable[str]) -> set[str]:
    """Those of the keys that still open a stream."""
    return _working(keys) if _working is not None else set()
