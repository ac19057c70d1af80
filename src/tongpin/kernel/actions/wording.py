"""Pydantic's findings in the product's words, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from pydantic import ValidationError

_WORDS: dict[str, Callable[[dict[str, Any]], str]] = {
    "missing": lambda c: _("This is required."),
    "extra_forbidden": lambda c: _("This field is not known here."),
    "string_too_short": lambda c: (
        _("This is required.")
        if c["min_length"] == 1
        else ngettext("Use at least %d character.", "Use at least %d characters.", c["min_length"])
        % c["min_length"]
    ),
    "string_too_long": lambda c: (
        ngettext("Use at most %d character.", "Use at most %d characters.", c["max_length"]) % c["max_length"]
    ),
    "string_type": lambda c: _("Enter text."),
    "string_pattern_mismatch": lambda c: _("This has characters that are not allowed here."),
    "int_parsing": lambda c: _("Enter a whole number."),
    "int_type": lambda c: _("Enter a whole number."),
    "float_parsing": lambda c: _("Enter a number."),
    "float_type": lambda c: _("Enter a number."),
    "finite_number": lambda c: _("Enter a number."),
    "bool_parsing": lambda c: _("Answer yes or no."),
    "date_from_datetime_parsing": lambda c: _("Enter a date such as 2026-11-20."),
    "date_parsing": lambda c: _("Enter a date such as 2026-11-20."),
    "date_type": lambda c: _("Enter a date such as 2026-11-20."),
    "datetime_parsing": lambda c: _("Enter a date and time such as 2026-11-20T09:30:00Z."),
    "uuid_parsing": lambda c: _("This is not a valid id."),
    "uuid_type": lambda c: _("This is not a valid id."),
    "enum": lambda c: _("Choose one of: %(choices)s.") % {"choices": c["expected"]},
    "literal_error": lambda c: _("Choose one of: %(choices)s.") % {"choices": c["expected"]},
    "greater_than": lambda c: _("Enter a value above %(limit)s.") % {"limit": c["gt"]},
    "greater_than_equal": lambda c: _("Enter %(limit)s or more.") % {"limit": c["ge"]},
    "less_than": lambda c: _("Enter a value below %(limit)s.") % {"limit": c["lt"]},
    "less_than_equal": lambda c: _("Enter %(limit)s or less.") % {"limit": c["le"]},
    "too_long": lambda c: (
        ngettext("Give at most %d entry.", "Give at most %d entries.", c["max_length"]) % c["max_length"]
    ),
    "value_error": lambda c: str(c.get("error") or c.get("reason") or _("This is not valid.")),
}


def field_errors(error: ValidationError) -> dict[str, list[str]]:
    """Messages by field name (dotted for nested ones); "" for the whole."""
    found: dict[str, list[str]] = {}
    for item in error.errors(include_url=False):
        name = ".".join(str(part) for part in item["loc"])
        words = _WORDS.get(item["type"])
        found.setdefault(name, []).append(words(item.get("ctx", {})) if words else item["msg"])
    return found
