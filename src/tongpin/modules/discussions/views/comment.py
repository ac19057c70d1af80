"""What is done with one comment."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tongpin.kernel import authz, objects
from tongpin.kernel.errors import Denied, DomainError
from tongpin.lib import markdown
from tongpin.modules.discussions import actions, queries
from tongpin.modules.discussions.models import Comment, Reaction
from tongpin.modules.discussions.views.shared import about_of, actor_of, comment_of, refused, whole
from tongpin.ui.access import in_workspace
from tongpin.ui.answers import done


@in_workspace("discussions.comment.view")
@require_safe
def lead(request: HttpRequest, comment: uuid.UUID) -> HttpResponse:
    """The comment's own address: to its place on the object's page, however long ago it was said."""
    actor = actor_of(request)
    found = comment_of(actor, comment)
    row = about_of(actor, found)
    page = objects.types()[found.discussion.subject_type].card(row).url
    query = "" if queries.is_among_newest(found) else f"?at={found.public_id}"
    return redirect(f"{page}{query}#c-{found.public_id}")


@in_workspace("discussions.comment.write")
@require_safe
def reply(request: HttpRequest, comment: uuid.UUID) -> HttpResponse:
    """The box to answer in; with ``?quote=1`` it begins with what is answered."""
    actor = actor_of(request)
    found = comment_of(actor, comment)
    row = about_of(actor, found)
    thread = found.parent or found
    text = _quoted(found) if request.GET.get("quote") else ""
    return render(
        request,
        "discussions/_reply.html",
        {
            "thread": thread.public_id,
            "text": text,
            "row": row,
            "about": found.discussion,
            "once": uuid.uuid4(),
        },
    )


def _quoted(comment: Comment) -> str:
    """The comment as a quote that leads to it."""
    lines = [line for line in comment.text.splitlines() if not line.startswith(">")]
    said = "\n".join(f"> {line}".rstrip() for line in "\n".join(lines).strip().splitlines())
    name = markdown.plain(comment.author.get_short_name()).replace("[", "(").replace("]", ")")
    return f"> [{name}](#c-{comment.public_id})\n>\n{said}\n\n"


@in_workspace("discussions.comment.write")
def edit(request: HttpRequest, comment: uuid.UUID) -> HttpResponse:
    """GET: the comment open for typing. POST: its new text."""
    actor = actor_of(request)
    found = comment_of(actor, comment)
    row = about_of(actor, found)
    if request.method != "POST":
        if not authz.can(actor, "discussions.comment.edit", found):
            raise Denied
        return render(
            request,
            "discussions/_edit.html",
            {"comment": found, "about": found.discussion, "ident": f"edit-{found.public_id}"},
        )
    try:
        outcome = actions.edit_comment.run(actor, {"text": request.POST.get("text", "")}, target=found)
    except DomainError as error:
        return refused(request, error, f"composer-edit-{found.public_id}-error")
    return done(request, whole(request, row), _("Changed."), outcome)


@in_workspace("discussions.comment.view")
@require_safe
def history(request: HttpRequest, comment: uuid.UUID) -> HttpResponse:
    """What was changed in the comment, edit by edit."""
    found = comment_of(actor_of(request), comment)
    return render(request, "discussions/_history.html", {"changes": queries.changes(found)})


@in_workspace("discussions.comment.write")
@require_POST
def delete(request: HttpRequest, comment: uuid.UUID) -> HttpResponse:
    """Out of sight, with Undo."""
    actor = actor_of(request)
    found = comment_of(actor, comment)
    row = about_of(actor, found)
    outcome = actions.delete_comment.run(actor, target=found)
    return done(request, whole(request, row), _("The comment was deleted."), outcome)


@in_workspace("discussions.comment.write")
@require_POST
def resolve(request: HttpRequest, comment: uuid.UUID) -> HttpResponse:
    """Settle a thread (``on=1``) or take it up again."""
    actor = actor_of(request)
    found = comment_of(actor, comment)
    row = about_of(actor, found)
    settle = request.POST.get("on") == "1"
    outcome = (actions.resolve_thread if settle else actions.reopen_thread).run(actor, target=found)
    said = _("Resolved.") if settle else _("Reopened.")
    return done(request, whole(request, row), said, outcome)


@in_workspace("discussions.comment.write")
@require_POST
def react(request: HttpRequest, comment: uuid.UUID) -> HttpResponse:
    """Put an emoji on, or take one's own off."""
    actor = actor_of(request)
    found = comment_of(actor, comment)
    row = about_of(actor, found)
    emoji = request.POST.get("emoji", "").strip()
    on = Reaction.objects.filter(comment=found, member=actor.membership, emoji=emoji).exists()
    (actions.unreact if on else actions.react).run(actor, {"emoji": emoji}, target=found)
    return whole(request, row)
