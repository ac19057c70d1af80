"""Making invitations, and accepting one."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongpin.kernel.errors import DomainError, Invalid
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.workspaces.accounts import INVITATION
from tongpin.modules.workspaces.actions.invitation import (
    accept_invitation,
    create_link,
    invite_member,
    resend_invitation,
    revoke_invitation,
)
from tongpin.modules.workspaces.forms import InviteForm, LinkForm
from tongpin.modules.workspaces.models import Invitation
from tongpin.modules.workspaces.queries import member as query
from tongpin.modules.workspaces.views.domain_access import form_of
from tongpin.modules.workspaces.views.members import roles_given_by
from tongpin.ui.access import client_ip, in_workspace, public
from tongpin.ui.answers import done, toast
from tongpin.ui.forms import refuse


@in_workspace("workspaces.member.invite")
@require_POST
def invite(request: HttpRequest) -> HttpResponse:
    """Invite one or several addresses. Those that fail are said, the others are invited."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    form = InviteForm(request.POST, roles=roles_given_by(actor))
    if not form.is_valid():
        return _panel(request, {"invite_form": form}, 422)
    refused, sent, last = [], 0, None
    for email in form.cleaned_data["emails"]:
        try:
            last = invite_member.run(actor, {"email": email, "role": form.cleaned_data["role"]})
            sent += 1
        except Invalid:
            refused.append((email, _("%(email)s is not an e-mail address.") % {"email": email}))
        except DomainError as error:
            refused.append((email, f"{error.message} {error.hint}".strip()))
    if refused:
        again = InviteForm(
            {"emails": "\n".join(email for email, _why in refused), "role": form.cleaned_data["role"]},
            roles=roles_given_by(actor),
        )
        again.is_valid()
        for why in dict.fromkeys(why for _email, why in refused):
            again.add_error("emails", why)
        return _panel(request, {"invite_form": again}, 422)
    said = ngettext("Invitation sent.", "%(count)d invitations sent.", sent) % {"count": sent}
    response = _panel(request, {})
    return done(request, response, said, last) if sent == 1 and last is not None else toast(response, said)


@in_workspace("workspaces.member.invite")
@require_POST
def make_link(request: HttpRequest) -> HttpResponse:
    """A link to come in by; shown once."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    form = LinkForm(request.POST, roles=roles_given_by(actor, link=True))
    if not form.is_valid():
        return _panel(request, {"link_form": form}, 422)
    try:
        outcome = create_link.run(actor, form.cleaned_data)
    except Invalid as error:
        refuse(form, error)
        return _panel(request, {"link_form": form}, 422)
    return done(request, _panel(request, {"link": outcome.value.shown_once}), _("Link made."), outcome)


def _context(request: HttpRequest) -> dict[str, Any]:
    """What the page of invitations shows."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return {
        "invitations": list(query.invitations(actor)),
        "invite_form": InviteForm(roles=roles_given_by(actor), initial={"role": Role.MEMBER}),
        "link_form": LinkForm(roles=roles_given_by(actor, link=True), initial={"role": Role.MEMBER}),
    }


def _panel(request: HttpRequest, more: dict[str, object], status: int = 200) -> HttpResponse:
    """The part of the page that changes."""
    return render(request, "workspaces/_invitations.html", {**_context(request), **more}, status=status)


@in_workspace("workspaces.member.invite")
@require_GET
def list_invitations(request: HttpRequest) -> HttpResponse:
    """Ask people in, and see who has not come yet."""
    context = {**_context(request), "domain_form": form_of(request.actor)}  # type: ignore[attr-defined]
    return render(request, "workspaces/invitations.html", context)


@in_workspace("workspaces.member.invite")
@require_POST
def resend(request: HttpRequest, invitation: uuid.UUID) -> HttpResponse:
    """Mail it again."""
    outcome = resend_invitation.run(request.actor, {}, target=invitation)  # type: ignore[attr-defined]
    return done(
        request, _panel(request, {}), _("Sent again to %(email)s.") % {"email": outcome.value.email}, outcome
    )


@in_workspace("workspaces.member.invite")
@require_POST
def revoke(request: HttpRequest, invitation: uuid.UUID) -> HttpResponse:
    """Take it back."""
    outcome = revoke_invitation.run(request.actor, {}, target=invitation)  # type: ignore[attr-defined]
    return done(request, _panel(request, {}), _("Invitation taken back."), outcome)


@public
@never_cache
@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """An invitation's page: come in, or sign up or in first."""
    found = query.invitation_by_token(token)
    if found is None:
        return render(request, "workspaces/invite_gone.html", {"state": "none"}, status=404)
    user = request.user
    if user.is_authenticated:
        if Membership.objects.active().filter(workspace=found.workspace, user=user).exists():
            return redirect(f"/w/{found.workspace.slug}/")
        if request.method == "POST":
            return _enter(request, found, token)
    if found.state != "open":
        return render(request, "workspaces/invite_gone.html", {"state": found.state}, status=410)
    if not user.is_authenticated:
        request.session[INVITATION] = token
    query_string = {"next": reverse("workspaces:invite", args=[token])}
    sign_up = urlencode({"email": found.email}) if found.email else ""
    return render(
        request,
        "workspaces/invite.html",
        {
            "invitation": found,
            "sign_in_url": f"{reverse('account_login')}?{urlencode(query_string)}",
            "sign_up_url": "" if settings.OIDC_ONLY else f"{reverse('account_signup')}?{sign_up}".rstrip("?"),
            "other_address": user.is_authenticated and bool(found.email) and found.email != user.email,
        },
    )


def _enter(request: HttpRequest, found: Invitation, token: str) -> HttpResponse:
    actor = Actor.of(request.user, ip=client_ip(request))  # type: ignore[arg-type]
    try:
        joined = accept_invitation.run(actor, {"token": token}).value
    except DomainError as error:
        return render(
            request, "workspaces/invite.html", {"invitation": found, "error": error}, status=error.status
        )
    request.session.pop(INVITATION, None)
    return redirect(f"/w/{joined.workspace.slug}/")
