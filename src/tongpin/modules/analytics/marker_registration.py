"""What notes and markers tell the rest of the program about themselves, once, when it starts."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from tongpin.kernel import objects
from tongpin.kernel.objects import Card, SearchText
from tongpin.lib import pinyin
from tongpin.modules.analytics import marker_sources
from tongpin.modules.analytics.models import Note
from tongpin.modules.workspaces.public import describe


def card(row: Note) -> Card:
    """A note in an answer of the search, a link or the activity list."""
    return Card(
        type=Note._meta.label_lower,
        id=row.public_id,
        title=row.text,
        url=reverse("analytics:note", args=[row.workspace.slug, row.public_id]),
        icon="sticky-note",
        hint=row.first.isoformat(),
    )


def search(row: Note) -> SearchText:
    """Found by its words."""
    return SearchText(title=row.text, pinyin=" ".join(pinyin.syllables(row.text)[:24]))


def register() -> None:
    """Called by ``apps.ready()``."""
    marker_sources.register()
    objects.register(
        Note,
        label=pgettext_lazy("analytics", "Note"),
        plural=gettext_lazy("Notes"),
        icon="sticky-note",
        card=card,
        search=search,
        related=("workspace",),
    )
    describe("analytics.note_added", lambda p: _("noted “%(text)s” on the time axis") % {"text": p.text})
    describe("analytics.note_edited", lambda p: _("changed the note “%(text)s”") % {"text": p.text})
    describe("analytics.note_deleted", lambda p: _("deleted the note “%(text)s”") % {"text": p.text})
    describe("analytics.note_restored", lambda p: _("brought the note “%(text)s” back") % {"text": p.text})
    describe("analytics.markers_chosen", lambda p: _("chose which markers charts show"))
