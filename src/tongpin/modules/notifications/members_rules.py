"""The first rules: what happens to one's membership, and who came through one's invitation."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tongpin.kernel import objects
from tongpin.kernel.events import payloads
from tongpin.kernel.events.models import Event
from tongpin.kernel.news import Kind, Wording, rule
from tongpin.kernel.tenancy.enums import role_word
from tongpin.kernel.tenancy.models import Membership

INVITATIONS = Kind(
    "workspaces.invitation",
    gettext_lazy("Invitations accepted"),
    gettext_lazy("Someone came in through an invitation of yours."),
    icon="user-plus",
)
ACCESS = Kind(
    "workspaces.access",
    gettext_lazy("Your access"),
    gettext_lazy("Your role changed, or your access was ended or given back."),
    icon="shield",
    direct=True,
)
PROJECTS = Kind(
    "workspaces.projects",
    gettext_lazy("Projects you are in"),
    gettext_lazy("Someone added you to a project, or made you its lead."),
    icon="folder",
    direct=True,
)


def register() -> None:
    """Called once, from ``ready()``."""
    rule("workspaces.member_joined", kind=INVITATIONS, recipients=_inviter, wording=_joined)
    rule("workspaces.member_role_changed", kind=ACCESS, recipients=_member, wording=_role_changed)
    rule(
        "workspaces.member_deactivated",
        kind=ACCESS,
        recipients=_member,
        wording=_deactivated,
        reaches_deactivated=True,
    )
    rule("workspaces.member_reactivated", kind=ACCESS, recipients=_member, wording=_reactivated)
    rule("workspaces.project_members_changed", kind=PROJECTS, recipients=_taken_in, wording=_took_in)
    rule("workspaces.project_members_changed", kind=PROJECTS, recipients=_new_lead, wording=_made_lead)


def _member(event: Event) -> Iterable[Membership]:
    return Membership.objects.filter(workspace=event.workspace_id, public_id=event.subject_id).select_related(
        "user"
    )


def _inviter(event: Event) -> Iterable[Membership]:
    """Whoever made the invitation, as the stream tells."""
    invitation = payloads.from_row(event.name, event.v, event.payload).invitation
    if invitation is None:
        return []
    makers = Event.objects.filter(
        workspace=event.workspace_id, name="workspaces.invitation_created", subject_id=invitation
    ).values("actor")
    return Membership.objects.filter(workspace=event.workspace_id, user__in=makers).select_related("user")


def _who(event: Event) -> str:
    return event.actor.get_short_name() if event.actor else _("The server")


def _workspace(event: Event) -> str:
    return event.workspace.name if event.workspace else ""


def _page_of_member(event: Event) -> str:
    return (
        reverse("workspaces:member", args=[event.workspace.slug, event.subject_id]) if event.workspace else ""
    )


def _joined(event: Event, language: str) -> Wording:
    payload = payloads.from_row(event.name, event.v, event.payload)
    return Wording(
        title=_("%(name)s accepted your invitation") % {"name": _who(event)},
        body=_("Joined %(workspace)s as %(role)s.")
        % {"workspace": _workspace(event), "role": role_word(payload.role)},
        url=_page_of_member(event),
    )


def _role_changed(event: Event, language: str) -> Wording:
    payload = payloads.from_row(event.name, event.v, event.payload)
    return Wording(
        title=_("Your role is now %(role)s") % {"role": role_word(payload.after)},
        body=_("%(name)s changed it from %(before)s.")
        % {"name": _who(event), "before": role_word(payload.before)},
        url=_page_of_member(event),
    )


def _deactivated(event: Event, language: str) -> Wording:
    return Wording(
        title=_("Your access to %(workspace)s has ended") % {"workspace": _workspace(event)},
        body=_("%(name)s ended it. What you did there keeps your name.") % {"name": _who(event)},
    )


def _reactivated(event: Event, language: str) -> Wording:
    return Wording(
        title=_("You are back in %(workspace)s") % {"workspace": _workspace(event)},
        body=_("%(name)s gave your access back.") % {"name": _who(event)},
        url=_page_of_member(event),
    )


def _changed(event: Event, wanted: Callable[[dict[str, str]], bool]) -> Iterable[Membership]:
    changes = payloads.from_row(event.name, event.v, event.payload).changes
    members = [change["member"] for change in changes if wanted(change)]
    rows = Membership.objects.filter(workspace=event.workspace_id, public_id__in=members)
    return rows.select_related("user")


def _taken_in(event: Event) -> Iterable[Membership]:
    return _changed(event, lambda change: not change["before"])


def _new_lead(event: Event) -> Iterable[Membership]:
    return _changed(event, lambda change: bool(change["before"]) and change["after"] == "lead")


def _page_of_project(event: Event) -> str:
    found = objects.unscoped(event.subject_type, event.workspace, event.subject_id)
    return objects.types()[event.subject_type].card(found).url if found else ""


def _took_in(event: Event, language: str) -> Wording:
    payload = payloads.from_row(event.name, event.v, event.payload)
    return Wording(
        title=_("%(name)s added you to the project %(project)s")
        % {"name": _who(event), "project": payload.project},
        url=_page_of_project(event),
    )


def _made_lead(event: Event, language: str) -> Wording:
    payload = payloads.from_row(event.name, event.v, event.payload)
    return Wording(
        title=_("You lead the project %(project)s now") % {"project": payload.project},
        body=_("%(name)s handed it to you.") % {"name": _who(event)},
        url=_page_of_project(event),
    )
