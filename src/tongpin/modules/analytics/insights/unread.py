"""What could not be read of a question or a rule, in the reader's language."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from pydantic import ValidationError


def unread(problem: ValidationError) -> tuple[str, str]:
    """Where what was said cannot be read, and why, in the reader's language."""
    first = problem.errors(include_url=False)[0]
    return ".".join(str(each) for each in first["loc"]) or "·", _reason(first)


def _reason(error: Any) -> str:
    """What pydantic found, in the reader's language."""
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    words = {
        "missing": _("this is missing"),
        "extra_forbidden": _("a question has no such field"),
        "literal_error": _("not one of the choices"),
        "uuid_parsing": _("not one of the choices"),
        "enum": _("not one of the choices"),
        "int_parsing": _("not a whole number"),
        "int_from_float": _("not a whole number"),
        "greater_than_equal": _("too small"),
        "less_than_equal": _("too large"),
        "string_too_long": _("too long"),
        "string_too_short": _("this is empty"),
        "too_long": _("too many"),
        "too_short": _("too few"),
    }
    return words.get(error["type"], str(error["msg"]))
