"""Whose holidays a look back can take into account, by name."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

COUNTRIES: list[tuple[str, Any]] = [
    ("CN", _("China, with make-up workdays")),
    ("HK", _("Hong Kong")),
    ("TW", _("Taiwan")),
    ("SG", _("Singapore")),
    ("JP", _("Japan")),
    ("KR", _("South Korea")),
    ("MY", _("Malaysia")),
    ("TH", _("Thailand")),
    ("VN", _("Vietnam")),
    ("ID", _("Indonesia")),
    ("PH", _("Philippines")),
    ("IN", _("India")),
    ("AU", _("Australia")),
    ("US", _("United States")),
    ("GB", _("United Kingdom")),
    ("DE", _("Germany")),
    ("FR", _("France")),
    ("", _("No holidays")),
]


def name(code: str) -> str:
    """The country's name; a code without one is shown as it is."""
    return str(dict(COUNTRIES).get(code) or code)
