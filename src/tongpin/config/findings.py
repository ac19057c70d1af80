"""What a look at this server can find, and about what."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from django.utils.translation import pgettext_lazy

SUBJECTS = {
    "folder": pgettext_lazy("doctor", "folder"),
    "disk": pgettext_lazy("doctor", "disk"),
    "address": pgettext_lazy("doctor", "address"),
    "processes": pgettext_lazy("doctor", "processes"),
    "database": pgettext_lazy("doctor", "database"),
    "schema": pgettext_lazy("doctor", "schema"),
    "worker": pgettext_lazy("doctor", "worker"),
    "events": pgettext_lazy("doctor", "events"),
    "parked": pgettext_lazy("doctor", "parked events"),
    "inbox": pgettext_lazy("doctor", "inbox of product events"),
    "aside": pgettext_lazy("doctor", "product events set aside"),
    "imports": pgettext_lazy("doctor", "imports of events"),
    "jobs": pgettext_lazy("doctor", "jobs"),
    "outbox": pgettext_lazy("doctor", "outbox"),
    "keys": pgettext_lazy("doctor", "keys"),
    "search": pgettext_lazy("doctor", "search"),
    "store": pgettext_lazy("doctor", "event store"),
    "mail": pgettext_lazy("doctor", "mail server"),
    "directory": pgettext_lazy("doctor", "company directory"),
    "mode": pgettext_lazy("doctor", "mode"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """``subject`` is a key of SUBJECTS; ``hint`` is what to do, empty where nothing needs doing."""

    level: Literal["ok", "warning", "error"]
    subject: str
    message: str
    hint: str = ""

    def to_json(self) -> dict[str, str]:
        return asdict(self)
