"""What people type about sources. The rules are the actions'."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tongpin.modules.analytics.enums import CountryFrom, IpPolicy, Platform
from tongpin.modules.analytics.models import Source
from tongpin.ui.forms import EditForm


class Lines(forms.CharField):
    """A list of strings, one a line."""

    widget = forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocomplete": "off"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, strip=False, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        if isinstance(value, list):
            return value
        return [line for line in (super().to_python(value) or "").splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(initial) != self.to_python(data)


class NewSourceForm(forms.Form):
    """A new source."""

    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        help_text=_("The site, app or service, such as “Merchant app” or “www”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    platform = forms.ChoiceField(
        label=_("Where its events come from"), choices=Platform.choices, initial=Platform.WEB
    )


class SourceForm(EditForm):
    """What a source is and what it takes."""

    name = forms.CharField(
        label=_("Name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    platform = forms.ChoiceField(label=_("Where its events come from"), choices=Platform.choices)
    allowed_origins = Lines(
        label=_("Allowed origins"),
        help_text=_(
            "One site a line, such as https://app.example.com or *.example.com. Empty: every site. "
            "Requests of servers have no origin and are not asked."
        ),
    )
    ip_policy = forms.ChoiceField(label=_("Addresses of visitors (IP)"), choices=IpPolicy.choices)
    country_from = forms.ChoiceField(
        label=_("Countries of visitors"),
        choices=CountryFrom.choices,
        help_text=_("Two letters, looked up on this server before the address is dropped."),
    )
    drop_bots = forms.BooleanField(
        label=_("Leave bots out"), required=False, help_text=_("Crawlers, monitors and headless browsers.")
    )
    honour_opt_out = forms.BooleanField(
        label=_("Honour “do not track”"),
        required=False,
        help_text=_("Browsers that send Do Not Track or Global Privacy Control are not measured."),
    )
    consent_property = forms.CharField(
        label=_("Consent property"),
        max_length=200,
        required=False,
        help_text=_("Events in which this property is false are refused. Empty: none is asked."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    allow_events = Lines(
        label=_("Only these events"),
        help_text=_("One name a line; * at the end stands for anything. Empty: all."),
    )
    deny_events = Lines(label=_("Never these events"))
    allow_properties = Lines(label=_("Only these properties"))
    deny_properties = Lines(
        label=_("Never these properties"), help_text=_("They are taken out before the event is kept.")
    )
    rate_limit = forms.IntegerField(
        label=_("Events a minute at most"), min_value=0, max_value=10_000_000, help_text=_("0: no limit.")
    )
    retention_days = forms.IntegerField(
        label=_("Days to keep events"), min_value=0, max_value=7320, help_text=_("0: for ever.")
    )
    forward_to = forms.CharField(
        label=_("Also forward to"),
        max_length=200,
        required=False,
        help_text=_(
            "While you move: the old vendor’s host. Each request is sent there as well, and never waits for it."
        ),
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "spellcheck": "false",
                "placeholder": "https://",
                "inputmode": "url",
            }
        ),
    )

    @classmethod
    def of(cls, row: Source, data: Any = None) -> SourceForm:
        """Filled with what holds."""
        return cls(data, initial={name: getattr(row, name) for name in cls.base_fields})


class KeyForm(forms.Form):
    """A key that an SDK already sends to its old vendor."""

    value = forms.CharField(
        label=_("Key that your SDK already sends"),
        max_length=200,
        help_text=_(
            "A PostHog project key, Segment write key, GA4 measurement id, Umami website id or 神策 project name: "
            "then only the address in your app changes."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
