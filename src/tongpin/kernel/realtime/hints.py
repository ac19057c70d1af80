"""Telling people's open pages that something of theirs changed, without a line in the event stream.

For what is news to nobody: a notification read on the phone is read on the desk as well. The hint is not kept; a page
that misses it shows the change when it is next loaded.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership

CHANNEL = "tongpin_own"


@dataclass(frozen=True, slots=True)
class OwnHint:
    """Something of one user's, in one workspace: ``subject`` is a type, or ``type:id``."""

    user_id: int
    slug: str
    subject: str


def tell(actor: Actor, subject: str) -> None:
    """Hint at ``subject`` on every page this person has open in the workspace, when the transaction commits."""
    if actor.user is None or actor.workspace is None:
        return
    _notify([(actor.user.pk, actor.workspace.slug)], subject)


def tell_each(members: Iterable[Membership], subject: str) -> None:
    """``tell`` for each of these members, all of whom may see it; their ``workspace`` is loaded."""
    _notify([(member.user_id, member.workspace.slug) for member in members], subject)


def pass_to(hint: OwnHint) -> None:
    """The same for one person, by what is known of them."""
    _notify([(hint.user_id, hint.slug)], hint.subject)


def _notify(to: list[tuple[int, str]], subject: str) -> None:
    said = [json.dumps([user_id, slug, subject]) for user_id, slug in to]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, said) FROM unnest(%s::text[]) AS said", [CHANNEL, said])


def heard(payload: str) -> OwnHint:
    """What ``tell`` sent."""
    user_id, slug, subject = json.loads(payload)
    return OwnHint(user_id, slug, subject)
