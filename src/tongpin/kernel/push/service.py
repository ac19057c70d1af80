"""Handing a message to a browser's push service: its address came from a browser and is called like any stranger's."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parseaddr
from enum import StrEnum

import requests
from django.conf import settings

from tongpin.kernel import clock, http
from tongpin.kernel.push import keys, wire

TOTAL = 10.0  # seconds of one call
LONGEST_ANSWER = 16 * 1024  # bytes
LONGEST_WAIT = 3600.0  # seconds


class Verdict(StrEnum):
    """What became of a push: taken; the browser is not there any more; later; never in this form."""

    TAKEN = "taken"
    GONE = "gone"
    LATER = "later"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """``wait``: seconds the service asks for; ``said``: why not, without the browser's address."""

    verdict: Verdict
    said: str = ""
    wait: float = 0.0


def post(endpoint: str, p256dh: str, auth: str, message: bytes, *, topic: str, ttl: int) -> Answer:
    """Hand ``message`` over. A waiting one of the same ``topic`` (32 characters of base64url) is replaced; after
    ``ttl`` seconds the service forgets it. Raises ``keyring.KeyLost``.
    """
    try:
        body = wire.encrypt(message, p256dh, auth)
    except ValueError as error:
        return Answer(Verdict.REFUSED, str(error))
    headers = {
        "Authorization": wire.authorization(endpoint, keys.private(), contact(), clock.now()),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(ttl),
        "Topic": topic,
        "Urgency": "high",
    }
    try:
        with http.session(settings.PUSH_HOSTS, limit=LONGEST_ANSWER, total=TOTAL) as web:
            answer = web.post(endpoint, data=body, headers=headers, allow_redirects=False)
    except (http.Refused, requests.exceptions.InvalidURL) as error:
        return Answer(Verdict.GONE, type(error).__name__)
    except requests.exceptions.RequestException as error:
        return Answer(Verdict.LATER, type(error).__name__)
    return _read(answer)


def contact() -> str:
    """Where a push service reaches who runs this server; Apple's refuses an address that is none."""
    site: str = settings.SITE_URL
    return site if site.startswith("https://") else f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}"


def _read(answer: requests.Response) -> Answer:
    status = answer.status_code
    said = f"{status} {answer.content[:200].decode('utf-8', 'replace')}".strip()
    if 200 <= status < 300:
        return Answer(Verdict.TAKEN)
    # 401 and 403: it was subscribed with another key than this server's, and never will take one of ours.
    if status in (401, 403, 404, 410):
        return Answer(Verdict.GONE, said)
    if status == 429 or status >= 500:
        wait = answer.headers.get("Retry-After", "")
        seconds = float(wait) if wait.isascii() and wait.isdigit() and len(wait) < 9 else 0.0
        return Answer(Verdict.LATER, said, min(seconds, LONGEST_WAIT))
    return Answer(Verdict.REFUSED, said)
