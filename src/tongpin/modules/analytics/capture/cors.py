"""Letting pages of any site send. Which sites a source takes is its rules' business; no cookie is ever read here."""

from __future__ import annotations

import re
from collections.abc import Mapping

Headers = list[tuple[bytes, bytes]]

METHODS = b"GET, POST, OPTIONS"
ALLOWED = b"content-type, content-encoding, authorization, x-umami-cache, x-retry-count, posthog-sdk-info"
A_DAY = b"86400"
_NAMES = re.compile(r"[A-Za-z0-9_, -]{1,1000}")


def answering(headers: Mapping[str, str]) -> Headers:
    """For an answer: its page may read it, and may show an image in a document that isolates itself."""
    found = [(b"cross-origin-resource-policy", b"cross-origin")]
    origin = headers.get("origin", "")
    if origin:
        found += [
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-allow-credentials", b"true"),
            (b"access-control-expose-headers", b"retry-after"),
            (b"vary", b"Origin"),
        ]
    return found


def preflight(headers: Mapping[str, str]) -> Headers:
    """For ``OPTIONS``: whatever headers it asks for are allowed, and it need not ask again for a day."""
    asked = headers.get("access-control-request-headers", "")
    allowed = asked.encode() if _NAMES.fullmatch(asked) else ALLOWED
    return [
        *answering(headers),
        (b"access-control-allow-methods", METHODS),
        (b"access-control-allow-headers", allowed),
        (b"access-control-max-age", A_DAY),
    ]
