"""What this module tells the rest of the program about itself, once, when it starts."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tongpin.kernel import authz, objects
from tongpin.kernel.objects import Card
from tongpin.kernel.upkeep import contacts
from tongpin.modules.analytics import (
    activity_words,
    alert_registration,
    catalogue_registration,
    dashboard_registration,
    insight_registration,
    marker_registration,
    people_registration,
    segment_registration,
)
from tongpin.modules.analytics.actions.event_import import count_stored
from tongpin.modules.analytics.flush.hooks import after_flush
from tongpin.modules.analytics.models import EventImport, Source
from tongpin.modules.analytics.permissions import VIEW
from tongpin.modules.analytics.queries.source import outgoing
from tongpin.ui import navigation
from tongpin.ui.navigation import NavItem

# icons: globe smartphone server


def card(row: Source) -> Card:
    """A source in an answer, a link or the activity list."""
    return Card(
        type=Source._meta.label_lower,
        id=row.public_id,
        title=row.name,
        url=reverse("analytics:source", args=[row.workspace.slug, row.public_id]),
        icon="plug",
        state=_("Paused") if row.paused_at else "",
        hint=str(row.get_platform_display()),
    )


def import_card(row: EventImport) -> Card:
    """An import of events."""
    return Card(
        type=EventImport._meta.label_lower,
        id=row.public_id,
        title=row.name,
        url=reverse("analytics:import", args=[row.workspace.slug, row.source.public_id, row.public_id]),
        icon="upload",
        state=str(row.get_state_display()),
        hint=row.source.name,
    )


def register() -> None:
    """Called by ``apps.ready()``."""
    objects.register(
        EventImport,
        label=gettext_lazy("Import of events"),
        plural=gettext_lazy("Imports of events"),
        icon="upload",
        card=import_card,
        related=("workspace", "source"),
        private=True,
    )
    objects.register(
        Source,
        label=gettext_lazy("Data source"),
        plural=gettext_lazy("Data sources"),
        icon="plug",
        card=card,
        related=("workspace",),
    )
    navigation.register(
        NavItem(
            "analytics.sources",
            "workspace",
            gettext_lazy("Data sources"),
            icon="plug",
            url_name="analytics:sources",
            visible=lambda actor: authz.can(actor, VIEW.name),
            words=("SDK", gettext_lazy("Capture"), "PostHog", "Segment", "Umami", "GA4", "神策"),
        )
    )
    after_flush.append(count_stored)
    contacts.register(outgoing)
    activity_words.register()
    people_registration.register()
    catalogue_registration.register()
    insight_registration.register()
    marker_registration.register()
    segment_registration.register()
    alert_registration.register()
    dashboard_registration.register()
