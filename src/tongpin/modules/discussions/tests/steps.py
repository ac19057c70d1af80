"""What the tests of this module do again and again."""

from __future__ import annotations

from typing import Any

import pytest

from tongpin.kernel.actions.registry import Action
from tongpin.kernel.errors import Denied, NotFound
from tongpin.kernel.events.models import Event
from tongpin.kernel.files.models import StoredFile
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.discussions.models import Comment, CommentVersion, Discussion, Nudge, Reaction, Watch
from tongpin.modules.notifications.models import Notification

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


def inbox() -> list[tuple[str, str, str, str]]:
    """Recipient, kind, title, body of every line there is."""
    rows = Notification.objects.filter(kind__startswith="discussions.").select_related("recipient__user")
    return [(row.recipient.user.name, row.kind, row.title, row.body) for row in rows.order_by("pk")]
