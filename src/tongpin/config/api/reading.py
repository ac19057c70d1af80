"""What may come in: JSON that PostgreSQL can store, of a bearable size and depth."""

from __future__ import annotations

import json
from typing import Any, cast

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from ninja.parser import Parser

from tongpin.kernel.errors import DomainError, Invalid

#: Bytes of a request body.
BODY_LIMIT = 2 * 1024 * 1024


class NotJson(DomainError):
    """The body is no JSON."""

    status = 400
    code = "not_json"


class WrongMediaType(DomainError):
    """The body says it is something else than JSON."""

    status = 415
    code = "wrong_media_type"


class TooLarge(DomainError):
    """The body is larger than BODY_LIMIT."""

    status = 413
    code = "too_large"


class JsonParser(Parser):
    """Stricter than the framework's: a body is JSON by its header and its bytes, and every text in it can be
    stored."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        if request.content_type != "application/json":
            raise WrongMediaType(_("Send the body as application/json."))
        try:
            data = json.loads(request.body, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise NotJson(_("The body is not valid JSON."), hint=str(error)[:200]) from None
        where = unstorable(data)
        if where is not None:
            raise _unstorable(where)
        return cast("dict[str, Any]", data)

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        values = super().parse_querydict(data, list_fields, request)
        where = unstorable(values)
        if where is not None:
            raise _unstorable(where)
        return values


def check_length(request: HttpRequest) -> None:
    """Raise TooLarge before anything of too large a body is read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isascii() or not length.isdigit() or len(length) > 12 or int(length) > BODY_LIMIT:
        raise TooLarge(_("The body is too large."))


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _unstorable(where: str) -> Invalid:
    message = _("This has characters that cannot be stored.")
    return Invalid(message, code="unstorable_text", fields={where: [message]})


def unstorable(data: Any) -> str | None:
    """The dotted place of a text with NUL or half a surrogate pair in it; None if all can be stored.

    Neither is text: PostgreSQL refuses the first, UTF-8 the second.
    """
    waiting: list[tuple[str, Any]] = [("", data)]
    while waiting:
        where, value = waiting.pop()
        if isinstance(value, str):
            if "\x00" in value or any("\ud800" <= c <= "\udfff" for c in value):
                return where
        elif isinstance(value, dict):
            for key, item in value.items():
                waiting += [(where, key), (f"{where}.{key}" if where else str(key), item)]
        elif isinstance(value, list):
            waiting += [(where, item) for item in value]
    return None
