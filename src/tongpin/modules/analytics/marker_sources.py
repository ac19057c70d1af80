"""The markers this module knows of by itself: notes, holidays, make-up workdays, shopping days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from tongpin.kernel.tenancy.actor import Actor
from tongpin.lib.workdays import Kind
from tongpin.modules.analytics import markers, shopping
from tongpin.modules.analytics.markers import Family, Marker
from tongpin.modules.analytics.queries import note as queries
from tongpin.modules.workspaces.public import calendar_of, spoken

NOTES = "analytics.notes"
HOLIDAYS = "analytics.holidays"
MAKEUP = "analytics.makeup"
SHOPPING = "analytics.shopping"
WESTERN = "analytics.western_shopping"

MOST_DAYS = 4_000
"""Beyond so long a range no day stands out by itself, and holidays and shopping days are left out."""


def notes(actor: Actor, first: date, last: date) -> Iterator[Marker]:
    """What members wrote on those days."""
    for row in queries.touching(actor, first, last, markers.MOST):
        url = reverse("analytics:note", args=[row.workspace.slug, row.public_id])
        yield Marker(row.first, row.last, row.text, NOTES, url, weight=20)


def _out_of_turn(actor: Actor, first: date, last: date, family: str) -> Iterator[Marker]:
    if actor.workspace is None or (last - first).days > MOST_DAYS:
        return
    words = {Kind.OWN_OFF: _("Day off"), Kind.MAKEUP: _("Make-up workday"), Kind.OWN_WORK: _("Workday")}
    off = family == HOLIDAYS
    for run in calendar_of(actor.workspace).out_of_turn(first, last, spoken()):
        if (run.kind in (Kind.HOLIDAY, Kind.OWN_OFF)) == off:
            label = run.name or words.get(run.kind, "")
            yield Marker(run.first, run.last, label, family, weight=10 if off else 0)


def holidays(actor: Actor, first: date, last: date) -> Iterator[Marker]:
    """Public holidays and the workspace's own days off, as its working calendar has them."""
    return _out_of_turn(actor, first, last, HOLIDAYS)


def makeup(actor: Actor, first: date, last: date) -> Iterator[Marker]:
    """Weekend days that are worked, as the working calendar has them."""
    return _out_of_turn(actor, first, last, MAKEUP)


def shopping_days(actor: Actor, first: date, last: date) -> Iterator[Marker]:
    """618, 双11 and their like."""
    words = {
        "new_year_goods": _("New Year shopping"), "women": _("Women’s Day sales"), "mid_year": _("618 sales"),
        "bargains": _("9.9 sales"), "singles": _("Double 11 sales"), "double_12": _("Double 12 sales"),
    }  # fmt: skip
    if (last - first).days <= MOST_DAYS:
        for year in range(first.year, last.year + 1):
            for each in shopping.chinese(year):
                yield Marker(each.first, each.last, words[each.key], SHOPPING, weight=5)


def western_days(actor: Actor, first: date, last: date) -> Iterator[Marker]:
    """Black Friday to Cyber Monday."""
    if (last - first).days <= MOST_DAYS:
        for year in range(first.year, last.year + 1):
            for each in shopping.western(year):
                yield Marker(each.first, each.last, pgettext("sales", "Black Friday"), WESTERN, weight=5)


# icons: sticky-note calendar-heart briefcase-business shopping-bag shopping-cart


def register() -> None:
    """Called once, when the program starts."""
    markers.register(Family(NOTES, gettext_lazy("Notes"), "sticky-note", notes))
    markers.register(Family(HOLIDAYS, gettext_lazy("Holidays"), "calendar-heart", holidays))
    markers.register(Family(MAKEUP, gettext_lazy("Make-up workdays"), "briefcase-business", makeup))
    markers.register(
        Family(
            SHOPPING,
            gettext_lazy("Shopping days in China"),
            "shopping-bag",
            shopping_days,
            lambda country: country == "CN",
        )
    )
    markers.register(
        Family(
            WESTERN,
            gettext_lazy("Black Friday"),
            "shopping-cart",
            western_days,
            lambda country: country not in ("", "CN"),
        )
    )
