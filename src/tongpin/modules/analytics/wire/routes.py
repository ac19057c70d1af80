"""Which protocol speaks at an address.

The endpoint asks ``find`` before Django sees the request. The addresses are those built into the SDKs, so some lie
beside Django's own (``/api/send`` beside ``/api/v1/…``, ``/static/1.449.2/surveys.js`` beside ``/static/…``): only
exact ones are taken, and whatever ``find`` does not know is Django's. A preflight (``OPTIONS``) is the endpoint's to
answer wherever ``find`` knows the address.
"""

from __future__ import annotations

from collections.abc import Mapping

from tongpin.modules.analytics.wire.protocol import Protocol

#: Path without its last slash → method → protocol.
EXACT: Mapping[str, Mapping[str, Protocol]] = {}


def find(method: str, path: str) -> Protocol | None:
    """The protocol of ``path`` (decoded, without the query; a slash at its end does not matter) for ``method``; for
    ``OPTIONS`` and ``HEAD`` any that the path has. None: not an SDK's address."""
    spoken = EXACT.get(path.rstrip("/"))
    if spoken is None:
        return None
    if method in {"OPTIONS", "HEAD"}:
        return next(iter(spoken.values()))
    return spoken.get(method)
