"""What a member answers for and can hand to another: every module says so of its own rows, in ``apps.ready()``.

    ownership.register(Owned("workspaces.projects", _("Projects led"), "folder", led_by, give_project,
                             undone_by="workspaces.project.set_members"))

Authorship is not ownership: what somebody wrote keeps their name. ``workspaces.member.hand_over`` moves what is here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from tongpin.kernel.actions.door import Outcome
from tongpin.kernel.errors import Text
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership


@dataclass(frozen=True, slots=True)
class Owned:
    """One kind of thing. ``rows(actor, member)`` are the member's, of a type registered in ``kernel.objects`` and with
    what its card needs; ``give(actor, row, member)`` runs the action that makes the member its owner, whose inverse is
    the action named ``undone_by``. ``give`` may raise any DomainError.
    """

    key: str
    label: Text
    icon: str
    rows: Callable[[Actor, Membership], Iterable[Any]]
    give: Callable[[Actor, Any, Membership], Outcome[Any]]
    undone_by: str


_kinds: dict[str, Owned] = {}


def register(kind: Owned) -> None:
    """Add a kind; the same key again replaces it."""
    _kinds[kind.key] = kind


def kinds() -> dict[str, Owned]:
    """Every kind by key, in the order they were registered."""
    return dict(_kinds)
