"""What happens to keys for programs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from tongpin.kernel.events.payloads import event


@event("workspaces.token_created")
@dataclass(frozen=True)
class TokenCreated:
    name: str
    scopes: list[str] = field(default_factory=list)


@event("workspaces.token_revoked")
@dataclass(frozen=True)
class TokenRevoked:
    name: str


@event("workspaces.token_issued")
@dataclass(frozen=True)
class TokenIssued:
    """A workspace token was made. ``role`` is what it may do at most; ``until`` its end, None without one."""

    name: str
    role: str
    scopes: list[str] = field(default_factory=list)
    until: datetime | None = None


@event("workspaces.token_rotated")
@dataclass(frozen=True)
class TokenRotated:
    """A workspace token has a new secret; the one before works for ``grace_hours`` more."""

    name: str
    grace_hours: int = 0
    until: datetime | None = None


@event("workspaces.token_used")
@dataclass(frozen=True)
class TokenUsed:
    """The first use of a token on a day (UTC), and the first from another address."""

    name: str
