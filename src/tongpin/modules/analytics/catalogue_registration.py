"""What the catalogue tells the rest of the program about itself, once, when it starts."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from tongpin.kernel import authz, objects
from tongpin.kernel.objects import Card
from tongpin.modules.analytics.actions import seen
from tongpin.modules.analytics.flush.hooks import after_flush
from tongpin.modules.analytics.models import EventName
from tongpin.modules.analytics.permissions import VIEW
from tongpin.modules.workspaces.public import describe
from tongpin.ui import navigation
from tongpin.ui.navigation import NavItem


def card(row: EventName) -> Card:
    """An event in an answer, a link or the activity list."""
    return Card(
        type=EventName._meta.label_lower,
        id=row.public_id,
        title=row.name,
        url=reverse("analytics:event", args=[row.workspace.slug, row.public_id]),
        icon="zap",
        state=_("Hidden") if row.hidden_at else "",
        hint=row.description[:100],
    )


def register() -> None:
    """Called by ``apps.ready()``."""
    objects.register(
        EventName,
        label=pgettext_lazy("product", "Event"),
        plural=pgettext_lazy("product", "Events"),
        icon="zap",
        card=card,
        related=("workspace",),
    )
    navigation.register(
        NavItem(
            "analytics.events",
            "data",
            pgettext_lazy("product", "Events"),
            icon="zap",
            url_name="analytics:events",
            order=40,
            shortcut="g e",
            visible=lambda actor: authz.can(actor, VIEW.name),
            words=(gettext_lazy("Tracking plan"), "埋点", "maidian"),
        )
    )
    after_flush.append(seen.take)
    describe("analytics.event_planned", lambda p: _("planned the event “%(name)s”") % {"name": p.name})
    describe("analytics.event_described", lambda p: _("changed the event “%(name)s”") % {"name": p.name})
    describe("analytics.event_hidden", lambda p: _("hid the event “%(name)s”") % {"name": p.name})
    describe("analytics.event_shown", lambda p: _("lists the event “%(name)s” again") % {"name": p.name})
    describe(
        "analytics.property_described",
        lambda p: (
            _("changed the property “%(name)s” of the event “%(event)s”") % {"name": p.name, "event": p.event}
        ),
    )
