"""What is asked about an object: its panel, a new comment, a preview, whom one can mention, files."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tongpin.kernel import objects
from tongpin.kernel.errors import DomainError, Invalid, NotFound
from tongpin.modules.discussions import actions, queries, subjects
from tongpin.modules.discussions.actions.attachment import LIMIT
from tongpin.modules.discussions.models import TEXT_MAX
from tongpin.modules.discussions.views.shared import actor_of, refused, whole
from tongpin.modules.workspaces.public import find_members
from tongpin.ui import prose
from tongpin.ui.access import in_workspace


@in_workspace("discussions.comment.view")
@require_safe
def lead(request: HttpRequest, discussion: uuid.UUID) -> HttpResponse:
    """To the page of the object, where its discussion is."""
    actor = actor_of(request)
    found = queries.discussion_of(actor, discussion)
    if found is None:
        raise NotFound
    row = subjects.find(actor, found.subject_type, found.subject_id)
    return redirect(f"{objects.types()[found.subject_type].card(row).url}#discussion")


@in_workspace("discussions.comment.view")
@require_safe
def panel(request: HttpRequest, about_type: str, about_id: uuid.UUID) -> HttpResponse:
    """The panel by itself, as pages ask for it anew."""
    return whole(request, subjects.find(actor_of(request), about_type, about_id))


@in_workspace("discussions.comment.write")
@require_POST
def write(request: HttpRequest, about_type: str, about_id: uuid.UUID) -> HttpResponse:
    """A new comment, or an answer in a thread."""
    actor = actor_of(request)
    row = subjects.find(actor, about_type, about_id)
    data = {
        "about_type": about_type,
        "about_id": about_id,
        "text": request.POST.get("text", ""),
        "thread": request.POST.get("thread") or None,
    }
    try:
        actions.write_comment.run(actor, data, once=request.POST.get("once") or None)
    except DomainError as error:
        return refused(request, error, f"composer-{request.POST.get('thread') or 'new'}-error")
    return whole(request, row)


@in_workspace("discussions.comment.write")
@require_POST
def preview(request: HttpRequest, about_type: str, about_id: uuid.UUID) -> HttpResponse:
    """What is being typed, as it will look."""
    actor = actor_of(request)
    row = subjects.find(actor, about_type, about_id)
    text = request.POST.get("text", "")[:TEXT_MAX]
    shown = prose.shown(text, queries.references(actor, row, [text]))
    return render(request, "discussions/_preview.html", {"html": shown})


@in_workspace("discussions.comment.view")
@require_safe
def people(request: HttpRequest, about_type: str, about_id: uuid.UUID) -> JsonResponse:
    """Whom one can mention, nudge or copy in: those who see the object, by name, pinyin and e-mail (``?q=``)."""
    actor = actor_of(request)
    row = subjects.find(actor, about_type, about_id)
    found = queries.mentionable(actor, row, find_members(actor, request.GET.get("q", "")))
    items = [{"id": str(m.public_id), "title": m.user.get_short_name(), "hint": ""} for m in found]
    names = [item["title"] for item in items]
    for member, item in zip(found, items, strict=True):
        if names.count(item["title"]) > 1:  # of two people of one name the address tells which
            item["hint"] = member.user.email if actor.role != "guest" else ""
    return JsonResponse({"items": items})


@in_workspace("discussions.comment.write")
@require_POST
def add_file(request: HttpRequest, about_type: str, about_id: uuid.UUID) -> JsonResponse:
    """Keep a file, and say how a comment names it."""
    actor = actor_of(request)
    subjects.find(actor, about_type, about_id)
    given = request.FILES.get("file")
    try:
        if given is None:
            raise Invalid(_("Choose a file."), field="file")
        if (given.size or 0) > LIMIT:
            raise Invalid(
                _("This file is larger than %(limit)d MB.") % {"limit": LIMIT // 1024**2}, field="file"
            )
        data = {
            "about_type": about_type,
            "about_id": about_id,
            "name": given.name or "",
            "content": given.read(),
        }
        stored = actions.add_file.run(actor, data).value
    except Invalid as error:
        return JsonResponse({"message": error.in_short}, status=422)
    sign = "!" if stored.media_type in queries.IMAGES else ""
    label = stored.name.replace("[", "(").replace("]", ")")
    return JsonResponse({"markdown": f"{sign}[{label}](file:{stored.public_id})"})
