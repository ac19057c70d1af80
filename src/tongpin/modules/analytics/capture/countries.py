"""In which country an address was given out, by the registries' own lists (ADR 19). No request leaves the server."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from iptocc import country_code

_CODE = re.compile(r"[A-Z]{2}\Z")
_NOWHERE = frozenset({"XX", "T1", "EU", "AP", "ZZ"})  # what CDNs and registries write where they do not know


def of_address(address: object) -> str:
    """The ISO 3166-1 code, "" for what is no public address or in no list."""
    if not isinstance(address, str) or not address:
        return ""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return told(country_code(str(ip)))


def told(said: Any) -> str:
    """A code as a header or an event says it; "" for what is none."""
    code = said.strip().upper() if isinstance(said, str) else ""
    return code if _CODE.match(code) and code not in _NOWHERE else ""
