"""Owners and admins hear of those who come in without anybody having invited them."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tongpin.kernel.events import payloads
from tongpin.kernel.events.models import Event
from tongpin.kernel.news import Kind, Wording, rule
from tongpin.kernel.tenancy.enums import Role, role_word
from tongpin.kernel.tenancy.models import Membership

JOINED = Kind(
    "workspaces.joined",
    gettext_lazy("Joined by e-mail domain"),
    gettext_lazy("Someone came in by the domain of their address."),
    icon="user-plus",
)


def _admins(event: Event) -> Iterable[Membership]:
    if not payloads.from_row(event.name, event.v, event.payload).domain:
        return []
    rows = Membership.objects.active().filter(workspace=event.workspace_id, role__in=[Role.OWNER, Role.ADMIN])
    return rows.select_related("user")


def _words(event: Event, language: str) -> Wording:
    payload = payloads.from_row(event.name, event.v, event.payload)
    name = event.actor.get_short_name() if event.actor else ""
    url = (
        reverse("workspaces:member", args=[event.workspace.slug, event.subject_id]) if event.workspace else ""
    )
    return Wording(
        title=_("%(name)s joined") % {"name": name},
        body=_("By an address at %(domain)s, as %(role)s.")
        % {"domain": payload.domain, "role": role_word(payload.role)},
        url=url,
    )


def register() -> None:
    """Called once, from ``ready()``."""
    rule("workspaces.member_joined", kind=JOINED, recipients=_admins, wording=_words)
