"""How mail leaves this machine: an SMTP server, or, where none is configured, the worker's log."""

from __future__ import annotations

import email.policy
import smtplib
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.headerregistry import Address, HeaderRegistry, UniqueUnstructuredHeader
from email.message import EmailMessage, Message
from email.policy import Policy
from email.utils import format_datetime, parseaddr
from typing import Protocol
from urllib.parse import unquote, urlsplit

from django.conf import settings

from tongpin.kernel.mail.models import OutboxMail

TIMEOUT_S = 15.0


class _Whole(UniqueUnstructuredHeader):
    """A header with an address in it: folded, a long one would be written as encoded words, which no reader follows."""

    name: str  # BaseHeader's: the registry puts it below

    def fold(self, *, policy: Policy[Message]) -> str:
        return f"{self.name}: {self}{policy.linesep}"


HEADERS = HeaderRegistry()
HEADERS.map_to_type("list-unsubscribe", _Whole)  # type: ignore[arg-type]
POLICY = email.policy.SMTP.clone(header_factory=HEADERS)  # refuses a line break in any header


class Refused(Exception):
    """The server will never take this mail (a 5xx answer to it)."""


class Unreachable(Exception):
    """The server cannot be used at all now: no connection, no sign-in, gone in between."""


class Deferred(Exception):
    """The server wants this mail later (a 4xx answer to it)."""


class Transport(Protocol):
    def send(self, mail: OutboxMail) -> None:
        """Hand one mail over. Raises Refused, Deferred or Unreachable."""


@contextmanager
def opened(address: str | None = None) -> Iterator[Transport]:
    """The transport of ``settings.MAIL_TRANSPORT``, connected on first use and closed at the end."""
    url = address if address is not None else settings.MAIL_TRANSPORT
    if not url:
        yield Console()
        return
    transport = Smtp(url)
    try:
        yield transport
    finally:
        transport.close()


def check(address: str) -> None:
    """Connect and sign in, and send nothing. Raises Unreachable, or ValueError for what is no mail server."""
    server = Smtp(address)
    try:
        server.connect()
    finally:
        server.close()


def as_message(mail: OutboxMail) -> EmailMessage:
    """The mail in its wire form: text, with HTML as the alternative, automatic, with the row's Message-ID."""
    name, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    message = EmailMessage(policy=POLICY)
    message["From"] = Address(name, addr_spec=sender)
    message["To"] = Address(addr_spec=_ascii_domain(mail.to))
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = f"<{mail.uid}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    if mail.unsubscribe:
        message["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        if mail.unsubscribe.startswith("https://"):  # RFC 8058: one click is offered over TLS alone
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
        if mail.picture:
            html = message.get_payload()[-1]  # type: ignore[index]
            html.add_related(bytes(mail.picture), "image", "png", cid="<picture>", filename="picture.png")  # type: ignore[union-attr]
    if mail.language:
        message["Content-Language"] = mail.language  # last: a multipart takes Content headers for its parts
    return message


def _ascii_domain(address: str) -> str:
    """The address with an international domain in its ASCII form."""
    local, _, domain = address.rpartition("@")
    with suppress(UnicodeError):
        domain = domain.encode("idna").decode()
    return f"{local}@{domain}"


class Console:
    """No mail server configured: it is printed, so that someone trying the product can follow the links."""

    def send(self, mail: OutboxMail) -> None:
        rule = "─" * 72
        sys.stdout.write(
            f"{rule}\nMail to: {mail.to}\nSubject: {mail.subject}\n\n{mail.text.rstrip()}\n{rule}\n"
        )
        sys.stdout.flush()


class Smtp:
    """``smtp://user:password@host:587``: STARTTLS where the server offers it; ``smtps://``: TLS at once.

    A password is only ever sent encrypted: without TLS the sign-in is refused here. One connection
    serves a batch.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ValueError("MAIL_TRANSPORT must be smtp://[user:password@]host[:port] or smtps://…")
        self._tls_at_once = parts.scheme == "smtps"
        self._host = parts.hostname
        self._port = parts.port or (465 if self._tls_at_once else 587)
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._server: smtplib.SMTP | None = None

    def send(self, mail: OutboxMail) -> None:
        try:
            message = as_message(mail)
        except (ValueError, IndexError) as error:  # a header the wire form cannot carry
            raise Refused(str(error)) from error
        server = self.connect()
        try:
            server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            raise _by_code(code, words) from error
        except smtplib.SMTPServerDisconnected as error:
            self._server = None
            raise Unreachable(str(error)) from error
        except smtplib.SMTPNotSupportedError as error:
            raise Refused(str(error)) from error
        except smtplib.SMTPResponseException as error:
            raise _by_code(error.smtp_code, error.smtp_error) from error
        except OSError as error:
            self.close()
            raise Unreachable(str(error)) from error

    def connect(self) -> smtplib.SMTP:
        """The connection, made and signed in on first use. Raises Unreachable."""
        if self._server is not None:
            return self._server
        tls = ssl.create_default_context()
        try:
            if self._tls_at_once:
                server: smtplib.SMTP = smtplib.SMTP_SSL(
                    self._host, self._port, timeout=TIMEOUT_S, context=tls
                )
            else:
                server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_S)
                server.ehlo()
                if server.has_extn("starttls"):
                    server.starttls(context=tls)
                    server.ehlo()
                elif self._user:
                    server.close()
                    raise Unreachable("the mail server offers no encryption; the password was not sent")
            if self._user:
                server.login(self._user, self._password)
        except smtplib.SMTPAuthenticationError as error:
            raise Unreachable(f"sign-in to the mail server refused: {_words(error.smtp_error)}") from error
        except (smtplib.SMTPException, OSError) as error:
            raise Unreachable(str(error)) from error
        self._server = server
        return server

    def close(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            with suppress(smtplib.SMTPException, OSError):
                server.quit()


def _by_code(code: int, words: bytes | str) -> Refused | Deferred:
    text = f"{code} {_words(words)}"
    return Refused(text) if 500 <= code < 600 else Deferred(text)


def _words(text: bytes | str) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text
