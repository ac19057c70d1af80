"""What segments tell the rest of the program about themselves, once, when it starts."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from tongpin.kernel import objects, ownership
from tongpin.kernel.objects import Card, SearchText
from tongpin.kernel.ownership import Owned
from tongpin.lib import pinyin
from tongpin.modules.analytics.actions.segment import edit_segment
from tongpin.modules.analytics.models import Segment
from tongpin.modules.analytics.queries.segment import owned_by
from tongpin.modules.workspaces.public import describe


def card(row: Segment) -> Card:
    """A segment in an answer of the search, a link or the activity list."""
    return Card(
        type=Segment._meta.label_lower,
        id=row.public_id,
        title=row.name,
        url=reverse("analytics:segment", args=[row.workspace.slug, row.public_id]),
        icon="users",
        state=str(row.get_kind_display()),
        hint=row.description[:100],
    )


def search(row: Segment) -> SearchText:
    """Found by its name and what it is for."""
    return SearchText(title=row.name, body=row.description, pinyin=" ".join(pinyin.syllables(row.name)[:24]))


def register() -> None:
    """Called by ``apps.ready()``."""
    objects.register(
        Segment,
        label=pgettext_lazy("analytics", "Segment"),
        plural=pgettext_lazy("analytics", "Segments"),
        icon="users",
        card=card,
        search=search,
        related=("workspace",),
    )
    ownership.register(
        Owned(
            "analytics.segments",
            gettext_lazy("Segments they answer for"),
            "users",
            owned_by,
            lambda actor, row, member: edit_segment.run(actor, {"owner": member.public_id}, target=row),
            undone_by="analytics.segment.edit",
        )
    )
    describe("analytics.segment_created", lambda p: _("made the segment “%(name)s”") % {"name": p.name})
    describe("analytics.segment_edited", lambda p: _("changed the segment “%(name)s”") % {"name": p.name})
    describe("analytics.segment_deleted", lambda p: _("deleted the segment “%(name)s”") % {"name": p.name})
    describe(
        "analytics.segment_restored", lambda p: _("brought the segment “%(name)s” back") % {"name": p.name}
    )
    describe(
        "analytics.segment_exported",
        lambda p: _("took the members of the segment “%(name)s” away in a file") % {"name": p.name},
    )
