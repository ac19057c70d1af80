"""The page behind the link of a mail. Looking at it ends nothing: mail scanners open every link."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tongpin.kernel.actions.door import Outcome, run_named
from tongpin.kernel.i18n.middleware import LANGUAGE_COOKIE
from tongpin.kernel.news import Delivery
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.notifications import unsubscribing
from tongpin.modules.notifications.actions.preference import set_preference
from tongpin.modules.notifications.actions.rhythm import set_rhythm
from tongpin.modules.notifications.enums import Rhythm
from tongpin.modules.notifications.queries import rhythm_of
from tongpin.modules.notifications.unsubscribing import Link
from tongpin.ui.access import client_ip, public


@public
@csrf_exempt  # the link itself is the right to do it, and mail programs post to it without a page (RFC 8058)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, and on a POST end the workspace's mails: of one kind where ``what`` says so, else (mail programs) all."""
    link = unsubscribing.read(token)
    actor = Actor.for_member(link.member, ip=client_ip(request))
    with translation.override(_language(request, link)):
        state, outcome = _done(request, link, actor) if request.method == "POST" else ("asked", None)
        if rhythm_of(link.member).rhythm == Rhythm.NEVER and state == "asked":
            state = "already"
        context = {
            "link": link,
            "workspace": link.member.workspace,
            "state": state,
            "undo": unsubscribing.undo_token(link, outcome.undo) if outcome and outcome.undo else "",
            "settings": reverse("notifications:preferences", args=[link.member.workspace.slug]),
        }
        return render(request, "notifications/unsubscribe.html", context)


def _done(request: HttpRequest, link: Link, actor: Actor) -> tuple[str, Outcome[object] | None]:
    """What was done, in one word, and how to take it back where that would change something."""
    if "undo" in request.POST:
        name, data = unsubscribing.read_undo(link, request.POST["undo"])
        run_named(name, actor, data)
        return "undone", None
    if request.POST.get("what") == "kind" and link.kind is not None:
        kept = set_preference.run(actor, {"kind": link.kind.key, "delivery": Delivery.BELL})
        return "kind", kept if kept.events else None
    ended = set_rhythm.run(actor, {"rhythm": Rhythm.NEVER})
    return "all", ended if ended.events else None


def _language(request: HttpRequest, link: Link) -> str:
    """The language of whom the mail was for, unless somebody here has said which they read."""
    if request.user.is_authenticated or LANGUAGE_COOKIE in request.COOKIES:
        return translation.get_language() or link.member.user.language
    return link.member.user.language
