"""Refusals: a call that is turned away leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tongpin.kernel.actions.registry import Action
from tongpin.kernel.errors import Denied, DomainError, NotFound
from tongpin.kernel.events.models import Event
from tongpin.kernel.mail.models import OutboxMail
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership, OldSlug, User, Workspace
from tongpin.modules.workspaces.models import (
    Acceptance,
    ApiToken,
    Department,
    DepartmentMember,
    DomainAccess,
    Invitation,
    MarkedDay,
    MemberImport,
    MemberImportRow,
    OldProjectKey,
    Project,
    ProjectMember,
    ProjectPin,
    WorkCalendar,
)

PLACES = (Project, OldProjectKey, ProjectMember, ProjectPin, Department, DepartmentMember)
CALENDAR = (WorkCalendar, MarkedDay)
IMPORTS = (MemberImport, MemberImportRow, DomainAccess)
WATCHED = (
    User, Workspace, OldSlug, Membership, Invitation, Acceptance, ApiToken, *PLACES, *CALENDAR, *IMPORTS,
    Event, OutboxMail,
)  # fmt: skip


def snapshot() -> dict[str, list[dict[str, Any]]]:
    """Every row this module could write."""
    return {model.__name__: list(model._base_manager.order_by("pk").values()) for model in WATCHED}


def unchanged(call: Callable[[], Any], *errors: type[DomainError]) -> None:
    """The call raises one of the errors and changes no row."""
    before = snapshot()
    with pytest.raises(errors or (Denied, NotFound)):
        call()
    assert snapshot() == before


def denied(action: Action[Any], actor: Actor, data: dict[str, Any] | None = None, target: Any = None) -> None:
    """The action is refused to this actor and nothing changed."""
    unchanged(lambda: action.run(actor, data or {}, target=target))
