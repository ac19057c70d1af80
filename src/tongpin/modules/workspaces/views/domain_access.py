"""The setting of mail domains that let people in, and coming in that way."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from tongpin.kernel.errors import Invalid
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Role
from tongpin.modules.workspaces.actions.domain_access import edit_domain_access, join_by_domain
from tongpin.modules.workspaces.queries import domain_access as query
from tongpin.ui.access import in_workspace, signed_in
from tongpin.ui.answers import done


class DomainForm(forms.Form):
    domains = forms.CharField(
        label=gettext_lazy("Mail domains"),
        max_length=2000,
        required=False,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "placeholder": "example.com"}
        ),
        help_text=gettext_lazy("Several apart by commas. Empty: nobody comes in this way."),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role"), choices=[(r.value, r.label) for r in (Role.MEMBER, Role.GUEST)]
    )

    def wanted(self) -> list[str]:
        """The domains as typed, once each."""
        text = self.cleaned_data["domains"]
        for sign in ",;，；、":
            text = text.replace(sign, " ")
        return list(dict.fromkeys(text.split()))


def form_of(actor: Actor, data: Any = None) -> DomainForm:
    """The form with what is set."""
    row = query.of_workspace(actor)
    return DomainForm(
        data, initial={"domains": ", ".join(row.domains), "role": row.role}, auto_id="domain_%s"
    )


@in_workspace("workspaces.security.edit")
@require_POST
def edit(request: HttpRequest) -> HttpResponse:
    """Set the domains. A refused one stays as typed."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    form = form_of(actor, request.POST)
    if not form.is_valid():
        return _panel(request, form, 422)
    try:
        data = {"domains": form.wanted(), "role": form.cleaned_data["role"]}
        outcome = edit_domain_access.run(actor, data)
    except Invalid as error:
        for name, found in error.fields.items():
            for said in found:
                form.add_error(
                    "domains" if name.startswith("domains") else None, f"{said} {error.hint}".strip()
                )
        return _panel(request, form, 422)
    response = _panel(request, form_of(actor))
    return done(request, response, _("Saved."), outcome) if outcome.events else response


def _panel(request: HttpRequest, form: DomainForm, status: int = 200) -> HttpResponse:
    return render(request, "workspaces/_domain_access.html", {"domain_form": form}, status=status)


@signed_in
@require_POST
def join(request: HttpRequest, workspace: uuid.UUID) -> HttpResponse:
    """Come in."""
    member = join_by_domain.run(request.actor, {"workspace": workspace}).value  # type: ignore[attr-defined]
    return redirect(f"/w/{member.workspace.slug}/")
