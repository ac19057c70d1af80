"""Paths give what walking through each session by hand gives, whatever is asked of whatever happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tongpin.kernel.store.tests.conftest import StoreProcess
from tongpin.modules.analytics.tests.insights.told import Happened, ask, behind, bounded, put

MINUTE, DAY = 60_000, 86_400_000
NAMES = ("a", "b", "c")
GAPS = (0, MINUTE, 30 * MINUTE, 30 * MINUTE + 1, 7 * 60 * MINUTE, DAY)


@st.composite
def histories(draw: st.DrawFn) -> list[Happened]:
    """A few persons from up to two days before the range; runs with one gap all along go on for over a day."""
    events: list[Happened] = []
    for who in range(draw(st.integers(1, 3))):
        at = draw(st.sampled_from((-2 * DAY, -DAY, -40 * MINUTE, 0, DAY - MINUTE)))
        for gap, count in draw(
            st.lists(st.tuples(st.sampled_from(GAPS), st.sampled_from((1, 2, 3, 60))), min_size=1, max_size=4)
        ):
            names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4))
            for each in range(count if gap <= 30 * MINUTE else min(count, 3)):
                at += gap
                number = (len(events) * 7919 % 9973 + 1) << 64
                browser = ("x", "y", None)[each % 3]
                events.append(Happened(f"p{who}", names[each % len(names)], at, number, browser))
    return events


questions = st.fixed_dictionaries(
    {"kind": st.just("paths"), "from": st.just("2026-03-02"), "to": st.just("2026-03-03"),
     "max_steps": st.sampled_from((2, 3, 5))},
    optional={"start": st.sampled_from(NAMES), "end": st.sampled_from(NAMES), "where": st.just({"$browser": "x"})},
)  # fmt: skip


def sessions(events: Sequence[Happened]) -> list[list[Happened]]:
    found: list[list[Happened]] = []
    for _, mine in groupby(sorted(events, key=lambda e: (e.who, *e.order)), lambda e: e.who):
        last: Happened | None = None
        for event in mine:
            if last is None or event.at - last.at > 30 * MINUTE or event.at - found[-1][0].at >= DAY:
                found.append([])
            found[-1].append(event)
            last = event
    return [each for each in found if 0 <= each[0].at < 2 * DAY]


def way(said: dict[str, Any], session: Sequence[Happened]) -> tuple[int, list[str]]:
    """How many places come before it, and its nodes; none if it does not count."""
    kept = [each.name for each in session if "where" not in said or each.browser == "x"]
    nodes = [name for name, _ in groupby(kept)]
    most, start, end = said["max_steps"], said.get("start"), said.get("end")
    if start is not None:
        nodes = nodes[nodes.index(start) :] if start in nodes else []
    if end is None:
        return 0, nodes[:most]
    nodes = nodes[: nodes.index(end) + 1] if end in nodes else []
    if start is not None:
        return 0, nodes if len(nodes) <= most else []
    nodes = nodes[-most:]
    return most - len(nodes), nodes


@settings(bounded, max_examples=40)
@given(events=histories(), said=questions)
def test_any_paths(store: StoreProcess, events: list[Happened], said: dict[str, Any]) -> None:
    scope = put(events)
    ways = [(session[0].who, *way(said, session)) for session in sessions(events)]
    ways = [each for each in ways if each[2]]
    edges: Counter[tuple[int, str, str]] = Counter()
    nodes: Counter[tuple[int, str]] = Counter()
    ended: Counter[tuple[int, str]] = Counter()
    for _, first, names in ways:
        for place, name in enumerate(names, 1):
            nodes[first + place, name] += 1
            if place == len(names):
                ended[first + place, name] += 1
            else:
                edges[first + place, name, names[place]] += 1
    result = ask(said, scope)
    assert result["sessions"] == len(ways)
    assert result["edges"] == [
        {"step": step, "source": source, "target": target, "count": count}
        for (step, source, target), count in sorted(edges.items(), key=lambda each: (-each[1], each[0]))
    ]
    assert {(n["step"], n["name"]): (n["count"], n["ended"]) for n in result["nodes"]} == {
        node: (count, ended[node]) for node, count in nodes.items()
    }
    assert behind(said, scope, {}) == len({who for who, _, _ in ways})
    for step, source, target in list(edges)[:1]:
        here = {
            who
            for who, first, names in ways
            if names[step - first - 1 : step - first + 1] == [source, target] and step > first
        }
        assert behind(said, scope, {"step": step, "source": source, "target": target}) == len(here)


def test_a_session_under_way_when_the_range_begins_is_none_of_it(store: StoreProcess) -> None:
    """However long it has gone on: four days of an event every half hour are cut each 24 hours after the first."""
    events = [Happened("p0", "a", -10 * MINUTE, 1 << 64), Happened("p0", "b", 20 * MINUTE, 2 << 64)]
    start = -2 * DAY - 20 * MINUTE
    events += [Happened("p1", "ab"[n % 2], start + n * 30 * MINUTE, (n + 3) << 64) for n in range(4 * 48)]
    said = {"kind": "paths", "from": "2026-03-02", "to": "2026-03-03"}
    assert ask(said, put(events))["sessions"] == 1
