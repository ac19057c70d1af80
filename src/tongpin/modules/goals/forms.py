"""What a person types about a look back, cleaned into the input of its actions."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from tongpin.kernel import clock
from tongpin.kernel.i18n.countries import Country
from tongpin.kernel.tenancy.models import Workspace
from tongpin.lib.effects import Direction, Scale, SizeUnit
from tongpin.modules.goals.actions import Question
from tongpin.modules.goals.demo_series import sample_series
from tongpin.modules.goals.models import WINDOW_DAYS, LookBack
from tongpin.modules.goals.reading import MAX_CHARACTERS
from tongpin.modules.goals.wording import numbers
from tongpin.modules.workspaces.public import country_of

_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，＋－％", "0123456789.,+-%")
_OTHER = re.compile(r"^\s*(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?\s*(.*?)\s*$")


class SizeField(forms.CharField):
    """A size as people write it: ``5``, ``5%``, ``+5 %``, ``６个点``. The unit is chosen beside it."""

    def clean(self, value: Any) -> float | None:
        text = super().clean(value).translate(_FULL_WIDTH).strip()
        if not text:
            return None
        bare = re.sub(
            r"[%+\s]|个点|点|pts?|points?|,(?=\d{3}\b)",
            "",
            text.replace(numbers.MINUS, "-"),
            flags=re.IGNORECASE,
        )
        try:
            found = float(bare)
        except ValueError:
            raise forms.ValidationError(_("Enter a number, such as 5 or 2.5."), code="no_number") from None
        # The direction is said beside it: "fall by −5" and "fall by 5" mean the same.
        return abs(found)


class OthersField(forms.CharField):
    """One line for each other launch: a day and, if wanted, what it was."""

    widget = forms.Textarea

    def clean(self, value: Any) -> list[dict[str, str]]:
        found = []
        for line in super().clean(value).splitlines():
            if not line.strip():
                continue
            match = _OTHER.match(line)
            try:
                if match is None:
                    raise ValueError(line)
                day = date(int(match[1]), int(match[2]), int(match[3]))
            except ValueError:
                raise forms.ValidationError(
                    _("“%(line)s” does not begin with a day such as 2026-03-02."),
                    params={"line": line.strip()[:40]},
                ) from None
            found.append({"day": day.isoformat(), "label": match[4][:80]})
        return found


class QuestionForm(forms.Form):
    """What launched when, what was expected of it."""

    launch = forms.DateField(
        label=_("Launch day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    window_days = forms.IntegerField(
        label=_("Window in days"),
        min_value=1,
        max_value=366,
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    direction = forms.ChoiceField(
        label=_("Direction"),
        choices=[
            (Direction.UP.value, pgettext_lazy("we expect it to", "rise by")),
            (Direction.DOWN.value, pgettext_lazy("we expect it to", "fall by")),
        ],
        required=False,
    )
    expected = SizeField(label=_("Expected size"), required=False)
    expected_unit = forms.ChoiceField(label=_("Unit of the sizes"), required=False)
    worth = SizeField(label=_("Smallest size worth having"), required=False)
    country = forms.ChoiceField(label=_("Holidays of"), choices=Country.choices, required=False)
    partial_days = forms.IntegerField(
        label=_("Days of roll-out to leave out"), min_value=0, max_value=90, required=False
    )
    scale = forms.ChoiceField(
        label=_("Scale of the model"),
        required=False,
        choices=[
            (Scale.AUTO.value, _("Choose for me")),
            (Scale.LOG.value, _("Per cent (logarithm)")),
            (Scale.LOGIT.value, _("Shares (log odds)")),
            (Scale.LINEAR.value, _("The metric’s own unit")),
        ],
    )
    others = OthersField(
        label=_("Other launches that could have moved it"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, share: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units: list[tuple[str, Any]] = [(SizeUnit.RELATIVE.value, "%")]
        if share:
            units.insert(0, (SizeUnit.POINTS.value, pgettext_lazy("unit of a size", "points")))
        else:
            units.append((SizeUnit.ABSOLUTE.value, pgettext_lazy("unit of a size", "units a day")))
        self.fields["expected_unit"].choices = units  # type: ignore[attr-defined]

    def clean_window_days(self) -> int:
        return self.cleaned_data.get("window_days") or WINDOW_DAYS

    def clean_partial_days(self) -> int:
        return self.cleaned_data.get("partial_days") or 0

    def clean_direction(self) -> str:
        return self.cleaned_data.get("direction") or Direction.UP.value

    def clean_scale(self) -> str:
        return self.cleaned_data.get("scale") or Scale.AUTO.value

    def clean_expected_unit(self) -> str:
        return self.cleaned_data.get("expected_unit") or SizeUnit.RELATIVE.value

    def question(self) -> dict[str, Any]:
        """The input of ``set_launch``, from what is valid so far; needs ``is_valid()`` to have run."""
        asked = {name: self.cleaned_data[name] for name in Question.model_fields if name in self.cleaned_data}
        unit = asked.get("expected_unit") or SizeUnit.RELATIVE.value
        per = 0.01 if unit == SizeUnit.RELATIVE.value else 1.0
        for name in ("expected", "worth"):
            if asked.get(name) is not None:
                asked[name] = round(asked[name] * per, 12)
        return asked | {"expected_unit": unit, "worth_unit": unit}


class LookBackForm(QuestionForm):
    """A new look back: the pasted table, its name, and the question."""

    text = forms.CharField(
        label=_("Two columns: day and value"),
        required=False,
        strip=False,
        max_length=MAX_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
    )
    file = forms.FileField(label=_("File"), required=False, allow_empty_file=True)
    source_name = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    metric = forms.CharField(label=_("Name of the metric"), required=False, max_length=80)
    unit = forms.CharField(label=_("Unit"), required=False, max_length=20)
    once = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)

    def answers(self) -> dict[str, str]:
        """What the person chose where the reader asked."""
        return {
            name[7:]: str(value) for name, value in self.data.items() if name.startswith("answer_") and value
        }


def blank(workspace: Workspace) -> dict[str, Any]:
    """The form of a person who has just come."""
    return {
        "window_days": WINDOW_DAYS,
        "direction": Direction.UP.value,
        "country": country_of(workspace),
        "partial_days": 0,
        "scale": Scale.AUTO.value,
        "once": uuid.uuid4().hex,
    }


def again(row: LookBack, asked: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The form filled from a look back, to ask another question of the same series; ``asked`` is what the link
    there changes about it (``window_days``, ``partial_days``).
    """
    per = 100.0 if row.expected_unit == SizeUnit.RELATIVE.value else 1.0

    def typed(value: float | None) -> str:
        return "" if value is None else f"{round(value * per, 10):g}"

    return {
        "text": row.to_series().to_csv(),
        "source_name": row.source_name,
        "metric": row.metric,
        "unit": row.unit,
        "launch": row.launch.isoformat() if row.launch else "",
        "window_days": _whole(asked, "window_days", row.window_days),
        "direction": row.direction,
        "expected": typed(row.expected),
        "expected_unit": row.expected_unit,
        "worth": typed(row.worth),
        "country": row.country,
        "partial_days": _whole(asked, "partial_days", row.partial_days),
        "scale": row.scale,
        "others": "\n".join(f"{other['day']} {other.get('label', '')}".strip() for other in row.others),
        "once": uuid.uuid4().hex,
    }


def _whole(asked: Mapping[str, str] | None, name: str, otherwise: int) -> int:
    text = (asked or {}).get(name, "")
    return int(text) if text.isdecimal() and len(text) < 4 else otherwise


def sample(workspace: Workspace) -> dict[str, Any]:
    """The form filled with made-up numbers, for a person without a sheet at hand."""
    series, launch = sample_series(clock.today(workspace.time_zone))
    rows = "\n".join(f"{day}\t{value:g}" for day, value in zip(series.days, series.values, strict=True))
    return {
        "text": rows,
        "source_name": gettext("sample data"),
        "metric": gettext("Sample: orders a day"),
        "launch": launch.isoformat(),
        "expected": "5",
        "country": "",  # these numbers know no holidays
    }
