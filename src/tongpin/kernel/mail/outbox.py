"""Putting a mail into the outbox, in the caller's transaction: if that is rolled back, nothing is sent."""

from __future__ import annotations

import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection
from django.utils.translation import get_language

from tongpin.kernel.mail.models import OutboxMail

SUBJECT_MAX = 250
CHANNEL = "tongpin_mail"  # a NOTIFY wakes the worker


def send(
    to: str,
    subject: str,
    text: str,
    html: str | None = None,
    key: str | None = None,
    *,
    language: str | None = None,
    unsubscribe: str = "",
    picture: bytes | None = None,
) -> OutboxMail:
    """Queue one mail to one address. With a ``key``, a second call of the same key returns the first mail.

    ``language`` is that of the text (default: the active one). ``unsubscribe`` is the address at which a POST without a
    cookie ends such mails (RFC 8058). ``picture`` is a PNG that ``html`` shows as
    ``cid:picture``. Line breaks and control characters in the subject become spaces.
    Raises ValueError if ``to`` is not a plain address.
    """
    address = to.strip()
    try:
        validate_email(address)
    except ValidationError:
        raise ValueError("not an e-mail address") from None
    values = {
        "to": address,
        "subject": one_line(subject),
        "text": text,
        "html": html or "",
        "language": language or get_language() or "en",
        "unsubscribe": unsubscribe,
        "picture": picture,
    }
    if key is None:
        mail = OutboxMail.objects.create(**values)
    else:
        mail, fresh = OutboxMail.objects.get_or_create(key=key, defaults=values)
        if not fresh:
            return mail
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
    return mail


def one_line(text: str) -> str:
    """``text`` as one header line: no control characters, single spaces, at most SUBJECT_MAX characters."""
    plain = "".join(" " if _breaks(char) else char for char in text)
    line = " ".join(plain.split())
    return line if len(line) <= SUBJECT_MAX else line[: SUBJECT_MAX - 1] + "…"


def _breaks(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Zl", "Zp", "Cs"}
