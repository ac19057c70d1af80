"""A person's profile and the browsers they are signed in with."""

from __future__ import annotations

from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongpin.kernel.errors import Invalid
from tongpin.kernel.files import public as files
from tongpin.kernel.tenancy.actor import Actor
from tongpin.lib.user_agent import browser_of
from tongpin.modules.workspaces.actions.profile import edit_profile
from tongpin.modules.workspaces.actions.session import end_other_sessions, end_session, mark
from tongpin.modules.workspaces.forms import ProfileForm
from tongpin.modules.workspaces.views.home import personal
from tongpin.ui.access import client_ip
from tongpin.ui.forms import refuse


def _actor(request: HttpRequest) -> Actor:
    """The person outside the workspace the page is shown in: a profile is not of its activity."""
    return Actor.of(request.user, ip=client_ip(request))  # type: ignore[arg-type]


@personal
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Name, language, time zone; appearance beside them."""
    user: Any = request.user
    initial = {"name": user.name, "language": user.language, "time_zone": user.time_zone}
    form = ProfileForm(request.POST if request.method == "POST" else None, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                edit_profile.run(_actor(request), form.changes())
            except Invalid as error:
                refuse(form, error)
            else:
                messages.success(request, _("Saved."))
                return redirect("workspaces:profile")
    return render(request, "workspaces/profile.html", {"form": form}, status=status)


@personal
@require_POST
def avatar(request: HttpRequest) -> HttpResponse:
    """A new picture, or none."""
    upload = request.FILES.get("avatar")
    actor = _actor(request)
    try:
        with transaction.atomic():
            stored = None
            if upload is not None:
                shape = files.Shape.AVATAR
                stored = files.store_picture(actor, upload, upload.name or "avatar", shape).public_id
            edit_profile.run(actor, {"avatar": stored})
    except Invalid as error:
        messages.error(request, error.in_short)
    return redirect("workspaces:profile")


@personal
@require_GET
def sessions(request: HttpRequest) -> HttpResponse:
    """Where one is signed in, this browser first."""
    here = request.session.session_key
    rows = UserSession.objects.purge_and_list(request.user)
    rows.sort(key=lambda row: (row.session_key == here, row.last_seen_at), reverse=True)
    shown = [
        {
            "row": row,
            "mark": mark(row.session_key),
            "here": row.session_key == here,
            "browser": browser_of(row.user_agent),
        }
        for row in rows
    ]
    return render(request, "usersessions/usersession_list.html", {"sessions": shown})


@personal
@require_POST
def end(request: HttpRequest, session: str) -> HttpResponse:
    """Sign out one browser."""
    end_session.run(_actor(request), {"session": session})
    messages.success(request, _("Signed out there."))
    return redirect("usersessions_list")


@personal
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """Sign out all but this browser."""
    end_other_sessions.run(_actor(request), {"keep": mark(request.session.session_key or "")})
    messages.success(request, _("Signed out everywhere else."))
    return redirect("usersessions_list")
