"""Answers that belong to no module: undo, and what is shown when something went wrong."""

from __future__ import annotations

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tongpin.kernel.actions.door import run_named
from tongpin.kernel.errors import Conflict, Denied
from tongpin.kernel.i18n.middleware import visitor_language
from tongpin.kernel.tenancy.actor import Actor
from tongpin.lib.ids import parse_id
from tongpin.ui.access import client_ip, signed_in
from tongpin.ui.answers import UNDO_MAX_AGE, UNDO_SALT, toast
from tongpin.ui.refusals import breakdown, refusal


@require_POST
@signed_in
def undo(request: HttpRequest) -> HttpResponse:
    """Take back what the signed token names: the server made it for this person, nothing else can be asked for."""
    try:
        call = signing.loads(request.POST.get("token", ""), salt=UNDO_SALT, max_age=UNDO_MAX_AGE)
    except signing.BadSignature:
        raise Conflict(_("This can no longer be undone."), code="undo_expired") from None
    user = request.user
    if call["user"] != str(user.public_id):  # type: ignore[union-attr]
        raise Denied
    ip = client_ip(request)
    slug = call["workspace"]
    actor = Actor.in_workspace(user, slug, ip=ip) if slug else Actor.of(user, ip=ip)  # type: ignore[arg-type]
    target = parse_id(call["target"]) if call["target"] else None
    run_named(call["action"], actor, call["data"], target=target, version=call["version"])
    response = HttpResponse(status=204)
    response.headers["HX-Refresh"] = "true"
    return toast(response, _("Undone."))


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token is missing or old: say so and keep the page for a retry."""
    message = _("This page has been open too long. Reload it and try again.")
    if request.headers.get("HX-Request"):
        return toast(HttpResponse(status=403), message, kind="error")
    return refusal(request, "refused.html", 403, {"error": {"message": message, "code": "403"}})


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Absent or not yours: the same page."""
    return refusal(request, "404.html", 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Our fault. The log has the request's id."""
    # The middleware may have failed before it knew the reader, and the database may be what failed.
    with translation.override(getattr(request, "LANGUAGE_CODE", None) or visitor_language(request)):
        return breakdown(request, "500.html", 500)
