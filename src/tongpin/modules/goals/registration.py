"""What this module tells the rest of the program about itself, once, when it starts."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tongpin.kernel import objects, ownership
from tongpin.kernel.objects import Card, SearchText
from tongpin.kernel.ownership import Owned
from tongpin.lib import pinyin
from tongpin.modules.discussions.public import followed_by
from tongpin.modules.goals import queries, told
from tongpin.modules.goals.actions import give_lookback
from tongpin.modules.goals.models import LookBack
from tongpin.ui import navigation
from tongpin.ui.navigation import NavItem

SPOKEN = 24
"""Syllables of a title that can be typed; every one of them can begin what is typed."""


def card(row: LookBack) -> Card:
    """A look back in a list, an answer of the search, a link."""
    return Card(
        type=LookBack._meta.label_lower,
        id=row.public_id,
        title=row.title,
        url=reverse("goals:lookback", args=[row.workspace.slug, row.public_id]),
        icon="history",
        state=told.state_word(row),
        hint=row.metric,
    )


def search(row: LookBack) -> SearchText:
    """Found by its title, its metric and what people wrote about it."""
    return SearchText(
        title=row.title,
        body="\n".join(filter(None, [row.metric, row.source_name, row.reading])),
        pinyin=" ".join(pinyin.syllables(row.title)[:SPOKEN]),
    )


def register() -> None:
    """Called by ``apps.ready()``."""
    objects.register(
        LookBack,
        label=_("Look back"),
        plural=_("Look backs"),
        icon="history",
        card=card,
        search=search,
        related=("workspace", "author"),
    )
    followed_by(LookBack._meta.label_lower, lambda row: [row.owner_id])
    ownership.register(
        Owned(
            "goals.lookbacks",
            _("Look backs they answer for"),
            "history",
            queries.owned_by,
            lambda actor, row, member: give_lookback.run(actor, {"owner": member.public_id}, target=row),
            undone_by="goals.lookback.give",
        )
    )
    navigation.register(
        NavItem(
            "goals.home",
            "top",
            _("Home"),
            icon="house",
            url_name="goals:home",
            order=10,
            shortcut="g h",
            on_phone=True,
        )
    )
    navigation.register(
        NavItem(
            "goals.lookbacks",
            "direction",
            _("Look back"),
            icon="history",
            url_name="goals:lookbacks",
            order=30,
            shortcut="g b",
            words=(_("effects"), _("results"), _("bets")),
            live="goals.lookback",
        )
    )
    navigation.register(
        NavItem(
            "goals.lookback.new",
            "new",
            _("Look back on a launch"),
            icon="history",
            url_name="goals:new",
            order=20,
        )
    )
