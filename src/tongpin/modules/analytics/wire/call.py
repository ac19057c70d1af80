"""What the capture endpoint hands to a protocol, and what it gets back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tongpin.modules.analytics.enums import Refusal
from tongpin.modules.analytics.wire.record import Record


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request whose body has been read.

    Header names are lower-case; ``query`` is decoded and keeps the first of doubles; ``body`` is as it came, at most
    ``limits.BODY`` bytes; ``received_at`` is UTC. ``client_ip`` is the address the endpoint believes the client has
    (behind its proxies), "" if it does not know. ``salt`` is random bytes of the UTC day, the same in every process of
    the server and forgotten afterwards: it makes a visitor's id without a cookie, which nobody can lead back to an
    address later, and signs the token Umami's tracker carries.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime
    client_ip: str = ""
    salt: bytes = b""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A record that cannot be taken, by what is known of it; ``detail`` says in English what is wrong with it. ``row``
    is its place in the request, from 0; whoever leaves a decoded ``Record`` out gives the record's ``uuid`` instead."""

    reason: Refusal
    detail: str
    uuid: str = ""
    event: str = ""
    row: int | None = None


@dataclass(slots=True)
class Hit:
    """What a request said: the key of its source, its records, and those that were not fit."""

    key: str
    records: list[Record] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    dry_run: bool = False
    """The SDK only asks whether the request is well formed: nothing is kept."""
    note: dict[str, str] = field(default_factory=dict)
    """What the protocol itself needs again for its answer."""


class Refused(Exception):
    """A whole request is not taken. ``status`` is what HTTP says of it; a protocol may answer with another."""

    def __init__(self, reason: Refusal, status: int, detail: str, retry_after: int = 0) -> None:
        super().__init__(detail)
        self.reason, self.status, self.detail, self.retry_after = reason, status, detail, retry_after


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back. CORS headers are added by the endpoint."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
