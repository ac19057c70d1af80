"""Where the directory is and how it is written. No Django here: the settings are made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Configuration:
    """``base`` is where people stand and ``filter`` who counts as one; ``login`` is the attribute they sign in with.

    ``workspace`` is the slug of the one its people join, "" for none; ``departments``: by the ou's they stand in.
    """

    host: str
    port: int
    tls: Literal["ldaps", "starttls", "off"]
    base: str
    ad: bool
    filter: str
    login: str
    bind_dn: str = ""
    bind_password: str = ""
    ca_file: str = ""
    workspace: str = ""
    departments: bool = False

    @property
    def logins(self) -> tuple[str, ...]:
        """Attributes by which a person may name themselves."""
        return (self.login, "mail", *(("userPrincipalName",) if self.ad else ()))

    @property
    def id(self) -> str:
        """The attribute that stays when a person is renamed or moved."""
        return "objectGUID" if self.ad else "entryUUID"
