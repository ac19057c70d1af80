"""Writing a mail: three templates in the reader's language and time zone, inside the brand's frame.

``message(user, "workspaces/mail/invitation", {...})`` renders ``….subject.txt``, ``….txt``, ``….html``.
The text extends ``mail/base.txt`` (block ``body``), the HTML ``mail/base.html`` (``heading``, ``body``,
``action``). Both show the block ``why``: why the reader gets this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template import Context
from django.template.loader import get_template, render_to_string
from django.utils import timezone, translation

from tongpin.kernel.mail import outbox
from tongpin.kernel.mail.models import OutboxMail
from tongpin.kernel.tenancy.models import User


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a mail is for, account or not. ``language`` is a code of LANGUAGES, ``time_zone`` an IANA name."""

    email: str
    language: str
    time_zone: str = "UTC"
    name: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A written mail."""

    to: str
    subject: str
    text: str
    html: str
    language: str

    def send(
        self, key: str | None = None, *, unsubscribe: str = "", picture: bytes | None = None
    ) -> OutboxMail:
        """Put it into the outbox (``outbox.send``)."""
        return outbox.send(
            self.to, self.subject, self.text, self.html, key,
            language=self.language, unsubscribe=unsubscribe, picture=picture,
        )  # fmt: skip


def message(reader: User | Reader, template: str, context: dict[str, Any]) -> Message:
    """Write the mail ``template`` for a person. ``context`` gets ``reader`` and ``site_url`` added.

    Links in ``context`` may be paths; ``absolute`` makes them whole.
    """
    given = {"reader": reader, "site_url": settings.SITE_URL, **context}
    with translation.override(reader.language), timezone.override(ZoneInfo(reader.time_zone)):
        subject = _plain(f"{template}.subject.txt", given)
        text = _plain(f"{template}.txt", given)
        html = render_to_string(f"{template}.html", {**given, "lang": _tag(reader.language)})
    return Message(reader.email, outbox.one_line(subject), text.strip() + "\n", html, reader.language)


def absolute(path: str) -> str:
    """The address a mail's reader can follow: ``path`` on this site; a whole address stays as it is."""
    return path if "://" in path else f"{settings.SITE_URL}{path}"


def _plain(template: str, given: dict[str, Any]) -> str:
    """Rendered as text: nothing is escaped for HTML."""
    chosen = get_template(template).template  # type: ignore[attr-defined]
    return str(chosen.render(Context(given, autoescape=False)))


def _tag(language: str) -> str:
    """The language as HTML writes it: zh-Hans for zh-hans."""
    head, _, script = language.partition("-")
    return f"{head}-{script.capitalize()}" if script else head
