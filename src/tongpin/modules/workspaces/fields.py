"""Input types that several actions and forms share, and their rules."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from pydantic import AfterValidator, Field, StringConstraints

from tongpin.modules.workspaces.enums import PROJECT_ICONS

#: Addresses under /w/ that would read like something else.
RESERVED = frozenset(
    {"new", "admin", "api", "static", "system", "settings", "login", "signup", "invite", "www"}
)
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
KEY = re.compile(r"[A-Z]{2,6}")


@cache
def zones() -> frozenset[str]:
    """Every IANA zone this Python knows."""
    return frozenset(available_timezones())


def known_zone(value: str) -> str:
    """The zone's name; ValueError for an unknown one."""
    if value not in zones():
        raise ValueError(_("This is not a known time zone."))
    return value


def proper_slug(value: str) -> str:
    """The slug in lower case; ValueError for one that cannot be an address."""
    value = value.strip().lower()
    if not SLUG.fullmatch(value):
        raise ValueError(_("Use small letters, digits and hyphens; begin and end with a letter or digit."))
    if value in RESERVED or len(value) < 2:
        raise ValueError(_("This address is not available."))
    return value


def proper_key(value: str) -> str:
    """The project key in capitals; ValueError for one that is not 2 to 6 Latin letters."""
    value = value.strip().upper()
    if not KEY.fullmatch(value):
        raise ValueError(_("Use 2 to 6 Latin letters, such as STO."))
    return value


def known_icon(value: str) -> str:
    """The icon's name; ValueError for one that a project cannot have."""
    if value not in PROJECT_ICONS:
        raise ValueError(_("This is not one of the icons."))
    return value


def proper_email(value: str) -> str:
    """The address in lower case; ValueError for one no mail can reach."""
    value = value.strip().lower()
    try:
        validate_email(value)
    except ValidationError:
        raise ValueError(_("Enter an e-mail address such as name@example.com.")) from None
    return value


Email = Annotated[str, Field(max_length=254), AfterValidator(proper_email)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Slug = Annotated[str, Field(max_length=60), AfterValidator(proper_slug)]
Zone = Annotated[str, Field(max_length=64), AfterValidator(known_zone)]
Key = Annotated[str, Field(max_length=20), AfterValidator(proper_key)]
Icon = Annotated[str, Field(max_length=32), AfterValidator(known_icon)]
Purpose = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
