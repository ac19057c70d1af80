"""How a view answers: toasts with undo, and what htmx needs to know."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import translation
from django.utils.http import content_disposition_header

from tongpin.kernel.actions.door import Outcome, Undo
from tongpin.kernel.tenancy.actor import Actor

UNDO_SALT = "tongpin.undo"
UNDO_MAX_AGE = 24 * 3600


def undo_token(actor: Actor, undo: Undo) -> str:
    """A signed call that takes an action back: only what the server offered this person can be asked for."""
    return signing.dumps(
        {
            "user": str(actor.user.public_id) if actor.user else None,
            "workspace": actor.workspace.slug if actor.workspace else None,
            "action": undo.action,
            "target": str(undo.target) if undo.target else None,
            "data": undo.data,
            "version": undo.version,
        },
        salt=UNDO_SALT,
        compress=True,
    )


def toast(
    response: HttpResponse, message: str, *, hint: str = "", kind: str = "done", undo: str | None = None
) -> HttpResponse:
    """Show a message when this answer arrives. ``kind`` is done, error or info; ``undo`` a token of ``undo_token``."""
    triggers: dict[str, Any] = json.loads(response.headers.get("HX-Trigger", "{}"))
    triggers["toast"] = {"message": message, "hint": hint, "kind": kind, "undo": undo}
    response.headers["HX-Trigger"] = json.dumps(triggers)  # ASCII, so that any header parser takes it
    return response


def done(request: HttpRequest, response: HttpResponse, message: str, outcome: Outcome[Any]) -> HttpResponse:
    """A toast for an action just run, with Undo if it can be taken back."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return toast(response, message, undo=undo_token(actor, outcome.undo) if outcome.undo else None)


def streamed(lines: Iterator[str], name: str, media: str) -> StreamingHttpResponse:
    """A file called ``name`` written while it is sent, in the language of the request: it is sent after the request's
    own language has been put away, so each line is asked for in it. Kept by nobody on the way.
    """
    answer = StreamingHttpResponse(_spoken(lines, translation.get_language()), content_type=media)
    answer.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _spoken(lines: Iterator[str], language: str | None) -> Iterator[str]:
    while True:
        with translation.override(language):
            line = next(lines, None)
        if line is None:
            return
        yield line
