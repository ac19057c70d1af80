"""What the tests of this module do again and again."""

from __future__ import annotations

from typing import Any

import pytest

from tongpin.kernel.actions.registry import Action
from tongpin.kernel.errors import Denied, NotFound
from tongpin.kernel.events.models import Event
from tongpin.kernel.files.models import StoredFile
from tongpin.kernel.mail.models import OutboxMail
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.discussions.models import Comment, CommentVersion, Discussion, Nudge, Reaction, Watch

WATCHED = (Discussion, Comment, CommentVersion, Reaction, Watch, Nudge, Event, StoredFile)


def denied(action: Action[Any], actor: Actor, data: dict[str, Any] | None = None, target: Any = None) -> None:
    """The action is refused to this actor, and no row, event or file changed."""
    before = snapshot()
    with pytest.raises((Denied, NotFound)):
        action.run(actor, data or {}, target=target)
    assert snapshot() == before


def snapshot() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in WATCHED]


def mention(member: Any) -> str:
    return f"@[{member.user.name}](member:{member.public_id})"


def told() -> list[tuple[str, str]]:
    """Name and subject of every mail there is about discussions: each kind goes to the inbox and by mail."""
    rows = OutboxMail.objects.filter(key__startswith="notification:").order_by("pk")
    return [(row.to.partition("@")[0].title(), row.subject) for row in rows if "店长端" in row.subject]


def forget() -> None:
    OutboxMail.objects.all().delete()
