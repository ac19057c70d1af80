"""What the audit log is narrowed to, as the page's address says it."""

from __future__ import annotations

import ipaddress
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tongpin.kernel.tenancy.enums import Via
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.workspaces.queries.audit import Filters

KINDS = (
    ("", _("Everything")),
    ("sign_in", _("Sign-in and accounts")),
    ("access", _("Access, tokens and exports")),
    ("people", _("People and roles")),
    ("settings", _("Settings")),
    ("projects", _("Projects")),
    ("work", pgettext_lazy("audit", "Work itself")),
)


class AuditForm(forms.Form):
    """Days are the reader's own; ``ip`` is an address or a network."""

    who = forms.ChoiceField(label=_("Who"), required=False)
    kind = forms.ChoiceField(label=_("What"), required=False, choices=KINDS)
    via = forms.ChoiceField(label=_("Through"), required=False, choices=[("", _("Any door")), *Via.choices])
    since = forms.DateField(label=_("From"), required=False)
    until = forms.DateField(label=_("To"), required=False)
    ip = forms.CharField(
        label=_("IP address"),
        required=False,
        max_length=50,
        widget=forms.TextInput(attrs={"placeholder": "10.0.0.0/8", "autocapitalize": "none"}),
    )

    def __init__(self, data: Any, people: list[Membership], zone: str) -> None:
        super().__init__(data)
        self.zone = ZoneInfo(zone)
        self.fields["who"].choices = [  # type: ignore[attr-defined]
            ("", _("Everyone")),
            *((str(row.user.public_id), row.user.get_short_name()) for row in people),
            ("system", _("The server, or nobody signed in")),
        ]
        for name in ("since", "until"):
            self.fields[name].widget.input_type = "date"  # type: ignore[attr-defined]
            self.fields[name].widget.format = "%Y-%m-%d"  # type: ignore[attr-defined]

    def clean_ip(self) -> str:
        """The network as it is written out."""
        typed = str(self.cleaned_data["ip"]).strip()
        if not typed:
            return ""
        try:
            return str(ipaddress.ip_network(typed, strict=False))
        except ValueError:
            raise forms.ValidationError(_("Write an address such as 10.1.2.3 or 10.1.0.0/16.")) from None

    def filters(self) -> Filters:
        """As far as what was asked makes sense."""
        given = self.cleaned_data if self.is_valid() else getattr(self, "cleaned_data", {})
        last = given.get("until")
        return Filters(
            who=given.get("who") or "",
            kind=given.get("kind") or "",
            via=given.get("via") or "",
            ip=given.get("ip") or "",
            since=self._begin(given.get("since")),
            until=self._begin(last + timedelta(days=1) if last else None),
        )

    def asked(self) -> dict[str, str]:
        """The filters that are set, as they stand in the address."""
        self.is_valid()
        return {name: str(value) for name, value in self.cleaned_data.items() if value}

    def _begin(self, day: date | None) -> datetime | None:
        return datetime.combine(day, time.min, self.zone) if day else None
