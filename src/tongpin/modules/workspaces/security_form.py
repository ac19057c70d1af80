"""What the Security page asks: networks, one a line, and how long people stay signed in."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tongpin.kernel.tenancy.models import Workspace


class NetworksForm(forms.Form):
    """Addresses and networks; an empty box lets people in from everywhere."""

    allowed_networks = forms.CharField(
        label=_("Addresses and networks"),
        required=False,
        max_length=6000,
        help_text=_("One a line, such as 203.0.113.7 or 10.1.0.0/16; IPv6 too. Empty: from everywhere."),
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
    )

    @classmethod
    def of(cls, workspace: Workspace) -> NetworksForm:
        """The workspace's own."""
        return cls(initial={"allowed_networks": "\n".join(workspace.allowed_networks)})

    def networks(self) -> list[str]:
        """What was typed, piece by piece."""
        return re.findall(r"[^\s,;，；、]+", self.cleaned_data["allowed_networks"])


class SessionsForm(forms.Form):
    """How long a sign-in lasts; "0" is no limit of the workspace's own."""

    session_hours = forms.TypedChoiceField(
        label=_("Sign in again after"),
        coerce=int,
        choices=[
            (0, _("Two weeks, as this server does")),
            (8, _("8 hours")),
            (12, _("12 hours")),
            (24, _("24 hours")),
            (72, _("3 days")),
            (168, _("7 days")),
        ],
    )
    idle_minutes = forms.TypedChoiceField(
        label=_("Sign in again after doing nothing for"),
        coerce=int,
        choices=[
            (0, _("No limit")),
            (15, _("15 minutes")),
            (30, _("30 minutes")),
            (60, _("1 hour")),
            (240, _("4 hours")),
        ],
    )

    @classmethod
    def of(cls, workspace: Workspace, data: Any = None) -> SessionsForm:
        """The workspace's own, with whatever the command line set that is not among the choices."""
        initial = {"session_hours": workspace.session_hours, "idle_minutes": workspace.idle_minutes}
        form = cls(data, initial=initial)
        for name, words in (("session_hours", _("%d hours")), ("idle_minutes", _("%d minutes"))):
            field = form.fields[name]
            if initial[name] not in dict(field.choices):  # type: ignore[attr-defined]
                field.choices = [*field.choices, (initial[name], str(words) % initial[name])]  # type: ignore[attr-defined]
        return form
