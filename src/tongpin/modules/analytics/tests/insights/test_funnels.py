"""Funnels give what the obvious way gives, whatever is asked of whatever happened."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongpin.kernel.errors import Invalid
from tongpin.kernel.store.tests.conftest import StoreProcess
from tongpin.modules.analytics.insights import funnel_steps, running
from tongpin.modules.analytics.insights.schema import Pick
from tongpin.modules.analytics.tests.insights import obvious_funnel
from tongpin.modules.analytics.tests.insights.told import Happened, ask, behind, bounded, put

DAY = obvious_funnel.DAY
NAMES = ("a", "b", "c")
# A few moments, so that many are equal: around the midnight within the range and the one at its end.
MOMENTS = (DAY - 2000, DAY - 1000, DAY, DAY + 1000, 2 * DAY - 1000, 2 * DAY - 1, 2 * DAY, 2 * DAY + 1000)

picks = st.one_of(
    st.sampled_from([{"event": name} for name in (*NAMES, None)]),
    st.builds(
        lambda name, browser: {"event": name, "where": {"$browser": browser}},
        st.sampled_from((*NAMES, None)),
        st.sampled_from(("x", "y")),
    ),
)
steps = st.lists(st.lists(picks, min_size=1, max_size=2), min_size=1, max_size=4)


@st.composite
def histories(draw: st.DrawFn) -> list[Happened]:
    lengths = draw(st.lists(st.integers(1, 6), min_size=1, max_size=4))
    numbers = iter(draw(st.permutations(range(1, sum(lengths) + 1))))
    return [
        Happened(
            f"p{who}",
            draw(st.sampled_from(NAMES)),
            draw(st.sampled_from(MOMENTS)),
            next(numbers) << 60,
            draw(st.sampled_from((None, "", "x", "y"))),
        )
        for who, length in enumerate(lengths)
        for _ in range(length)
    ]


@st.composite
def questions(draw: st.DrawFn) -> dict[str, Any]:
    said: dict[str, Any] = {
        "kind": "funnel",
        "from": "2026-03-02",
        "to": "2026-03-03",
        "order": draw(st.sampled_from(("ordered", "ordered", "strict", "unordered"))),
        "entry": draw(st.sampled_from(("any", "any", "first"))),
        "steps": draw(steps),
        "window_seconds": draw(st.sampled_from((1, 2, 3, 86_400, 200_000))),
        "over_time": "day",
    }
    last = len(said["steps"]) - 1
    if said["order"] == "ordered" and last > 0 and draw(st.booleans()):
        after = draw(st.integers(0, last - 1))
        said["exclude"] = [
            {
                "event": draw(st.sampled_from(NAMES)),
                "after": after,
                "before": draw(st.integers(after + 1, last)),
            }
        ]
    if draw(st.booleans()):
        said["breakdown"] = {
            "property": "$browser",
            "attribution": draw(st.sampled_from(("first_touch", "last_touch"))),
            "limit": draw(st.sampled_from((1, 2, 10))),
        }
    return said


def shown(result: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    names = ("counts", "time_to_convert_seconds", "step_times")
    told = {name: result[name] for name in names} | {"over_time": result["over_time"]["counts"]}
    if "breakdown" in said:
        told["breakdown"] = {
            line["label"]: {name: line[name] for name in names} for line in result["breakdown"]
        }
    return told


def nearly(expected: Any) -> Any:
    if isinstance(expected, dict):
        return {name: nearly(each) for name, each in expected.items()}
    if isinstance(expected, list):
        return [nearly(each) for each in expected]
    return pytest.approx(expected, rel=1e-9) if isinstance(expected, float) else expected


@settings(bounded, max_examples=80)
@given(events=histories(), said=questions())
def test_any_funnel(store: StoreProcess, events: list[Happened], said: dict[str, Any]) -> None:
    scope = put(events)
    result = ask(said, scope)
    expected = obvious_funnel.answer(said, events, 2)
    assert shown(result, said) == nearly(expected)
    n = sum(each["n"] for each in result["distribution"])
    assert n == result["time_to_convert_seconds"]["n"]
    deepest = len(said["steps"])
    for each in result["distribution"]:
        if each["n"]:
            assert behind(said, scope, {"step": deepest, "took": [each["from"], each["to"]]}) == each["n"]
    assert behind(said, scope, {"step": deepest}) == result["counts"][-1]
    if deepest > 1:
        lost = behind(said, scope, {"step": deepest, "converted": False})
        assert lost == result["counts"][-2] - result["counts"][-1]
    for line in result["breakdown"][-1:]:
        assert behind(said, scope, {"step": 1, "label": line["label"]}) == line["counts"][0]


@st.composite
def plain(draw: st.DrawFn) -> dict[str, Any]:
    """Questions whose steps are no two of them the same event: what most ask, and what takes the short way."""
    names = draw(st.permutations(NAMES))
    steps = [[{"event": name}] for name in names[: draw(st.integers(1, 3))]]
    if len(steps) < len(NAMES) and draw(st.booleans()):
        name = names[len(steps)]
        steps += [[{"event": name, "where": {"$browser": browser}}] for browser in ("x", "y")]
    return {
        **draw(questions().filter(lambda said: said["order"] == "ordered" and "exclude" not in said)),
        "steps": steps,
    }


@settings(bounded, max_examples=60)
@given(events=histories(), said=plain())
def test_steps_that_no_event_fits_two_of(
    store: StoreProcess, events: list[Happened], said: dict[str, Any]
) -> None:
    assert funnel_steps.never_meet([[Pick(**each) for each in step] for step in said["steps"]])
    assert shown(ask(said, put(events)), said) == nearly(obvious_funnel.answer(said, events, 2))


def test_steps_that_never_meet_do_not_compete() -> None:
    said = [Pick(event="a"), Pick(event="b"), Pick(event="a")]
    assert funnel_steps.competing([[each] for each in said], split=False) == [[0b101], [0b010]]


def test_a_step_of_any_event_competes_with_all() -> None:
    said = [[Pick()], [Pick(event="a")], [Pick(event="b")]]
    assert funnel_steps.competing(said, split=False) == [[0b010, 0b100, 0b111]]
    assert funnel_steps.competing(said, split=True) == [[0b010, 0b100, 0b110, 0b111]]


def test_twenty_pages_of_one_event_are_apart() -> None:
    said = [[Pick(event="$pageview", where={"$pathname": f"/{page}"})] for page in range(20)]
    assert funnel_steps.competing(said, split=True) == [[1 << step] for step in range(20)]


@pytest.mark.parametrize("value", ["1", 1, 1.0])
def test_a_text_may_be_the_number_another_step_asks_for(value: object) -> None:
    steps = [[Pick(event="a", where={"n": 1})], [Pick(event="a", where={"n": value})]]
    assert not funnel_steps.apart(*steps)


@pytest.mark.parametrize(
    "exclude",
    [
        {"event": "x", "after": 1},
        {"event": "x", "after": 0, "before": 2},
        {"event": "x", "after": 1, "before": 1},
    ],
)
def test_an_exclusion_lies_between_two_steps(exclude: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        running.read({"kind": "funnel", "steps": ["a", "b"], "exclude": [exclude]})


@pytest.mark.parametrize("order", ["strict", "unordered"])
def test_exclusions_need_an_order_that_leaves_room(order: str) -> None:
    with pytest.raises(Invalid):
        running.read({"kind": "funnel", "order": order, "steps": ["a", "b"], "exclude": [{"event": "x"}]})


def test_customers_go_the_way_together(store: StoreProcess) -> None:
    events = [
        Happened("anna", "a", 1000, 1, customer="acme"),
        Happened("bert", "b", 2000, 2, customer="acme"),
        Happened("cleo", "a", 3000, 3),
    ]
    said = {"kind": "funnel", "from": "2026-03-02", "to": "2026-03-02", "steps": ["a", "b"]}
    scope = put(events)
    assert ask(said, scope)["counts"] == [2, 0]
    assert ask({**said, "unit": "customer"}, scope)["counts"] == [1, 1]


def test_the_days_before_are_measured_alike(store: StoreProcess) -> None:
    events = [Happened("anna", "a", -DAY, 1), Happened("anna", "b", -DAY + 1, 2), Happened("bert", "a", 5, 3)]
    said = {"kind": "funnel", "from": "2026-03-02", "to": "2026-03-02", "steps": ["a", "b"], "compare": True}
    scope = put(events)
    result = ask(said, scope)
    assert (result["counts"], result["previous"]["counts"]) == ([1, 0], [1, 1])
    assert behind(said, scope, {"step": 2, "previous": True}) == 1
    assert behind(said, scope, {"step": 2}) == 0
    with pytest.raises(Invalid):
        behind({**said, "compare": False}, scope, {"step": 2, "previous": True})


def test_the_last_touch_of_people_none_of_whose_times_are_equal(store: StoreProcess) -> None:
    events = [Happened("anna", "a", 1000, 1, "x"), Happened("anna", "b", 2000, 2, "y")]
    said = {"kind": "funnel", "from": "2026-03-02", "to": "2026-03-02", "steps": ["a", "b"],
            "breakdown": {"property": "$browser", "attribution": "last_touch"}}  # fmt: skip
    [line] = ask(said, put(events))["breakdown"]
    assert (line["label"], line["counts"]) == ("y", [1, 1])
