"""How soon a robot may send again, under limits that hold for any stretch of time of a length.

A bucket of tokens would let nearly twice the limit through around a full bucket; vendors count the last minute. So the
instants are kept, and each is the latest at which the vendor can have got the message.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from tongpin.modules.digests.vendors.base import Limit

MARGIN = timedelta(milliseconds=500)
"""The vendor's clock and ours do not tick together."""


def free_at(limits: Sequence[Limit], sent: Sequence[datetime], now: datetime) -> datetime:
    """When the next message may leave: ``now``, or later."""
    at = now
    for limit in limits:
        span = timedelta(seconds=limit.seconds) + MARGIN
        lately = sorted(then for then in sent if then > now - span)
        if len(lately) >= limit.count:
            at = max(at, lately[-limit.count] + span)
    return at


def room(limits: Sequence[Limit], sent: Sequence[datetime], now: datetime) -> int:
    """How many messages may leave at once."""
    return max(0, min(limit.count - len(_within(limit, sent, now)) for limit in limits))


def kept(limits: Sequence[Limit], sent: Sequence[datetime], now: datetime) -> list[datetime]:
    """The instants that still count."""
    longest = max(limits, key=lambda limit: limit.seconds)
    return _within(longest, sent, now)


def _within(limit: Limit, sent: Sequence[datetime], now: datetime) -> list[datetime]:
    span = timedelta(seconds=limit.seconds) + MARGIN
    return sorted(then for then in sent if then > now - span)
