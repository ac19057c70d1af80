"""The person behind an account action."""

from __future__ import annotations

from tongpin.kernel.errors import Denied
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import User


def person_of(actor: Actor) -> User:
    """Who acts. Raises Denied for the server itself, which has no account."""
    if actor.user is None:
        raise Denied
    return actor.user
