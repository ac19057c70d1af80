"""What the gallery page shows: examples for every component, none of them real."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from tongpin.kernel import clock


class Example(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("What colleagues will call it."))
    email = forms.EmailField(label=_("Email"))
    amount = forms.DecimalField(label=_("Amount"), required=False)
    role = forms.ChoiceField(
        label=_("Role"), choices=[("admin", _("Admin")), ("member", _("Member")), ("guest", _("Guest"))]
    )
    about = forms.CharField(label=_("About"), widget=forms.Textarea, required=False)
    remember = forms.BooleanField(
        label=_("Keep me signed in"), required=False, help_text=_("For two weeks on this device.")
    )
    start = forms.ChoiceField(
        label=_("Week starts on"),
        widget=forms.RadioSelect,
        choices=[("mon", _("Monday")), ("sun", _("Sunday"))],
    )


def _series(days: int) -> list[dict[str, Any]]:
    start = clock.now().date().replace(month=1, day=1)
    rows = []
    for n in range(days):
        expected = 100 + n * 0.4 + (n % 7 in (5, 6)) * 22
        lift = 26 if n >= 60 else 0
        rows.append(
            {
                "date": (start + timedelta(days=n)).isoformat(),
                "value": round(expected + lift + (n * 37 % 11) - 5, 1),
                "expected": round(expected, 1),
                "low": round(expected - 14, 1),
                "high": round(expected + 14, 1),
            }
        )
    return rows


def chart() -> dict[str, Any]:
    """Data of the example chart, in the shape ``tp-chart`` takes."""
    rows = _series(90)
    return {
        "rows": rows,
        "names": {
            "value": str(_("New shops")),
            "expected": str(_("Without the launch")),
            "band": str(_("Normal range")),
        },
        "markers": [{"date": rows[60]["date"], "label": str(_("Launch"))}],
        "window": {"from": rows[60]["date"], "to": rows[73]["date"]},
    }


NAMES = (
    ("沈一诺", "syn shenyinuo"),
    ("Daniel Tan", "dt"),
    ("何予安", "hya heyuan"),
    ("Emily Koh", "ek"),
    ("彭越", "py pengyue"),
)


def people(words: str) -> list[dict[str, Any]]:
    """Picker rows whose name or pinyin begins with the words."""
    found = [n for n in NAMES if words.lower() in f"{n[0]} {n[1]}".lower()]
    return [{"id": name, "title": name, "hint": pinyin.split()[-1]} for name, pinyin in found]


def context(request: HttpRequest) -> dict[str, Any]:
    """The page's context."""
    bound = Example(
        {"name": "", "email": "yinuo@", "amount": "12", "role": "member", "about": "", "start": "mon"},
        auto_id="bad_%s",
    )
    bound.is_valid()
    now = clock.now()
    members = [type("Person", (), {"name": name, "public_id": name})() for name, _pinyin in NAMES]
    return {
        "picked": people("yinuo"),
        "form": Example(),
        "named": Example(auto_id="dialog_%s"),
        "bound": bound,
        "people": members,
        "chart": chart(),
        "times": [
            now,
            now - timedelta(minutes=5),
            now - timedelta(hours=3),
            now - timedelta(days=1),
            now - timedelta(days=4),
            now - timedelta(days=40),
            now + timedelta(days=2),
        ],
        "results": ["met", "partly", "missed", "negative", "unclear", "watching"],
        "levels": ["A", "B", "C", "D", "counted"],
        "section": request.GET.get("only", ""),
        "tab": request.GET.get("tab", "one"),
    }
