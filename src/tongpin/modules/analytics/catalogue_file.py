"""The catalogue as a file: one line for each property, for the people who build what is to be sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tongpin.lib import sheet
from tongpin.modules.analytics.models import EventName


def as_csv(events: Iterable[EventName]) -> Iterator[str]:
    """With a head in the reader's language. Events come with ``week`` and their properties; times are UTC."""
    return sheet.written(_rows(events))


def _rows(events: Iterable[EventName]) -> Iterator[list[str]]:
    yield [
            pgettext("product", "Event"), _("What the event means"), pgettext("event", "Owner"),
            _("In the plan"), _("Key event"), _("Last 7 days"),
            _("In all"), _("First seen"), _("Last seen"), _("Property"), _("Types"), _("What the property means"),
            _("Property in the plan"), _("Personal"), _("Samples"),
    ]  # fmt: skip
    for event in events:
        start = [
            event.name,
            event.description,
            event.owner.user.get_short_name() if event.owner else "",
            _yes(event.expected),
            _yes(event.key_event),
            str(event.week),  # type: ignore[attr-defined]
            str(event.total),
            event.first_seen_at.isoformat(timespec="seconds") if event.first_seen_at else "",
            event.last_seen_at.isoformat(timespec="seconds") if event.last_seen_at else "",
        ]
        properties = sorted(event.properties.all(), key=lambda each: each.name)
        if not properties:
            yield [*start, "", "", "", "", "", ""]
        for each in properties:
            yield [
                *start, each.name, ", ".join(each.types), each.description, _yes(each.expected),
                _yes(each.personal), " | ".join(each.samples),
            ]  # fmt: skip


def _yes(value: bool) -> str:
    return _("yes") if value else ""
