"""Who hears of an object: watching it, nudging someone about it, copying others in."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tongpin.kernel.errors import DomainError, Invalid
from tongpin.modules.discussions import actions, subjects
from tongpin.modules.discussions.views.shared import actor_of, refused, whole
from tongpin.ui.access import in_workspace
from tongpin.ui.answers import toast


@in_workspace("discussions.object.watch")
@require_POST
def watch(request: HttpRequest, about_type: str, about_id: uuid.UUID) -> HttpResponse:
    """``on=1`` watches, anything else stops."""
    actor = actor_of(request)
    row = subjects.find(actor, about_type, about_id)
    chosen = actions.watch if request.POST.get("on") == "1" else actions.unwatch
    chosen.run(actor, {"about_type": about_type, "about_id": about_id})
    return whole(request, row)


@in_workspace("discussions.object.nudge")
@require_POST
def nudge(request: HttpRequest, about_type: str, about_id: uuid.UUID) -> HttpResponse:
    """Ask a member to hurry."""
    actor = actor_of(request)
    row = subjects.find(actor, about_type, about_id)
    data = {
        "about_type": about_type,
        "about_id": about_id,
        "member": request.POST.get("member", ""),
        "message": request.POST.get("message", ""),
    }
    try:
        if not data["member"]:
            raise Invalid(_("Choose who is meant."), field="member")
        made = actions.nudge.run(actor, data).value
    except DomainError as error:
        return refused(request, error, "nudge-error")
    return toast(whole(request, row), _("%(name)s was nudged.") % {"name": made.member.user.get_short_name()})


@in_workspace("discussions.object.cc")
@require_POST
def cc(request: HttpRequest, about_type: str, about_id: uuid.UUID) -> HttpResponse:
    """Make members watchers, and tell them."""
    actor = actor_of(request)
    row = subjects.find(actor, about_type, about_id)
    data = {
        "about_type": about_type,
        "about_id": about_id,
        "members": request.POST.getlist("members"),
        "message": request.POST.get("message", ""),
    }
    try:
        if not data["members"]:
            raise Invalid(_("Choose who is meant."), field="members")
        actions.cc.run(actor, data)
    except DomainError as error:
        return refused(request, error, "cc-error")
    return toast(whole(request, row), _("Copied in. They will hear of what is said here."))
