"""What people type about notes. The rules are the actions'."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tongpin.modules.analytics.models import Note
from tongpin.modules.analytics.models.note import LONGEST_LINK, LONGEST_TEXT
from tongpin.ui.forms import EditForm


def _day(label: Any, *, required: bool) -> forms.DateField:
    return forms.DateField(
        label=label, required=required, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )


def _text() -> forms.CharField:
    return forms.CharField(
        label=_("What happened"),
        max_length=LONGEST_TEXT,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


def _link() -> forms.CharField:
    return forms.CharField(
        label=_("Link"),
        max_length=LONGEST_LINK,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "url", "placeholder": "https://"}),
    )


class NoteForm(forms.Form):
    """A new note."""

    first = _day(_("Day"), required=True)
    text = _text()
    last = _day(_("Up to and with"), required=False)
    link = _link()

    def data_of(self) -> dict[str, Any]:
        """As the action takes it."""
        return {name: value for name, value in self.cleaned_data.items() if value}


class EditNoteForm(EditForm):
    """What is said of a note."""

    first = _day(_("Day"), required=True)
    last = _day(_("Up to and with"), required=True)
    text = _text()
    link = _link()

    @classmethod
    def of(cls, row: Note, data: Any = None) -> EditNoteForm:
        """Filled with what holds."""
        return cls(data, initial={name: getattr(row, name) for name in cls.base_fields})
