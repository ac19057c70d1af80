"""Who is in a segment is what counting by hand gives, whatever the rule and whatever happened; and questions that ask
about segments give what they give for just those people."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongpin.kernel.store import client
from tongpin.kernel.store.tests.conftest import StoreProcess
from tongpin.lib.siphash import siphash64
from tongpin.modules.analytics.insights import members, running
from tongpin.modules.analytics.insights.members import Known
from tongpin.modules.analytics.insights.scope import Scope
from tongpin.modules.analytics.insights.segment import RULE, Rule, told
from tongpin.modules.analytics.insights.statement import Statement
from tongpin.modules.analytics.tests.insights.told import ZERO, ZONE, Happened, ask, behind, bounded, put

HOUR, DAY = 3_600_000, 86_400_000
NAMES = ("a", "b")
PLANS = ("pro", "free", None)
UNITS = {"user": "who", "customer": "customer"}
FIRST, SECOND = UUID(int=1), UUID(int=2)
TODAY = date(2026, 4, 1)


@dataclasses.dataclass(frozen=True)
class World:
    """What happened, and which plan each user and each customer is on (None: nothing is known)."""

    events: list[Happened]
    plans: dict[str, str | None]

    def everybody(self, unit: str, until: date) -> set[str]:
        return {getattr(e, UNITS[unit]) for e in self.events if day_of(e) <= until} - {""}


def day_of(event: Happened) -> date:
    return (ZERO + timedelta(milliseconds=event.at)).astimezone(ZoneInfo(ZONE)).date()


@st.composite
def worlds(draw: st.DrawFn) -> World:
    events: list[Happened] = []
    for who in range(draw(st.integers(1, 5))):
        for _ in range(draw(st.integers(0, 6))):
            at = draw(st.integers(-5, 29)) * DAY + draw(st.sampled_from((0, 1, 9 * HOUR, DAY - 1)))
            number = (len(events) * 7919 % 9973 + 1) << 64
            browser, company = (
                draw(st.sampled_from(("x", "y", None))),
                draw(st.sampled_from(("", "k0", "k1"))),
            )
            name = draw(st.sampled_from((*NAMES, "$identify")))
            events.append(Happened(f"p{who}", name, at, number, browser, company))
    known = ("p0", "p1", "p2", "k0", "k1")
    return World(events, {name: draw(st.sampled_from(PLANS)) for name in known})


def told_to_the_store(world: World) -> Scope:
    scope = dataclasses.replace(put(world.events), as_of=datetime(2026, 4, 1, 3, tzinfo=UTC))
    said = {name: json.dumps({"plan": plan}) for name, plan in world.plans.items() if plan}
    persons = [
        (scope.workspace, siphash64(name.encode()), [name], "", "", properties, 0, 1)
        for name, properties in said.items()
        if name[0] == "p"
    ]
    client.insert(
        "persons",
        persons,
        ("workspace", "person", "ids", "name", "email", "properties", "deleted", "version"),
    )
    customers = [
        (scope.workspace, "company", name, "", text, 0, 1) for name, text in said.items() if name[0] == "k"
    ]
    client.insert(
        "customers", customers, ("workspace", "kind", "key", "name", "properties", "deleted", "version")
    )
    return scope


days = st.sampled_from(("-3d", "-10d", "-4w", "2026-03-04", "2026-03-20"))
did = st.fixed_dictionaries(
    {"event": st.sampled_from((*NAMES, None))},
    optional={
        "from": days, "done": st.booleans(), "op": st.sampled_from(("gte", "lte", "eq")), "times": st.integers(0, 3),
        "where": st.sampled_from(([{"property": "$browser", "value": "x"}], [])),
    },
)  # fmt: skip
told_of = st.sampled_from(
    [{"property": "plan", "op": op, "value": "pro"} for op in ("is", "is_not")]
    + [{"property": "plan", "op": op} for op in ("set", "not_set")]
)
behind_number = st.sampled_from(
    [
        {
            "question": {"kind": "trends", "from": "-10d", "series": [{"event": "a"}]},
            "point": {"series": "A"},
            "op": op,
        }
        for op in ("in", "not_in")
    ]
)
in_first = st.sampled_from([{"segment": str(FIRST), "op": op} for op in ("in", "not_in")])
groups: Callable[[Any], Any] = lambda inner: st.fixed_dictionaries(  # noqa: E731
    {"match": st.sampled_from(("all", "any")), "of": st.lists(inner, min_size=1, max_size=3)}
)
simple = st.one_of(did, told_of)
rules = groups(st.one_of(did, told_of, behind_number, in_first, groups(simple)))


class Obvious:
    """A rule read aloud, person by person."""

    def __init__(self, world: World, unit: str, until: date, first: dict[str, Any]) -> None:
        self.world, self.unit, self.until, self.first = world, unit, until, first

    def members(self, group: dict[str, Any]) -> set[str]:
        return {who for who in self.world.everybody(self.unit, self.until) if self.holds(group, who)}

    def holds(self, part: dict[str, Any], who: str) -> bool:
        if "of" in part:
            return (all if part["match"] == "all" else any)([self.holds(each, who) for each in part["of"]])
        if "property" in part:
            plan = self.world.plans.get(who)
            fits = {
                "is": plan == "pro",
                "is_not": plan != "pro",
                "set": plan is not None,
                "not_set": plan is None,
            }
            return fits[part["op"]]
        if "segment" in part:
            return self.holds(self.first, who) == (part["op"] == "in")
        if "question" in part:
            since = self.day(part["question"]["from"])
            return (self.times(who, "a", since, None) > 0) == (part["op"] == "in")
        since = self.day(part["from"]) if "from" in part else date.min
        count, n = self.times(who, part["event"], since, part.get("where")), part.get("times", 1)
        fits = {"gte": count >= n, "lte": count <= n, "eq": count == n}[part.get("op", "gte")]
        return fits == part.get("done", True)

    def day(self, said: str) -> date:
        if said[0] != "-":
            return date.fromisoformat(said)
        return self.until - timedelta(days=int(said[1:-1]) * (7 if said[-1] == "w" else 1))

    def times(self, who: str, name: str | None, since: date, where: Any) -> int:
        return sum(
            getattr(e, UNITS[self.unit]) == who
            and since <= day_of(e) <= self.until
            and (e.name == name if name else e.name in NAMES)
            and (not where or e.browser == "x")
            for e in self.world.events
        )


def rule(unit: str, who: dict[str, Any]) -> Rule:
    """Read, kept and read again: what is kept says the same."""
    said = json.loads(
        json.dumps({"unit": unit, "who": who}).replace(
            '"kind": "trends"', f'"kind": "trends", "unit": "{unit}"'
        )
    )
    found = RULE.validate_python(said)
    assert RULE.validate_python(json.loads(json.dumps(told(found)))) == found
    return found


def known(at: UUID, unit: str, who: dict[str, Any]) -> Known:
    return Known(at, f"S{at.int}", unit, "company", rule(unit, who), running.people)


def found_by(scope: Scope, crowd: Known) -> list[int]:
    st_ = Statement(scope)
    return [who for (who,) in st_.ask(crowd.members(st_)).rows]


@bounded
@given(
    world=worlds(), unit=st.sampled_from(("user", "customer")), who=rules, first=groups(simple),
    ago=st.sampled_from((0, 3, 15)),
)  # fmt: skip
def test_any_rule(
    store: StoreProcess, world: World, unit: str, who: dict[str, Any], first: dict[str, Any], ago: int
) -> None:
    crowd = known(SECOND, unit, who)
    scope = dataclasses.replace(told_to_the_store(world), segments={FIRST: known(FIRST, unit, first)})
    until = TODAY - timedelta(days=ago)
    found = found_by(members.at(scope, until), crowd)
    assert len(found) == len(set(found))
    expected = Obvious(world, unit, until, first).members(who)
    assert set(found) == {siphash64(each.encode()) for each in expected}


CROWDS = st.one_of(groups(simple))


@bounded
@given(
    world=worlds(), first=CROWDS, second=CROWDS, unit=st.sampled_from(("user", "customer")),
    op=st.sampled_from(("in", "not_in")),
)  # fmt: skip
def test_a_question_about_a_segment_is_about_just_those(
    store: StoreProcess, world: World, first: dict[str, Any], second: dict[str, Any], unit: str, op: str
) -> None:
    """Filtered and broken down, counting events, users and customers alike; every figure has its people."""
    scope = told_to_the_store(world)
    scope = dataclasses.replace(
        scope, segments={FIRST: known(FIRST, "user", first), SECOND: known(SECOND, "user", second)}
    )
    obvious = Obvious(world, "user", TODAY, {})
    one, two = obvious.members(first), obvious.members(second)
    happened = [
        e for e in world.events if e.name == "a" and date(2026, 3, 2) <= day_of(e) <= date(2026, 3, 20)
    ]
    if unit == "customer":
        happened = [e for e in happened if e.customer]
    said: dict[str, Any] = {
        "kind": "trends", "from": "2026-03-02", "to": "2026-03-20", "unit": unit,
        "series": [{"event": "a", "math": "unique_users"}],
    }  # fmt: skip

    def counted(events: Sequence[Happened]) -> int:
        return len({getattr(e, UNITS[unit]) for e in events})

    where = [{"segment": str(FIRST), "op": op}]
    expected = counted([e for e in happened if (e.who in one) == (op == "in")])
    [line] = ask({**said, "where": where}, scope)["series"]
    assert line["total"] == expected
    [line] = ask({**said, "series": [{"event": "a", "math": "unique_users", "where": where}]}, scope)[
        "series"
    ]
    assert line["total"] == expected
    assert behind({**said, "where": where}, scope, {"series": "A"}) == expected

    by = {**said, "breakdown": {"on": "segment", "segments": [str(FIRST), str(SECOND)]}}
    answer = ask(by, scope)
    parts = {
        str(FIRST): [e for e in happened if e.who in one],
        str(SECOND): [e for e in happened if e.who in two - one],
        "$$none": [e for e in happened if e.who not in one | two],
    }
    assert {line["label"]: line["total"] for line in answer["series"]} == {
        label: counted(events) for label, events in parts.items() if events
    }
    assert answer["segments"] == {str(FIRST): "S1", str(SECOND): "S2"}
    for label, events in parts.items():
        assert behind(by, scope, {"series": "A", "label": label}) == counted(events)


@bounded
@given(world=worlds(), first=CROWDS)
def test_funnels_and_sessions_are_broken_down_by_segments(
    store: StoreProcess, world: World, first: dict[str, Any]
) -> None:
    """The groups are the whole, cut in two; and each is what the filter gives."""
    scope = dataclasses.replace(told_to_the_store(world), segments={FIRST: known(FIRST, "user", first)})
    by = {"on": "segment", "segments": [str(FIRST)]}
    base: dict[str, Any] = {"from": "2026-03-01", "to": "2026-03-25"}
    funnel = {**base, "kind": "funnel", "steps": ["a", "b"]}
    whole, cut = ask(funnel, scope), ask({**funnel, "breakdown": by}, scope)
    assert [sum(c) for c in zip(*(g["counts"] for g in cut["breakdown"]), strict=True)] == (
        whole["counts"] if cut["breakdown"] else []
    )
    for op, label in (("in", str(FIRST)), ("not_in", "$$none")):
        only = ask({**funnel, "where": [{"segment": str(FIRST), "op": op}]}, scope)["counts"]
        assert only == next((g["counts"] for g in cut["breakdown"] if g["label"] == label), [0, 0])
    visits = {**base, "kind": "sessions", "key_events": []}
    told_ = {g["label"]: g["sessions"] for g in ask({**visits, "breakdown": by}, scope)["breakdown"]}
    for op, label in (("in", str(FIRST)), ("not_in", "$$none")):
        only = ask({**visits, "where": [{"segment": str(FIRST), "op": op}]}, scope)["total"]["sessions"]
        assert only == told_.get(label, 0)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({}, "who"),
        ({"who": {"of": []}}, "at least one"),
        ({"who": [{"property": "plan", "value": "pro", "on": "event"}]}, "of users only"),
        ({"who": [{"property": "plan", "value": "pro", "on": "customer"}]}, "of users only"),
        ({"unit": "customer", "who": [{"property": "plan", "value": "pro", "on": "person"}]}, "of customers only"),
        ({"who": [{"event": "a", "times": -1}]}, "times"),
        ({"who": [{"event": "a", "from": "sometime"}]}, "from"),
        ({"who": [{"event": "a", "extra": 1}]}, "extra"),
        ({"who": [{"segment": "x"}]}, "segment"),
        ({"who": [{"question": {"kind": "trends", "series": [{}], "unit": "customer"}}]}, "does not count"),
        ({"who": [{"of": [{"of": [{"of": [{"of": [{"event": "a"}]}]}]}]}]}, "inside each other"),
        ({"who": {"of": [{"of": [{"event": "a"}] * 49}, {"event": "b"}, {"event": "b"}]}}, "at most 50"),
        ([], "Rule"),
    ],
)  # fmt: skip
def test_what_is_no_rule_is_refused(said: Any, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        RULE.validate_python(said)
