"""The link by which whoever holds a mail ends such mails, without signing in: it can do nothing else.

It does not run out: a mail may be opened years later. It names the member, and the kind of news it came with.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.urls import reverse

from tongpin.kernel.actions.door import Undo
from tongpin.kernel.errors import NotFound
from tongpin.kernel.mail.compose import absolute
from tongpin.kernel.news import Kind, kinds
from tongpin.kernel.tenancy.models import Membership

SALT = "notifications.unsubscribe"
UNDO_SALT = "notifications.unsubscribe.undo"
UNDO_AGE = 24 * 3600  # seconds


@dataclass(frozen=True, slots=True)
class Link:
    """Whose mails it ends; ``kind`` is what the mail told of, None for a digest."""

    member: Membership
    kind: Kind | None


def address(member: Membership, kind: Kind | None = None) -> str:
    """The whole address for a mail to this member."""
    token = signing.dumps([member.public_id.hex, kind.key if kind else ""], salt=SALT)
    return absolute(reverse("notifications:unsubscribe", args=[token]))


def undo_token(link: Link, call: Undo) -> str:
    """The call that takes it back, for the page that says it was done; good for a day."""
    return signing.dumps([link.member.public_id.hex, call.action, call.data], salt=UNDO_SALT)


def read_undo(link: Link, token: str) -> tuple[str, dict[str, Any]]:
    """The action and its data. Raises NotFound for what was not made here for this member."""
    try:
        member_id, name, data = signing.loads(token, salt=UNDO_SALT, max_age=UNDO_AGE)
    except (signing.BadSignature, ValueError):
        raise NotFound from None
    if member_id != link.member.public_id.hex:
        raise NotFound
    return name, data


def read(token: str) -> Link:
    """What a link's token says. Raises NotFound for one that was not made here, or whose member is gone."""
    try:
        member_id, kind = signing.loads(token, salt=SALT)
        member = (
            Membership.objects.select_related("user", "workspace")
            .filter(public_id=uuid.UUID(member_id), workspace__deleted_at=None)
            .first()
        )
    except (signing.BadSignature, ValueError):
        raise NotFound from None
    if member is None:
        raise NotFound
    return Link(member, kinds().get(kind))
