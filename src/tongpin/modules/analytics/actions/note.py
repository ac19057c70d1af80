"""Writing on the time axis: notes added, changed, deleted and brought back; and which markers are shown."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tongpin.kernel import clock
from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.errors import Conflict, Denied, Invalid
from tongpin.kernel.events.recording import emit
from tongpin.kernel.realtime import hints
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics import markers, note_events
from tongpin.modules.analytics.insights.schema import EARLIEST, LATEST
from tongpin.modules.analytics.models import DeletedNote, MarkerChoice, Note
from tongpin.modules.analytics.models.note import LONGEST_LINK, LONGEST_TEXT
from tongpin.modules.analytics.permissions import (
    CHOOSE_MARKERS,
    CREATE_NOTE,
    EDIT_NOTE,
    SET_MARKERS,
)

MOST = 10_000
SUBJECT = "analytics.note"
"""What open charts listen to."""

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TEXT)]
Link = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_LINK)]


class AddNote(BaseModel):
    """``last`` is None for a single day; ``link`` an https or http address."""

    model_config = ConfigDict(extra="forbid")

    first: date
    last: date | None = None
    text: Words
    link: Link = ""


class EditNote(BaseModel):
    """Only what is given is changed."""

    model_config = ConfigDict(extra="forbid")

    first: date | None = None
    last: date | None = None
    text: Words | None = None
    link: Link | None = None


class ChooseMarkers(BaseModel):
    """``shown``: keys of the families to show; all others are hidden."""

    model_config = ConfigDict(extra="forbid")

    shown: list[str] = Field(max_length=100)


class SetMarkers(BaseModel):
    """``shown``: keys of the families to show to whoever has not chosen; all others are hidden."""

    model_config = ConfigDict(extra="forbid")

    shown: list[str] = Field(max_length=100)


def _checked(first: date, last: date, link: str) -> None:
    if not (EARLIEST <= first.year <= LATEST and EARLIEST <= last.year <= LATEST):
        far = _("Days lie between %(first)d and %(last)d.") % {"first": EARLIEST, "last": LATEST}
        raise Invalid(far, field="first")
    if last < first:
        raise Invalid(_("The last day comes before the first."), field="last")
    if link and not _is_address(link):
        raise Invalid(_("A link begins with https:// or http://."), field="link")


def _is_address(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in ("https", "http") and bool(parts.hostname) and not any(map(str.isspace, link))


@action("analytics.note.add", permission=CREATE_NOTE.name, inverse="analytics.note.delete")
def add_note(actor: Actor, data: AddNote) -> Note:
    """Write on a day, or on several in a row, for everybody's charts."""
    if actor.membership is None or actor.workspace is None:
        raise Denied(_("A note is written by a member, and a token is none."))
    last = data.last or data.first
    _checked(data.first, last, data.link)
    if Note.objects.filter(workspace=actor.workspace, deleted_at=None).count() >= MOST:
        raise Conflict(
            _("A workspace keeps %(n)d notes.") % {"n": MOST}, code="too_many_notes",
            hint=_("Delete notes nobody needs any more."),
        )  # fmt: skip
    row = Note.objects.create(
        workspace=actor.workspace,
        first=data.first,
        last=last,
        text=data.text,
        link=data.link,
        owner=actor.membership,
    )
    emit(note_events.NoteAdded(text=row.text, first=row.first.isoformat(), last=row.last.isoformat()), row)
    return row


def _before(before: dict[str, Any], row: Note) -> dict[str, Any]:
    names = ("first", "last", "text", "link")
    return {
        name: value.isoformat() if isinstance(value := before[name], date) else value
        for name in names
        if before[name] != getattr(row, name)
    }


@action(
    "analytics.note.edit", permission=EDIT_NOTE.name, target=Note, inverse="analytics.note.edit",
    inverse_data=_before,
)  # fmt: skip
def edit_note(actor: Actor, row: Note, data: EditNote) -> Note:
    """Change its days, its words or its link."""
    given = data.model_dump(exclude_none=True)
    changed = [name for name, value in given.items() if getattr(row, name) != value]
    if not changed:
        return row
    for name in changed:
        setattr(row, name, given[name])
    _checked(row.first, row.last, row.link)
    row.changed_at = clock.now()
    row.save()
    emit(note_events.NoteEdited(text=row.text, fields=changed), row)
    return row


@action("analytics.note.delete", permission=EDIT_NOTE.name, target=Note, inverse="analytics.note.restore")
def delete_note(actor: Actor, row: Note, data: Empty) -> Note:
    """Take it off the charts; it can be brought back."""
    row.deleted_at = clock.now()
    row.save(update_fields=["deleted_at"])
    emit(note_events.NoteDeleted(text=row.text), row)
    return row


@action(
    "analytics.note.restore", permission=EDIT_NOTE.name, target=DeletedNote, inverse="analytics.note.delete"
)
def restore_note(actor: Actor, row: DeletedNote, data: Empty) -> DeletedNote:
    """Bring a deleted note back."""
    row.deleted_at = None
    row.save(update_fields=["deleted_at"])
    emit(note_events.NoteRestored(text=row.text), Note.objects.select_related("workspace").get(pk=row.pk))
    return row


def _kept(actor: Actor, shown: list[str], *, own: bool) -> MarkerChoice:
    known = markers.families()
    for key in shown:
        if key not in known:
            raise Invalid(_("There is no such family of markers: %(key)s.") % {"key": key}, field="shown")
    row, _made = MarkerChoice.objects.update_or_create(
        workspace=actor.workspace,
        member=actor.membership if own else None,
        defaults={"families": {key: key in shown for key in known}},
    )
    return row


@action("analytics.markers.choose", permission=CHOOSE_MARKERS.name)
def choose_markers(actor: Actor, data: ChooseMarkers) -> MarkerChoice:
    """Which families of markers this member sees on charts."""
    if actor.membership is None:
        raise Denied(_("Only a member sees charts, and a token is none."))
    row = _kept(actor, data.shown, own=True)
    hints.tell(actor, SUBJECT)
    return row


@action("analytics.markers.set", permission=SET_MARKERS.name)
def set_markers(actor: Actor, data: SetMarkers) -> MarkerChoice:
    """Which families of markers members see on charts, unless they have chosen for themselves."""
    row = _kept(actor, data.shown, own=False)
    emit(note_events.MarkersChosen(shown=sorted(data.shown)), row)
    return row
