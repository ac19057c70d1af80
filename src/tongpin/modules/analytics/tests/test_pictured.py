"""Every kind of answer as a picture: what the page shows is on it."""

from __future__ import annotations

import pytest

from tongpin.lib.pictures import Bars, Grid, Plot, Words, sheet
from tongpin.modules.analytics.insights import running
from tongpin.modules.analytics.insights.scope import Scope
from tongpin.modules.analytics.shown import SHOWN, pictured
from tongpin.modules.analytics.shown import shown as shown_of
from tongpin.modules.analytics.tests.events import arrive, event

pytestmark = pytest.mark.django_db

STEPS = [["search"], ["cart"], ["paid"]]
QUESTIONS = {
    "attribution": {"conversion": "paid"},
    "funnel": {"steps": STEPS},
    "lifecycle": {},
    "paths": {},
    "retention": {"start": "search", "return": "cart", "periods": 2},
    "sessions": {},
    "stickiness": {},
    "trends": {"series": [{"event": "search"}, {"event": "cart", "math": "unique_users"}]},
}
DRAWN = {
    "attribution": Bars, "funnel": Bars, "lifecycle": Plot, "paths": Bars, "retention": Grid, "sessions": Plot,
    "stickiness": Plot, "trends": Plot,
}  # fmt: skip


@pytest.fixture
def world(people, store):
    """Of four who search, three fill a cart and one pays."""
    arrive(
        people.workspace,
        event("ann", "search", 0), event("ann", "cart", 90), event("ann", "paid", 1_290),
        event("bo", "search", 0), event("bo", "cart", 30),
        event("cy", "search", 0), event("cy", "cart", 60),
        event("di", "search", 0),
    )  # fmt: skip
    return people


def panel(people, kind, **fields):
    scope = Scope.of(people.workspace)
    question = running.read(
        {"kind": kind, "from": "2026-03-01", "to": "2026-03-02", **QUESTIONS[kind], **fields}
    )
    answer = running.answer(question, scope)
    return pictured.panel("标题", kind, shown_of(question, answer.result, lambda point: ""))


def test_there_is_a_picture_of_every_kind():
    assert set(pictured.PICTURED) == set(SHOWN) == set(QUESTIONS)


@pytest.mark.parametrize("kind", sorted(QUESTIONS))
def test_an_answer_is_drawn(world, kind):
    made = panel(world, kind)
    assert isinstance(made.picture, DRAWN[kind])
    assert sheet("t", "n", [made]).png.startswith(b"\x89PNG")


def test_a_funnels_bars_are_its_shares(world):
    made = panel(world, "funnel")
    assert [(row.label, row.text, row.share) for row in made.picture.rows] == [
        ("1. search", "4 · 100%", 1.0), ("2. cart", "3 · 75%", 0.75), ("3. paid", "1 · 25%", 0.25),
    ]  # fmt: skip
    assert made.figures[0] == ("Conversion rate", "25%")


def test_a_trends_lines_are_its_values(world):
    made = panel(world, "trends")
    assert [list(line.values) for line in made.picture.series] == [[4, 0], [3, 0]]
    assert [value for _name, value in made.figures] == ["4", "3"]


def test_nothing_is_said_in_words(world):
    made = panel(world, "trends", series=[{"event": "never"}])
    assert isinstance(made.picture, Words)
