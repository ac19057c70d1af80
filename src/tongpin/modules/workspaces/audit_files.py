"""The audit log as a file, written while it is sent."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from tongpin.kernel.tenancy.enums import Via
from tongpin.kernel.tenancy.models import User
from tongpin.lib import sheet
from tongpin.modules.workspaces.queries.audit import Entry


def as_csv(entries: Iterable[Entry]) -> Iterator[str]:
    """With a head in the reader's language. Times are UTC (ISO 8601)."""
    return sheet.written(_rows(entries))


def _rows(entries: Iterable[Entry]) -> Iterator[list[str]]:
    yield [
        _("Time"), _("Who"), _("E-mail address"), _("What"), _("Thing"), _("Through"), _("IP address"),
        _("Browser"), _("Action"), _("Event"), _("Details"),
    ]  # fmt: skip
    for entry in entries:
        event = entry.event
        yield [
            event.at.isoformat(timespec="seconds"),
            event.actor.get_short_name() if event.actor else "",
            event.actor.email if event.actor and not event.actor.is_token else "",
            entry.said,
            entry.card.title if entry.card else "",
            str(Via(event.via).label),
            event.ip or "",
            event.agent,
            event.action,
            event.name,
            json.dumps(event.payload, ensure_ascii=False),
        ]


def as_json_lines(entries: Iterable[Entry]) -> Iterator[str]:
    """One object a line, for programs: codes rather than words."""
    for entry in entries:
        event = entry.event
        row = {
            "id": str(event.uid),
            "at": event.at.isoformat(),
            "actor": _actor(event.actor) if event.actor else None,
            "via": event.via,
            "ip": event.ip,
            "agent": event.agent,
            "action": event.action,
            "event": event.name,
            "v": event.v,
            "subject": {"type": event.subject_type, "id": str(event.subject_id)},
            "changed": event.changed,
            "payload": event.payload,
        }
        yield json.dumps(row, ensure_ascii=False) + "\n"


def _actor(user: User) -> dict[str, str | None]:
    """Who did it, as a program reads it; a workspace token has no address."""
    kind, email = ("token", None) if user.is_token else ("person", user.email)
    return {"id": str(user.public_id), "kind": kind, "name": user.name, "email": email}
