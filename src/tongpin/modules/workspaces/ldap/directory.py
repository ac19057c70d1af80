"""Asking the directory. Nothing is ever written there."""

from __future__ import annotations

import ssl
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import ldap3
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from ldap3.core.exceptions import (
    LDAPExceptionError,
    LDAPInvalidCredentialsResult,
    LDAPSizeLimitExceededResult,
)
from ldap3.utils.conv import escape_filter_chars

from tongpin.kernel.upkeep import contacts
from tongpin.modules.workspaces.ldap.configuration import Configuration

#: Seconds: to connect, and for each answer.
CONNECT, ANSWER = 5, 10
#: Entries asked for at once; Active Directory gives no more than a thousand.
PAGE = 500
#: Active Directory's bit for an account that is switched off.
SWITCHED_OFF = 2
#: OpenLDAP's time for an account that was locked for good (the drafted password policies).
FOR_GOOD = "000001010000Z"


#: Its name on the System page's list of outgoing calls.
CONTACT = "directory"


class Unavailable(Exception):
    """The directory does not answer, or not as it was set up to; says why in words for whoever runs the server."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A person there. ``email`` is "" without a proper one; ``units`` are the ou's they stand in, outermost first."""

    uid: str
    dn: str
    login: str
    name: str
    email: str
    disabled: bool
    units: tuple[str, ...] = ()


class Directory:
    def __init__(self, configuration: Configuration) -> None:
        self.given = configuration

    def check_password(self, login: str, password: str) -> Entry | None:
        """Who signs in with this login (or mail address) and password; None if nobody does. Raises Unavailable.

        An empty password is refused here: by the protocol a directory takes it for a visitor without a name, and
        lets it in.
        """
        if not login or not password or len(login) > 254:
            return None
        value = escape_filter_chars(login)
        either = "".join(f"({name}={value})" for name in self.given.logins)
        with self._connected(self.given.bind_dn, self.given.bind_password) as connection:
            found = self._search(connection, f"(&{self.given.filter}(|{either}))")
        # Two people with one name: neither, rather than the first.
        entry = found[0] if len(found) == 1 else None
        # For nobody a bind is tried as well, so that both answers take as long.
        dn = entry.dn if entry else f"cn={uuid.uuid4()},{self.given.base}"
        try:
            with self._connected(dn, password, somebody=True):
                pass
        except LDAPInvalidCredentialsResult:
            return None
        return entry if entry and not entry.disabled else None

    def people(self) -> list[Entry]:
        """Everyone, whole or not at all. Raises Unavailable."""
        with self._connected(self.given.bind_dn, self.given.bind_password) as connection:
            found = connection.extend.standard.paged_search(
                self.given.base,
                self.given.filter,
                attributes=self._attributes,
                paged_size=PAGE,
                generator=False,
            )
            return [self.entry(row) for row in found if row["type"] == "searchResEntry"]

    def _search(self, connection: Any, wanted: str) -> list[Entry]:
        try:
            connection.search(self.given.base, wanted, attributes=self._attributes, size_limit=2)
        except LDAPSizeLimitExceededResult:
            return []
        return [self.entry(row) for row in connection.response if row["type"] == "searchResEntry"]

    @property
    def _attributes(self) -> list[str]:
        wanted = (self.given.id, self.given.login, "mail", "displayName", "cn")
        return [*wanted, "userAccountControl", "pwdAccountLockedTime", "nsAccountLock"]

    @contextmanager
    def _connected(self, dn: str, password: str, *, somebody: bool = False) -> Iterator[Any]:
        """A connection bound as ``dn`` ("" is nobody). ``somebody``: a wrong password is theirs, not the setup's.

        Referrals are not followed: they would carry the password to a server nobody chose.
        """
        trust = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=self.given.ca_file or None)
        server = ldap3.Server(
            self.given.host,
            port=self.given.port,
            use_ssl=self.given.tls == "ldaps",
            tls=trust,
            connect_timeout=CONNECT,
            get_info=ldap3.NONE,
        )
        connection = None
        try:
            connection = ldap3.Connection(
                server,
                user=dn or None,
                password=password or None,
                authentication=ldap3.SIMPLE if dn else ldap3.ANONYMOUS,
                receive_timeout=ANSWER,
                auto_referrals=False,
                read_only=True,
                raise_exceptions=True,
            )
            connection.open()
            if self.given.tls == "starttls":
                connection.start_tls()
            connection.bind()
            contacts.note(CONTACT)
            yield connection
        except LDAPInvalidCredentialsResult:
            contacts.note(CONTACT, error="" if somebody else "invalid credentials for TONGPIN_LDAP_BIND_DN")
            if somebody:
                raise
            raise Unavailable("invalid credentials for TONGPIN_LDAP_BIND_DN") from None
        except (LDAPExceptionError, OSError, UnicodeError) as error:
            contacts.note(CONTACT, error=_in_short(error))
            raise Unavailable(_in_short(error)) from error
        finally:
            if connection is not None:
                _close(connection)

    def entry(self, row: dict[str, Any]) -> Entry:
        """A row of an answer, read. Raises Unavailable where it has no lasting id."""
        values: dict[str, list[bytes]] = {k.lower(): v for k, v in row["raw_attributes"].items() if v}

        def first(name: str) -> str:
            return values.get(name.lower(), [b""])[0].decode("utf-8", "replace").strip()

        if self.given.ad:
            raw = values.get("objectguid", [b""])[0]
            uid = str(uuid.UUID(bytes_le=raw)) if len(raw) == 16 else ""
        else:
            uid = first("entryUUID").lower()
        if not uid:
            raise Unavailable(f"{row['dn']} has no {self.given.id}")
        control = first("userAccountControl")
        return Entry(
            uid=uid,
            dn=row["dn"],
            login=first(self.given.login),
            name=first("displayName") or first("cn") or first(self.given.login),
            email=_address(first("mail")),
            disabled=(
                (control.isdigit() and bool(int(control) & SWITCHED_OFF))
                or first("pwdAccountLockedTime") == FOR_GOOD
                or first("nsAccountLock").lower() == "true"
            ),
            units=self._units(row["dn"]),
        )

    def _units(self, dn: str) -> tuple[str, ...]:
        """The ou's between the base and the person."""
        parts = ldap3.utils.dn.parse_dn(dn)
        depth = len(ldap3.utils.dn.parse_dn(self.given.base))
        above = parts[1 : len(parts) - depth]
        return tuple(_plain(value) for name, value, _sep in reversed(above) if name.lower() == "ou")


def _plain(value: str) -> str:
    """A value of a DN without its escapes."""
    raw, at = bytearray(), 0
    while at < len(value):
        if value[at] != "\\":
            raw += value[at].encode()
            at += 1
        elif len(value) > at + 2 and all(c in "0123456789abcdefABCDEF" for c in value[at + 1 : at + 3]):
            raw.append(int(value[at + 1 : at + 3], 16))
            at += 3
        else:
            raw += value[at + 1 : at + 2].encode()
            at += 2
    return raw.decode("utf-8", "replace").strip()


def _address(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError:
        return ""
    return text.lower()


def _in_short(error: Exception) -> str:
    """The first line, without what ldap3 prints around it."""
    lines = str(error).strip("()', ").splitlines()
    return lines[0][:200] if lines else type(error).__name__


def _close(connection: Any) -> None:
    with suppress(LDAPExceptionError, OSError):
        connection.unbind()
