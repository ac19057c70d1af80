"""How long a person stays signed in, where a workspace of theirs limits it. The strictest of them counts everywhere."""

from __future__ import annotations

from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.db.models import Min, Q
from django.http import HttpRequest

from tongpin.kernel import clock
from tongpin.kernel.tenancy.models import Membership


def is_over(request: HttpRequest) -> bool:
    """Whether the signed-in person's session has lasted, or been idle, longer than their workspaces allow."""
    limits = (
        Membership.objects.active()
        .filter(user=request.user, workspace__deleted_at=None)
        .aggregate(
            hours=Min("workspace__session_hours", filter=Q(workspace__session_hours__gt=0)),
            minutes=Min("workspace__idle_minutes", filter=Q(workspace__idle_minutes__gt=0)),
        )
    )
    if limits["hours"] is None and limits["minutes"] is None:
        return False
    row = UserSession.objects.filter(session_key=request.session.session_key).first()
    if row is None:
        return False  # it begins now
    now = clock.now()
    lasted = limits["hours"] is not None and now - row.created_at > timedelta(hours=limits["hours"])
    idle = limits["minutes"] is not None and now - row.last_seen_at > timedelta(minutes=limits["minutes"])
    return lasted or idle
