"""What a workspace asks of everyone who enters it, whatever their role: its security settings.

``Actor.in_workspace`` asks at every page, the API at every call, the live stream at every hint. The command line and
the server itself are let in: whoever runs them can read the database anyway, and mend what shut people out.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import lru_cache

from allauth.mfa.models import Authenticator
from django.utils.translation import gettext_lazy as _

from tongpin.kernel.errors import Denied
from tongpin.kernel.tenancy.models import User, Workspace

#: What counts as a second step; recovery codes only stand in for one.
SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class Kept(Denied):
    """A member whom the workspace's security settings keep out; ``workspace`` and ``user`` are for the audit log."""

    workspace: Workspace
    user: User | None = None


class SecondFactorMissing(Kept):
    """The workspace asks for a second step, and this person has none set up."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        super().__init__(
            _("%(name)s asks for two-step sign-in.") % {"name": workspace.name},
            code="second_factor_missing",
            hint=_("Set it up on your Security page, then come back."),
        )


class AddressNotAllowed(Kept):
    """The workspace lets people in from certain networks only, and this address is in none of them."""

    def __init__(self, workspace: Workspace, ip: str | None) -> None:
        self.workspace = workspace
        super().__init__(
            _("%(name)s is not open to your address, %(address)s.")
            % {"name": workspace.name, "address": ip or "?"},
            code="address_not_allowed",
            hint=_("Use your company's network or VPN, or ask an owner or admin of the workspace."),
        )


@lru_cache(maxsize=256)
def _networks(texts: tuple[str, ...]) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(text) for text in texts)


def lets_in(networks: Iterable[str], ip: str | None) -> bool:
    """Whether an address lies in one of the networks, or there are none. An unknown address lies in none."""
    known = _networks(tuple(networks))
    if not known:
        return True
    try:
        address = ipaddress.ip_address(ip or "")
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped  # how a socket of both families names an IPv4 client
    return any(address in network for network in known)


def with_second_factor(user_ids: Iterable[int]) -> set[int]:
    """Those of these people who have a second step set up."""
    rows = Authenticator.objects.filter(user__in=set(user_ids), type__in=SECOND_FACTORS)
    return set(rows.values_list("user_id", flat=True))


def require(workspace: Workspace, user: User | None, *, ip: str | None) -> None:
    """Raise one of ``Kept`` where the workspace's settings keep this person out at this address.

    A workspace token has no second step: its secret is all there is of it.
    """
    try:
        if not lets_in(workspace.allowed_networks, ip):
            raise AddressNotAllowed(workspace, ip)
        asked = workspace.second_factor_required and user is not None and not user.is_token
        if asked and user is not None and not with_second_factor([user.pk]):
            raise SecondFactorMissing(workspace)
    except Kept as error:
        error.user = user
        raise
