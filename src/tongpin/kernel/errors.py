"""Errors a person can act on: a code for programs, a message and a hint for people.

Every door maps them once: an HTML form to a field error or a toast, the JSON API to problem+json, the command
line to an exit code.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

ABSENT = _("This does not exist, or you may not see it.")
FORBIDDEN = _("You don’t have access to this.")
ASK = _("Ask an owner or admin of the workspace if you need it.")
MARKED = _("Please check the marked fields.")


class DomainError(Exception):
    """A refusal with a reason. ``status`` is the HTTP status of the doors that have one."""

    status = 400
    code = "refused"

    def __init__(
        self,
        message: Text,
        *,
        code: str | None = None,
        hint: Text = "",
        field: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.field = field
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return str(self.message)

    @property
    def in_short(self) -> str:
        """What is wrong, where there is room for one line only."""
        return str(self.message)


class NotFound(DomainError):
    """Absent, or invisible to this actor: the two are never told apart."""

    status = 404
    code = "not_found"

    def __init__(self, message: Text = ABSENT, *, code: str | None = None, hint: Text = "") -> None:
        super().__init__(message, code=code, hint=hint)


class Denied(DomainError):
    """Visible, but not this actor's to change."""

    status = 403
    code = "denied"

    def __init__(self, message: Text = FORBIDDEN, *, code: str | None = None, hint: Text = "") -> None:
        super().__init__(message, code=code, hint=hint or (ASK if message is FORBIDDEN else ""))


class Conflict(DomainError):
    """Someone else changed the same field since it was read, or the state does not allow it."""

    status = 409
    code = "conflict"


class Throttled(DomainError):
    """Too many attempts; the hint says how long to wait, ``seconds`` says it to programs."""

    status = 429
    code = "too_many_requests"

    def __init__(self, message: Text, *, seconds: int = 60, code: str | None = None, hint: Text = "") -> None:
        super().__init__(message, code=code, hint=hint)
        self.seconds = seconds


class Invalid(DomainError):
    """The input is wrong. ``fields`` maps a field name to its messages; "" holds those about the whole."""

    status = 422
    code = "invalid"

    def __init__(
        self,
        message: Text = MARKED,
        *,
        fields: dict[str, list[str]] | None = None,
        field: str | None = None,
        code: str | None = None,
        hint: Text = "",
    ) -> None:
        super().__init__(message, code=code, hint=hint, field=field)
        self.fields = fields or ({field: [str(message)]} if field else {})

    @property
    def in_short(self) -> str:
        """The first finding about a field, where there is one: the message only points to the marked fields."""
        return next((str(text) for texts in self.fields.values() for text in texts), str(self.message))
