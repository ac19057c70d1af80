"""What people type about alerts. The rules are the actions'."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tongpin.modules.analytics.enums import AlertRule
from tongpin.modules.analytics.models import Alert
from tongpin.modules.analytics.models.insight import LONGEST_NAME


def _number(label: Any, hint: Any = "", **more: Any) -> forms.FloatField:
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return forms.FloatField(label=label, required=False, help_text=hint, widget=widget, **more)


class AlertForm(forms.Form):
    """When an alert rings. Changes and shares are typed in per cent."""

    name = forms.CharField(
        label=_("Name"), max_length=LONGEST_NAME, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    series = forms.ChoiceField(label=pgettext_lazy("alert", "What is watched"))
    rule = forms.ChoiceField(label=_("Rings when"), choices=AlertRule.choices)
    value = _number(_("Value, or change in %"))
    least_relative = _number(
        _("Least change in %"),
        _("For unusual days: smaller changes are no news, however sure they are."),
        min_value=0,
        max_value=10_000,
    )
    least_absolute = _number(_("Least change as a number"), min_value=0)

    def __init__(self, *args: Any, choices: list[tuple[str, str]], share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.share = share
        series: Any = self.fields["series"]
        series.choices = choices

    @classmethod
    def of(cls, row: Alert, choices: list[tuple[str, str]], *, share: bool, data: Any = None) -> AlertForm:
        """Filled with what holds."""
        per_cent = share or row.rule == AlertRule.CHANGE
        value = row.value * 100 if row.value is not None and per_cent else row.value
        absolute = row.least_absolute * 100 if share else row.least_absolute
        initial = {
            "name": row.name, "series": row.series, "rule": row.rule, "value": _plain(value),
            "least_relative": _plain(row.least_relative * 100), "least_absolute": _plain(absolute),
        }  # fmt: skip
        return cls(data, initial=initial, choices=choices, share=share)

    def data_of(self) -> dict[str, Any]:
        """As the actions take it: shares of 1."""
        given = self.cleaned_data
        rule, value = given["rule"], given["value"]
        if value is not None and (self.share or rule == AlertRule.CHANGE):
            value /= 100
        relative, absolute = given["least_relative"], given["least_absolute"]
        return {
            "name": given["name"],
            "series": given["series"],
            "rule": rule,
            "value": None if rule == AlertRule.UNUSUAL else value,
            "least_relative": 0.1 if relative is None else relative / 100,
            "least_absolute": (absolute or 0.0) / (100 if self.share else 1),
        }


def _plain(value: float | None) -> str:
    return "" if value is None else f"{round(value, 6):g}"
