"""What people type about robots and reports. The rules are the actions'."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tongpin.kernel.tenancy.enums import Language
from tongpin.modules.digests import topics
from tongpin.modules.digests.enums import Every
from tongpin.modules.digests.models import Report, Robot
from tongpin.ui.forms import EditForm


class _Settings(forms.Form):
    """What a robot posts, how and when."""

    name = forms.CharField(
        label=_("Name"),
        max_length=40,
        help_text=_("For example the name of the group."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    topics = forms.MultipleChoiceField(label=_("What is posted"), widget=forms.CheckboxSelectMultiple)
    language = forms.ChoiceField(label=_("Language of the messages"), choices=Language.choices)
    quiet_from = forms.TimeField(
        label=_("Quiet from"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    quiet_until = forms.TimeField(
        label=_("Quiet until"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["topics"].choices = [(t.key, t.label) for t in topics.topics().values()]  # type: ignore[attr-defined]


class SettingsForm(EditForm, _Settings):
    """A robot's settings as they are, to be changed."""

    @classmethod
    def of(cls, row: Robot, data: Any = None) -> SettingsForm:
        """Filled with what holds."""
        return cls(data, initial={name: getattr(row, name) for name in cls.base_fields})


class AddressForm(forms.Form):
    """Where a robot posts to. What is kept is never shown again: both are secrets."""

    address = forms.CharField(
        label=_("Address of the robot"),
        max_length=1000,
        help_text=_("In the group’s settings, add a custom robot and copy its webhook address."),
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "placeholder": "https://",
                "spellcheck": "false",
                "inputmode": "url",
            }
        ),
    )
    secret = forms.CharField(
        label=_("Signing secret"),
        max_length=200,
        required=False,
        help_text=_(
            "Feishu and DingTalk, where you chose “signature” (加签) as the robot’s security setting."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class NewRobotForm(AddressForm, _Settings):
    """A new robot."""

    field_order = ("name", "address", "secret", "topics", "language", "quiet_from", "quiet_until")


class ReportForm(forms.Form):
    """When a report is sent and by which groups. ``readers`` is the page's own picker."""

    every = forms.ChoiceField(label=pgettext_lazy("report", "How often"), choices=Every.choices)
    weekday = forms.TypedChoiceField(
        label=_("On which day"), choices=[(n, name) for n, name in WEEKDAYS.items()], coerce=int
    )
    day = forms.IntegerField(
        label=_("Day of the month"),
        min_value=1,
        max_value=31,
        help_text=_("Where a month has fewer days, its last one."),
    )
    at = forms.TimeField(label=_("At"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    language = forms.ChoiceField(label=_("Language of the report"), choices=Language.choices)
    robots = forms.MultipleChoiceField(
        label=_("Into these groups"), widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args: Any, robots: Sequence[Robot], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["robots"].choices = [  # type: ignore[attr-defined]
            (str(row.public_id), f"{row.project.name} · {row.name} ({row.get_vendor_display()})")
            for row in robots
        ]

    @classmethod
    def of(cls, row: Report, robots: Sequence[Robot]) -> ReportForm:
        """Filled with what holds."""
        held = {name: getattr(row, name) for name in ("every", "weekday", "day", "at", "language")}
        return cls(
            initial=held | {"robots": [str(each.public_id) for each in row.robots.all()]}, robots=robots
        )
