"""Markers 标记 on the time axis: what happened on a day, from whoever knows of it.

    markers.register(Family("goals.launches", _("Launches"), "rocket", launches, weight=40))  # in apps.ready()

A source gets an actor and two days and gives what the actor may see of them; charts, tables and files show it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from tongpin.kernel.errors import Text
from tongpin.kernel.tenancy.actor import Actor

MOST = 2_000
"""Markers that one source may put on one axis; what is beyond is left out, the least weighty first."""


@dataclass(frozen=True, slots=True)
class Marker:
    """What happened on a day or on the days from ``first`` to ``last`` (both in it, the workspace's days).

    ``label`` in the reader's words, ``url`` a path on this site or an https address ("" for none), ``family`` the key
    of its family. The weightier is named first where several share a place.
    """

    first: date
    last: date
    label: str
    family: str
    url: str = ""
    weight: int = 0


Source = Callable[[Actor, date, date], Iterable[Marker]]


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of markers. ``key`` is ``module.noun`` and stored: never rename it. ``icon`` is one of the sprite's.

    ``shown_in``: whether a workspace that keeps a country's holidays (ISO code, "" for nobody's) sees it unasked.
    """

    key: str
    label: Text
    icon: str
    source: Source
    shown_in: Callable[[str], bool] = lambda country: True


_families: dict[str, Family] = {}


def register(family: Family) -> None:
    """Add a family of markers to every time axis; the same key again replaces it. Called from ``ready()``."""
    _families[family.key] = family


def families() -> dict[str, Family]:
    """Every family by key, in the order they were registered."""
    return dict(_families)


def shown(country: str, *chosen: Mapping[str, bool]) -> set[str]:
    """Keys of the families to show: as their own rule says, then as each of ``chosen`` does, the last one most."""
    word = {key: family.shown_in(country) for key, family in _families.items()}
    for each in chosen:
        word |= {key: bool(value) for key, value in each.items() if key in word}
    return {key for key, value in word.items() if value}


def over(actor: Actor, first: date, last: date, wanted: Iterable[str]) -> list[Marker]:
    """Markers of the wanted families that touch the days from ``first`` to ``last``, by day, the weightier first."""
    found: list[Marker] = []
    for key in wanted:
        if key in _families:
            touching = (
                each
                for each in _families[key].source(actor, first, last)
                if each.first <= last and each.last >= first
            )
            found += sorted(touching, key=lambda each: -each.weight)[:MOST]
    return sorted(found, key=lambda each: (each.first, -each.weight, each.label))
