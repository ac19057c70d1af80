"""What every request passes: a line in the log, and domain errors turned into answers."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.translation import gettext as _
from prometheus_client import Counter, Histogram

from tongpin.kernel.errors import DomainError, Invalid
from tongpin.kernel.events.recording import coming_from
from tongpin.kernel.tenancy.enums import Via
from tongpin.lib.user_agent import browser_of
from tongpin.modules.workspaces.public import note_refusal
from tongpin.modules.workspaces.second_factor import ENTERING
from tongpin.ui.access import client_ip
from tongpin.ui.answers import toast
from tongpin.ui.refusals import refusal

log = structlog.get_logger("tongpin.request")
View = Callable[[HttpRequest], HttpResponse]

#: Refusals with a page of their own.
PAGES = {
    "second_factor_missing": "workspaces/second_factor_missing.html",
    "address_not_allowed": "workspaces/address_not_allowed.html",
}

REQUESTS = Counter("tongpin_requests_total", "Requests answered.", ["method", "view", "status"])
SECONDS = Histogram("tongpin_request_seconds", "Time to answer a request.", ["view"])


class RequestLog:
    """One structured line and two measurements per request; no addresses, names or bodies.

    What is done in it is recorded with the browser it came from.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=uuid.uuid4().hex[:12])
        with coming_from(browser_of(request.headers.get("User-Agent", "")[:400]).words):
            response = self.get_response(request)
        view = request.resolver_match.view_name if request.resolver_match else "none"
        seconds = time.perf_counter() - started
        REQUESTS.labels(request.method, view, response.status_code).inc()
        SECONDS.labels(view).observe(seconds)
        if not view.startswith("health"):
            log.info(
                "request",
                method=request.method,
                view=view,
                status=response.status_code,
                ms=round(seconds * 1000, 1),
            )
        return response


class BodyLimit:
    """Refuses a page's request whose body is larger than any form of ours, before a byte of it is put on the disk.

    Files in a form are written to the temporary folder while it is read, whoever sent it. The API has its own limit.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        most: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        # isdigit() takes other scripts' digits too; a number of twenty digits is too large without reading it.
        known = length.isascii() and length.isdigit() and len(length) < 20
        if request.path.startswith("/api/") or (known and int(length) <= most):
            return self.get_response(request)
        words = _("This is larger than %(limit)d MB.") % {"limit": most // (1024 * 1024)}
        response = HttpResponse(words, status=413, content_type="text/plain; charset=utf-8")
        return toast(response, words, kind="error")


class DomainErrors:
    """A refusal becomes a toast for htmx (the page stays as it is) and a plain page otherwise.

    So does a value that no column can hold, such as a text with NUL in it: the sender's fault, not ours. An address
    that only takes what a form sends gets a page as well, where Django answers with nothing.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not request.headers.get("HX-Request"):
            page = refusal(request, "405.html", 405)
            page.headers["Allow"] = response.headers["Allow"]
            return page
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, DataError):
            log.warning("value_out_of_range", exc_info=error)
            words = _("A value is too large or has characters that cannot be stored.")
            error = Invalid(words, code="out_of_range")
        if not isinstance(error, DomainError):
            return None
        if error.status == 403:
            actor = getattr(request, "actor", None)
            note_refusal(actor, request.path, error, via=Via.WEB, ip=client_ip(request))
        if request.headers.get("HX-Request"):
            response = HttpResponse(status=error.status)
            return toast(response, error.in_short, hint=str(error.hint), kind="error")
        template = PAGES.get(error.code) or {404: "404.html", 403: "403.html"}.get(
            error.status, "refused.html"
        )
        if error.code == "second_factor_missing" and request.method == "GET":
            request.session[ENTERING] = request.get_full_path()
        return refusal(request, template, error.status, {"error": error})
