"""Sessions and attribution give what walking through each person's events by hand gives."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongpin.kernel.errors import Invalid
from tongpin.kernel.store.tests.conftest import StoreProcess
from tongpin.modules.analytics.tests.insights.told import Happened, ask, behind, bounded, put

MINUTE, DAY = 60_000, 86_400_000
NAMES = ("$pageview", "buy", "c")


@st.composite
def histories(draw: st.DrawFn) -> list[Happened]:
    """A few persons from days before the range of two days on; some come by a source."""
    events: list[Happened] = []
    for who in range(draw(st.integers(1, 3))):
        at = draw(st.sampled_from((-5 * DAY, -DAY, 0, DAY)))
        for gap in draw(
            st.lists(st.sampled_from((0, 5_000, 20 * MINUTE, 31 * MINUTE, 9 * 60 * MINUTE)), max_size=9)
        ):
            at += gap
            number = (len(events) * 7919 % 9973 + 1) << 64
            name, utm = draw(st.sampled_from(NAMES)), draw(st.sampled_from((None, "", "x", "y")))
            events.append(Happened(f"p{who}", name, at, number, draw(st.sampled_from(("x", None))), utm=utm))
    return events


def sessions(events: Sequence[Happened]) -> list[list[Happened]]:
    found: list[list[Happened]] = []
    last: Happened | None = None
    for event in sorted(events, key=lambda e: (e.who, *e.order)):
        new = last is None or last.who != event.who or event.at - last.at > 30 * MINUTE
        if new or event.at - found[-1][0].at >= DAY:
            found.append([])
        found[-1].append(event)
        last = event
    return found


def figures(found: Sequence[Sequence[Happened]]) -> dict[str, Any]:
    took = [(each[-1].at - each[0].at) / 1000 for each in found]
    views = [sum(event.name == "$pageview" for event in each) for each in found]
    engaged = [
        seconds > 10 or seen >= 2 or any(event.name == "buy" for event in each)
        for each, seconds, seen in zip(found, took, views, strict=True)
    ]
    single = [len(each) == 1 and each[0].name == "$pageview" for each in found]
    count = len(found)
    return {
        "sessions": count,
        "persons": len({each[0].who for each in found}),
        "avg_duration_seconds": fmean(took) if count else None,
        "median_duration_seconds": median(took) if count else None,
        "pageviews_per_session": fmean(views) if count else None,
        "engaged": sum(engaged),
        "bounce_rate_ga4": 1 - sum(engaged) / count if count else None,
        "bounce_rate_single_pageview": sum(single) / count if count else None,
    }


@bounded
@given(events=histories())
def test_any_sessions(store: StoreProcess, events: list[Happened]) -> None:
    said = {
        "kind": "sessions", "from": "2026-03-02", "to": "2026-03-03", "key_events": ["buy"],
        "breakdown": {"property": "$browser", "limit": 5},
    }  # fmt: skip
    scope = put(events)
    found = [each for each in sessions(events) if 0 <= each[0].at < 2 * DAY]
    told = ask(said, scope)
    assert told["total"] == pytest.approx(figures(found))
    for at, bucket in enumerate(told["buckets"]):
        mine = [each for each in found if each[0].at // DAY == at]
        assert {name: value for name, value in bucket.items() if name != "bucket"} == pytest.approx(
            figures(mine)
        )
    for line in told["breakdown"]:
        mine = [each for each in found if (each[0].browser or "$$none") == line["label"]]
        assert {name: value for name, value in line.items() if name != "label"} == pytest.approx(
            figures(mine)
        )
    assert sum(line["sessions"] for line in told["breakdown"]) == len(found)
    assert behind(said, scope, {"bucket": "2026-03-02"}) == told["buckets"][0]["persons"]


def shares(model: str, touches: Sequence[str]) -> dict[str, float]:
    if not touches:
        return {"(direct)": 1.0}
    count = len(touches)
    weights = [1 / count] * count
    if model in ("first", "last"):
        weights = [0.0] * count
        weights[0 if model == "first" else -1] = 1.0
    elif model == "position" and count == 2:
        weights = [0.5, 0.5]
    elif model == "position" and count > 2:
        weights = [0.4, *[0.2 / (count - 2)] * (count - 2), 0.4]
    found: dict[str, float] = {}
    for source, weight in zip(touches, weights, strict=True):
        found[source] = found.get(source, 0) + weight
    return {source: weight for source, weight in found.items() if weight}


@bounded
@given(events=histories(), back=st.sampled_from((0, 1, 4)))
def test_any_attribution(store: StoreProcess, events: list[Happened], back: int) -> None:
    said = {
        "kind": "attribution", "conversion": "buy", "lookback_days": back, "from": "2026-03-02", "to": "2026-03-03",
    }  # fmt: skip
    scope = put(events)
    touches = [(each[0].who, each[0].at, each[0].utm) for each in sessions(events) if each[0].utm]
    bought = [each for each in events if each.name == "buy" and 0 <= each.at < 2 * DAY]
    wanted: dict[str, dict[str, float]] = {model: {} for model in ("first", "last", "linear", "position")}
    for event in bought:
        mine = [
            utm for who, at, utm in touches if who == event.who and event.at - back * DAY <= at <= event.at
        ]
        for model, sums in wanted.items():
            for source, weight in shares(model, [utm for utm in mine if utm]).items():
                sums[source] = sums.get(source, 0) + weight
    told = ask(said, scope)
    assert told["conversions"] == len(bought)
    got = {
        model: {source: each["conversions"] for source, each in sources.items()}
        for model, sources in told["models"].items()
    }
    for model, sums in wanted.items():
        assert got[model] == pytest.approx(sums)
    assert behind(said, scope, {}) == len({each.who for each in bought})


def test_four_touches_before_a_purchase(store: StoreProcess) -> None:
    events = [
        Happened("p", "$pageview", at * 60 * MINUTE, (at + 1) << 64, utm=utm) for at, utm in enumerate("xyzx")
    ]
    scope = put([*events, Happened("p", "buy", 9 * 60 * MINUTE, 9 << 64)])
    said = {"kind": "attribution", "conversion": "buy", "from": "2026-03-02", "to": "2026-03-02"}
    told = ask(said, scope)["models"]
    counts = {
        model: {source: round(each["conversions"], 9) for source, each in sources.items()}
        for model, sources in told.items()
    }
    assert counts == {
        "first": {"x": 1},
        "last": {"x": 1},
        "linear": {"x": 0.5, "y": 0.25, "z": 0.25},
        "position": {"x": 0.8, "y": 0.1, "z": 0.1},
    }
    assert behind(said, scope, {"model": "linear", "source": "y"}) == 1
    assert behind(said, scope, {"model": "first", "source": "y"}) == 0


def test_a_day_and_a_browser_together_are_who_is_in_both(store: StoreProcess) -> None:
    scope = put(
        [
            Happened("p", "c", 0, 1 << 64, "x"),
            Happened("q", "c", 0, 2 << 64, "y"),
            Happened("r", "c", DAY, 3 << 64, "x"),
            Happened("r", "c", 2 * DAY - 1, 4 << 64, "x"),
            Happened("s", "c", DAY, 5 << 64),
        ]
    )
    said = {
        "kind": "sessions", "from": "2026-03-02", "to": "2026-03-03", "key_events": [],
        "breakdown": {"property": "$browser", "limit": 1},
    }  # fmt: skip
    monday, tuesday = "2026-03-02", "2026-03-03"
    assert behind(said, scope, {"bucket": monday}) == 2
    assert behind(said, scope, {"label": "x"}) == 2
    assert behind(said, scope, {"bucket": monday, "label": "x"}) == 1
    assert behind(said, scope, {"bucket": tuesday, "label": "$$other"}) == 1


@pytest.mark.parametrize(
    ("said", "point"),
    [
        ({"kind": "sessions", "key_events": []}, {"bucket": "2026-03-04"}),
        ({"kind": "sessions", "key_events": []}, {"bucket": "2026-03-02", "label": "x"}),
        ({"kind": "attribution", "conversion": "buy"}, {"source": "x"}),
        ({"kind": "attribution", "conversion": "buy", "models": ["first"]}, {"source": "x", "model": "last"}),
    ],
)
def test_a_point_the_answer_does_not_have_is_refused(
    store: StoreProcess, said: dict[str, Any], point: dict[str, str]
) -> None:
    scope = put([Happened("p", "buy", 0, 1 << 64, "x", utm="x")])
    with pytest.raises(Invalid, match="no such point"):
        behind({**said, "from": "2026-03-02", "to": "2026-03-03"}, scope, point)
