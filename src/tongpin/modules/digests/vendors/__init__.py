"""The vendors whose group robots are sent to, and which of them an address belongs to."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from tongpin.kernel.errors import Invalid
from tongpin.modules.digests.enums import VendorName
from tongpin.modules.digests.vendors import dingtalk, feishu, slack, wecom
from tongpin.modules.digests.vendors.base import Vendor

VENDORS: dict[str, Vendor] = {
    VendorName.FEISHU: feishu,
    VendorName.DINGTALK: dingtalk,
    VendorName.WECOM: wecom,
    VendorName.SLACK: slack,
}
#: The part of the address that must be there: a path that goes on, or a query with this name.
_KEYS = {VendorName.FEISHU: "", VendorName.DINGTALK: "access_token", VendorName.WECOM: "key"}


def vendor_of(address: str) -> VendorName:
    """Whose robot this address is. Raises Invalid (address) for one that is none, saying which part is missing."""
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    if not host or "@" in parts.netloc or any(sign.isspace() for sign in address):
        raise _wrong(_("This is not a web address. Copy the robot’s address from the group’s settings."))
    own = host in settings.ROBOT_HOSTS
    if parts.scheme != "https" and not (own and parts.scheme == "http"):
        raise _wrong(_("The address of a robot begins with https://."))
    for name, module in (
        (VendorName.FEISHU, feishu),
        (VendorName.DINGTALK, dingtalk),
        (VendorName.WECOM, wecom),
    ):
        if host in module.HOSTS:
            key = _KEYS[name]
            whole = parts.path.startswith(module.PATH) and (
                key in parse_qs(parts.query) if key else len(parts.path) > len(module.PATH)
            )
            if not whole or port not in (None, 443):
                raise _wrong(
                    _(
                        "This is not the whole address of a %(vendor)s robot. Copy it again from the group’s settings."
                    )
                    % {"vendor": name.label}
                )
            return name
    return VendorName.SLACK


def _wrong(message: str) -> Invalid:
    return Invalid(message, field="address", code="bad_address")
