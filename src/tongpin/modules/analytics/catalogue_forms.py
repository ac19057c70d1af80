"""What people type about events and properties. The rules are the actions'."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tongpin.modules.analytics.models import EventName, EventProperty
from tongpin.modules.analytics.models.catalogue import LONGEST_NAME
from tongpin.ui.forms import EditForm


def _words(label: Any, hint: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, max_length=2000, required=False, help_text=hint, widget=forms.Textarea(attrs={"rows": 2})
    )


class PlanForm(forms.Form):
    """An event, or a property, that should arrive."""

    name = forms.CharField(
        label=_("Name in the code"),
        max_length=LONGEST_NAME,
        strip=False,
        help_text=_("Exactly as it is sent: capitals and blanks count."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    description = _words(_("What it means"))


class EventForm(EditForm):
    """What is said of an event."""

    description = _words(_("What it means"), _("When it is sent, in words that a newcomer understands."))
    expected = forms.BooleanField(
        label=_("In the plan"),
        required=False,
        help_text=_("It should arrive; it is marked while it does not."),
    )
    key_event = forms.BooleanField(
        label=_("Key event"),
        required=False,
        help_text=_("What you want people to do. A session with one counts as engaged."),
    )

    @classmethod
    def of(cls, row: EventName, data: Any = None) -> EventForm:
        """Filled with what holds."""
        return cls(data, initial={name: getattr(row, name) for name in cls.base_fields})


class PropertyForm(EditForm):
    """What is said of a property."""

    description = _words(_("What it means"))
    expected = forms.BooleanField(label=_("In the plan"), required=False)
    personal = forms.BooleanField(
        label=_("Personal data"),
        required=False,
        help_text=_("No values of it are kept or shown in the catalogue."),
    )

    @classmethod
    def of(cls, row: EventProperty, data: Any = None) -> PropertyForm:
        """Filled with what holds."""
        return cls(data, initial={name: getattr(row, name) for name in cls.base_fields})
