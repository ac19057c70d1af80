"""What the server does by itself: names kept as the objects have them, uploads that no comment shows forgotten."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, OuterRef, TextField, Value
from django.db.models.functions import Cast, StrIndex

from tongpin.kernel import clock, objects
from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.files import public as files
from tongpin.kernel.files.models import StoredFile
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.discussions.models import TITLE_MAX, Comment, CommentVersion, Discussion
from tongpin.modules.discussions.permissions import KEEP

UNUSED_FOR = timedelta(days=7)
"""As long a draft that shows a file may lie before it is sent."""


@action("discussions.discussion.follow_title", permission=KEEP.name, target=Discussion, api=False)
def follow_title(actor: Actor, row: Discussion, data: Empty) -> Discussion:
    """Call the discussion what its object is called now."""
    about = objects.unscoped(row.subject_type, row.workspace, row.subject_id)
    if about is not None:
        title = objects.types()[row.subject_type].card(about).title[:TITLE_MAX]
        if title != row.title:
            row.title = title
            row.save(update_fields=["title"])
    return row


@action("discussions.file.forget_unused", permission=KEEP.name, api=False)
def forget_unused(actor: Actor, data: Empty) -> int:
    """Forget the workspace's uploads that no comment shows, nor showed before it was edited. Returns how many."""
    name = Cast(OuterRef("public_id"), TextField())
    of = {"discussion__public_id": OuterRef("subject_id")}
    shown = Comment.objects.filter(**of).annotate(at=StrIndex("text", name)).filter(at__gt=Value(0))
    was = CommentVersion.objects.filter(comment__discussion__public_id=OuterRef("subject_id"))
    showed = was.annotate(at=StrIndex("text", name)).filter(at__gt=Value(0))
    rows = StoredFile.objects.filter(
        workspace=actor.workspace,
        subject_type=Discussion._meta.label_lower,
        created_at__lt=clock.now() - UNUSED_FOR,
    ).exclude(Exists(shown) | Exists(showed))
    unused = list(rows.values_list("public_id", flat=True))
    for public_id in unused:
        files.remove(public_id)
    return len(unused)
