"""Who of the company's directory (LDAP) has an account here, held against who is in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from allauth.socialaccount.models import SocialAccount

from tongpin.modules.workspaces.ldap import PROVIDER
from tongpin.modules.workspaces.ldap.directory import Entry

#: So many may go at once, or so great a part of all (one in ...), without anyone asking.
FEW, PART = 5, 5


@dataclass(frozen=True, slots=True)
class Plan:
    """``gone`` are to lose their access, ``back`` to get it again; ``linked`` counts those who have access now."""

    linked: int
    gone: list[SocialAccount]
    back: list[SocialAccount]

    @property
    def too_many(self) -> bool:
        return len(self.gone) > max(FEW, self.linked // PART)


def plan(entries: Iterable[Entry]) -> Plan:
    """Whose access ends or comes back. The server's owner keeps theirs: somebody must be able to mend the setup."""
    there = {entry.uid for entry in entries if not entry.disabled}
    rows = list(SocialAccount.objects.filter(provider=PROVIDER).select_related("user").order_by("pk"))
    active = [row for row in rows if row.user.is_active and not row.user.owns_server]
    return Plan(
        linked=len(active),
        gone=[row for row in active if row.uid not in there],
        back=[
            row for row in rows if row.uid in there and not row.user.is_active and "ended" in row.extra_data
        ],
    )
