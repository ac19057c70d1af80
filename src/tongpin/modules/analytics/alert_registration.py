"""What alerts tell the rest of the program about themselves, once, when it starts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from tongpin.kernel import objects, ownership
from tongpin.kernel.events import payloads
from tongpin.kernel.events.models import Event
from tongpin.kernel.news import Kind, Wording, rule
from tongpin.kernel.objects import Card, SearchText
from tongpin.kernel.ownership import Owned
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.lib import pinyin
from tongpin.modules.analytics import alert_words
from tongpin.modules.analytics.actions.alert import edit_alert
from tongpin.modules.analytics.models import Alert
from tongpin.modules.analytics.queries import alert as queries
from tongpin.modules.discussions.public import followed_by, watchers_of
from tongpin.modules.workspaces.public import describe

RANG = Kind(
    "analytics.alert",
    gettext_lazy("Alerts"),
    gettext_lazy("A number you watch leaves its bounds."),
    icon="bell-ring",
)
MOST_NAMED = 5


def card(row: Alert) -> Card:
    """An alert in an answer of the search, a link or the activity list."""
    return Card(
        type=Alert._meta.label_lower,
        id=row.public_id,
        title=row.name,
        url=reverse("analytics:alert", args=[row.workspace.slug, row.public_id]),
        icon="bell-ring",
        state=alert_words.state(row)[0],
    )


def search(row: Alert) -> SearchText:
    """Found by its name."""
    return SearchText(title=row.name, pinyin=" ".join(pinyin.syllables(row.name)[:24]))


def told(event: Event) -> Iterable[Membership]:
    """Whoever watches the alert; nobody while it is muted or gone."""
    said: Any = payloads.from_row(event.name, event.v, event.payload)
    row = Alert.objects.filter(public_id=event.subject_id, deleted_at=None).first() if said.told else None
    return watchers_of(row) if row is not None else []


def wording(event: Event, language: str) -> Wording:
    """The day, the figure, what was expected, and what happened about then."""
    said: Any = payloads.from_row(event.name, event.v, event.payload)
    at = date.fromisoformat(said.day)
    parts = [
        alert_words.happened(said.reason, said.value, (said.expected, said.low, said.high), share=said.share)
    ]
    if event.workspace is not None:
        near = queries.near(Actor.system(event.workspace), at, at)
        if near:
            names = " · ".join(dict.fromkeys(each.label for each in near[:MOST_NAMED]))
            parts.append(_("About then: %(names)s") % {"names": names})
    slug = event.workspace.slug if event.workspace else ""
    title = _("%(name)s rang for %(day)s") % {"name": said.name, "day": alert_words.day(at)}
    return Wording(title, " · ".join(parts), reverse("analytics:alert", args=[slug, event.subject_id]))


def register() -> None:
    """Called by ``apps.ready()``."""
    objects.register(
        Alert,
        label=pgettext_lazy("analytics", "Alert"),
        plural=gettext_lazy("Alerts"),
        icon="bell-ring",
        card=card,
        search=search,
        related=("workspace",),
    )
    followed_by(Alert._meta.label_lower, lambda row: [row.owner.user_id])
    ownership.register(
        Owned(
            "analytics.alerts",
            gettext_lazy("Alerts they answer for"),
            "bell-ring",
            queries.owned_by,
            lambda actor, row, member: edit_alert.run(actor, {"owner": member.public_id}, target=row),
            undone_by="analytics.alert.edit",
        )
    )
    rule("analytics.alert_rang", kind=RANG, recipients=told, wording=wording)
    describe("analytics.alert_created", lambda p: _("made the alert “%(name)s”") % {"name": p.name})
    describe("analytics.alert_edited", lambda p: _("changed the alert “%(name)s”") % {"name": p.name})
    describe("analytics.alert_deleted", lambda p: _("deleted the alert “%(name)s”") % {"name": p.name})
    describe("analytics.alert_restored", lambda p: _("brought the alert “%(name)s” back") % {"name": p.name})
    describe("analytics.alert_paused", lambda p: _("paused the alert “%(name)s”") % {"name": p.name})
    describe("analytics.alert_resumed", lambda p: _("resumed the alert “%(name)s”") % {"name": p.name})
    describe(
        "analytics.alert_muted",
        lambda p: (
            _("muted the alert “%(name)s” until %(day)s")
            % {"name": p.name, "day": alert_words.day(date.fromisoformat(p.until))}
            if p.until
            else _("ended the mute of the alert “%(name)s”") % {"name": p.name}
        ),
    )
    describe(
        "analytics.alert_rang",
        lambda p: (
            _("rang: %(name)s, %(day)s: %(what)s")
            % {
                "name": p.name,
                "day": alert_words.day(date.fromisoformat(p.day)),
                "what": alert_words.happened(p.reason, p.value, (p.expected, p.low, p.high), share=p.share),
            }
        ),
    )
    describe(
        "analytics.alert_calmed",
        lambda p: (
            _("within bounds again: %(name)s, %(day)s")
            % {"name": p.name, "day": alert_words.day(date.fromisoformat(p.day))}
        ),
    )
