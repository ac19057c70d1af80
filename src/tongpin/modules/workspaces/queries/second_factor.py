"""What people have set up to sign in with beside a password."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator

from tongpin.kernel.tenancy import entry
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership, User

Kind = Authenticator.Type


@dataclass(frozen=True, slots=True)
class Passkey:
    """``mark`` names it in addresses."""

    row: Authenticator
    name: str
    mark: str


@dataclass(frozen=True, slots=True)
class SetUp:
    """One person's second factors; the passkeys oldest first."""

    app: Authenticator | None
    passkeys: list[Passkey]
    codes_left: int

    @property
    def is_on(self) -> bool:
        """Whether signing in asks for a second step."""
        return self.app is not None or bool(self.passkeys)


def set_up(user: User) -> SetUp:
    """What the person has."""
    rows = list(Authenticator.objects.filter(user=user).order_by("pk"))
    return SetUp(
        app=next((row for row in rows if row.type == Kind.TOTP), None),
        passkeys=[Passkey(row, row.data["name"], mark(row)) for row in rows if row.type == Kind.WEBAUTHN],
        codes_left=sum(_left(row) for row in rows if row.type == Kind.RECOVERY_CODES),
    )


@dataclass(frozen=True, slots=True)
class Without:
    """Active members who have no second step: the first few by name, how many there are, and of how many."""

    some: list[Membership]
    count: int
    of: int
    own: bool  # whether the reader is one of them

    @property
    def more(self) -> int:
        return self.count - len(self.some)


def members_without(actor: Actor, limit: int = 20) -> Without:
    """Whom requiring a second step would keep out of the actor's workspace until they set one up."""
    rows = Membership.objects.visible_to(actor).active().filter(user__is_active=True)
    having = Authenticator.objects.filter(type__in=entry.SECOND_FACTORS).values("user")
    lacking = rows.exclude(user__in=having)
    return Without(
        some=list(lacking.select_related("user").order_by("user__name", "pk")[:limit]),
        count=lacking.count(),
        of=rows.count(),
        own=lacking.filter(user=actor.user).exists(),
    )


def mark(row: Authenticator) -> str:
    """A name for an authenticator that tells nothing of the database."""
    return hashlib.sha256(f"tongpin.authenticator:{row.pk}:{row.created_at}".encode()).hexdigest()[:20]


def codes_left(user: User) -> int:
    """How many recovery codes have not been used."""
    return sum(map(_left, Authenticator.objects.filter(user=user, type=Kind.RECOVERY_CODES)))


def _left(row: Authenticator) -> int:
    """From the row alone: counting them must not need the key they are kept with."""
    used: int = row.data["used_mask"]
    return int(app_settings.RECOVERY_CODE_COUNT) - used.bit_count()
