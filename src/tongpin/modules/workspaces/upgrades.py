"""Asking whether there is a newer version, where the server's owner wants that (``TONGPIN_UPGRADE_FEED``).

One GET a day. It tells the other side this server's address and the version it runs, in ``User-Agent``; nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import requests
from django.conf import settings

from tongpin.kernel import http
from tongpin.kernel.upkeep import contacts

CONTACT = "upgrade"
LONGEST_ANSWER = 1024 * 1024  # bytes
TOTAL = 15.0  # seconds
_VERSION = re.compile(r"v?(\d{1,6}(?:\.\d{1,6}){0,3})")


@dataclass(frozen=True, slots=True)
class Newest:
    """What was told last: ``version`` is "" before anything was; ``url`` leads to what is new, "" without one."""

    version: str
    url: str
    at: datetime | None
    error: str

    @property
    def is_newer(self) -> bool:
        """Whether it is newer than what this server runs."""
        return bool(self.version) and _parts(self.version) > _parts(settings.VERSION)


def check() -> None:
    """Ask, and write down what was said, or why nothing was."""
    address = settings.UPGRADE_FEED
    if not address:
        return
    try:
        with http.session([host()], limit=LONGEST_ANSWER, total=TOTAL) as web:
            answer = web.get(address, headers={"Accept": "application/json"})
            answer.raise_for_status()
            told = answer.json()
        version, url = str(told["tag_name"]), str(told.get("html_url") or "")
    except requests.exceptions.HTTPError as error:
        contacts.note(CONTACT, error=f"HTTP {error.response.status_code}")
    except (requests.exceptions.JSONDecodeError, KeyError, TypeError, AttributeError):
        contacts.note(CONTACT, error="no JSON with tag_name")
    except requests.exceptions.RequestException as error:
        contacts.note(CONTACT, error=str(error) if isinstance(error, http.Refused) else type(error).__name__)
    else:
        found = _VERSION.fullmatch(version)
        if found is None:
            contacts.note(CONTACT, error=f"“{version[:40]}” is no version")
            return
        is_web = urlsplit(url).scheme in {"http", "https"}
        contacts.note(CONTACT, facts={"version": found[1], "url": url[:500] if is_web else ""})


def newest() -> Newest:
    """What was told last, and when it was asked last."""
    row = contacts.last(CONTACT)
    failed = row.bad_at is not None and (row.good_at is None or row.bad_at > row.good_at)
    return Newest(
        version=row.facts.get("version", ""),
        url=row.facts.get("url", ""),
        at=row.bad_at if failed else row.good_at,
        error=row.words if failed else "",
    )


def host() -> str:
    """Whom it asks; "" for nobody."""
    return urlsplit(settings.UPGRADE_FEED).hostname or ""


def _parts(version: str) -> tuple[int, ...]:
    """0.10 is newer than 0.9, and 1.0 is 1.0.0. A development version counts as the one it leads to."""
    found = _VERSION.match(version)
    given = [int(part) for part in found[1].split(".")] if found else []
    return tuple([*given, 0, 0, 0, 0][:4])
