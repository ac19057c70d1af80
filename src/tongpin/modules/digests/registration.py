"""What this module tells the rest of the program about itself, once, when it starts."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tongpin.kernel import authz, keyring, objects
from tongpin.kernel.events import payloads, relay
from tongpin.kernel.events.models import Event
from tongpin.kernel.news import Kind, Wording, rule
from tongpin.kernel.objects import Card
from tongpin.kernel.upkeep import contacts
from tongpin.modules.digests import handlers, topics
from tongpin.modules.digests.actions import secrets
from tongpin.modules.digests.enums import VendorName, Why
from tongpin.modules.digests.models import Robot
from tongpin.modules.digests.permissions import OVERSEE
from tongpin.modules.digests.queries import robot as queries
from tongpin.modules.workspaces.public import Project, describe
from tongpin.ui import navigation, tabs
from tongpin.ui.navigation import NavItem
from tongpin.ui.tabs import Tab

# icons: bot

STOPPED = Kind(
    "digests.robot",
    gettext_lazy("Group robots"),
    gettext_lazy("A robot of yours has stopped and needs you."),
    icon="bot",
)


def card(row: Robot) -> Card:
    """A robot in an answer, a link or the activity list."""
    return Card(
        type=Robot._meta.label_lower,
        id=row.public_id,
        title=row.name,
        url=page(row),
        icon="bot",
        state=_("Paused") if row.paused_at else "",
        hint=f"{VendorName(row.vendor).label} · {row.project.name}",
    )


def page(row: Robot) -> str:
    """A robot's own page. ``workspace`` and ``project`` are joined."""
    return reverse("digests:robot", args=[row.workspace.slug, row.project.key, row.public_id])


def stopped(event: Event, language: str) -> Wording:
    """Why it stopped, and what to do."""
    said: Any = payloads.from_row(event.name, event.v, event.payload)
    row = queries.with_owner(Robot.objects.filter(public_id=event.subject_id)).first()
    title = _("The robot “%(name)s” has stopped") % {"name": said.name}
    return Wording(title, str(Why(said.why).label), page(row) if row else "")


def register() -> None:
    """Called by ``apps.ready()``."""
    topics.declare()
    objects.register(
        Robot,
        label=gettext_lazy("Group robot"),
        plural=gettext_lazy("Group robots"),
        icon="bot",
        card=card,
        related=("workspace", "project"),
        private=True,
    )
    keyring.register("digests.robots", secrets.rewrite)
    contacts.register(queries.outgoing)
    relay.subscribe("digests.rights", handlers.on_rights, names=handlers.NARROWING, acts=True)
    relay.subscribe("digests.news", handlers.on_news, names=topics.names())
    rule("digests.robot_stopped", kind=STOPPED, recipients=queries.told_of, wording=stopped)
    tabs.register(
        Project._meta.label_lower,
        Tab(
            "robots",
            gettext_lazy("To groups"),
            lambda row: reverse("digests:robots", args=[row.workspace.slug, row.key]),
            order=85,
            visible=lambda actor, row: authz.can(actor, "workspaces.project.edit", row),
        ),
    )
    navigation.register(
        NavItem(
            "digests.robots",
            "workspace",
            gettext_lazy("Group robots"),
            icon="bot",
            url_name="digests:everywhere",
            visible=lambda actor: authz.can(actor, OVERSEE.name),
            words=tuple(VendorName.labels),
        )
    )
    describe("digests.robot_created", lambda p: _("made the group robot “%(name)s”") % {"name": p.name})
    describe("digests.robot_edited", lambda p: _("changed the group robot “%(name)s”") % {"name": p.name})
    describe(
        "digests.robot_connected",
        lambda p: _("entered another address for the group robot “%(name)s”") % {"name": p.name},
    )
    describe("digests.robot_paused", lambda p: _("paused the group robot “%(name)s”") % {"name": p.name})
    describe("digests.robot_resumed", lambda p: _("resumed the group robot “%(name)s”") % {"name": p.name})
    describe("digests.robot_stopped", lambda p: _("stopped the group robot “%(name)s”") % {"name": p.name})
    describe(
        "digests.robot_taken_over", lambda p: _("took over the group robot “%(name)s”") % {"name": p.name}
    )
    describe("digests.robot_deleted", lambda p: _("deleted the group robot “%(name)s”") % {"name": p.name})
    describe(
        "digests.robot_restored", lambda p: _("brought back the group robot “%(name)s”") % {"name": p.name}
    )
