"""Refusals as problem details (RFC 9457): one shape for every error of the API."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

import structlog
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError
from pydantic import BaseModel, Field

from tongpin.kernel.errors import DomainError, Invalid, NotFound, Throttled
from tongpin.kernel.tenancy.enums import Via
from tongpin.modules.workspaces import public as workspaces
from tongpin.ui.access import client_ip

log = structlog.get_logger("tongpin.api")

MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """Why a request was refused. ``code`` is for programs and stays; the texts follow ``Accept-Language``."""

    type: str = Field(description="Always about:blank: the code says more.")
    title: str = Field(description="The name of the HTTP status.")
    status: int
    code: str = Field(description="What went wrong, for programs, such as denied or changed_meanwhile.")
    detail: str = Field(description="What went wrong, for people.")
    hint: str = Field(description="What to do about it; may be empty.")
    fields: dict[str, list[str]] = Field(description="Messages by input field; “” for the input as a whole.")


def answer(
    status: int, code: str, detail: str, *, hint: str = "", fields: dict[str, list[str]] | None = None
) -> HttpResponse:
    """A problem as a response."""
    problem = Problem(
        type="about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        code=code,
        detail=detail,
        hint=hint,
        fields=fields or {},
    )
    body = json.dumps(problem.model_dump(), ensure_ascii=False)
    response = HttpResponse(body, status=status, content_type=MEDIA_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response


def of(error: DomainError) -> HttpResponse:
    """The answer to a refusal of the domain."""
    fields: dict[str, list[str]] = {}
    if isinstance(error, Invalid):
        fields = {name: [str(text) for text in texts] for name, texts in error.fields.items()}
    elif error.field:
        fields = {error.field: [str(error.message)]}
    response = answer(error.status, error.code, str(error.message), hint=str(error.hint), fields=fields)
    if isinstance(error, Throttled):
        response.headers["Retry-After"] = str(error.seconds)
    return response


def unauthorized() -> HttpResponse:
    """No token, or one that does not work (any more)."""
    response = answer(
        401,
        "token_invalid",
        _("This needs a working API token."),
        hint=_("Send it as “Authorization: Bearer …”. Make one on the workspace's page “API tokens”."),
    )
    response.headers["WWW-Authenticate"] = 'Bearer realm="tongpin"'
    return response


def register(api: NinjaAPI) -> None:
    """Answer every error of ``api`` with a problem."""
    api.add_exception_handler(DomainError, _domain)
    api.add_exception_handler(AuthenticationError, lambda request, error: unauthorized())
    api.add_exception_handler(HttpError, _http)
    api.add_exception_handler(Http404, lambda request, error: of(NotFound()))
    api.add_exception_handler(DataError, _data)


def _domain(request: HttpRequest, error: DomainError | type[DomainError]) -> HttpResponse:
    assert isinstance(error, DomainError)
    if error.status == 403:
        actor = getattr(request, "actor", None)
        workspaces.note_refusal(actor, request.path, error, via=Via.API, ip=client_ip(request))
    return of(error)


def _http(request: HttpRequest, error: HttpError | type[HttpError]) -> HttpResponse:
    """What the framework refuses. It wraps whatever the body's parser raised; ours says more."""
    assert isinstance(error, HttpError)
    if isinstance(error.__cause__, DomainError):
        return of(error.__cause__)
    return answer(error.status_code, "refused", str(error))


def _data(request: HttpRequest, error: Any) -> HttpResponse:
    """A value of the right type that no column can hold, such as a number of thirty digits."""
    log.warning("api.value_out_of_range", path=request.path, exc_info=error)
    return answer(422, "out_of_range", _("A value is too large or has characters that cannot be stored."))
