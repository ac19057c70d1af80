"""Retention, lifecycle, stickiness and trends give what counting by hand gives, whatever happened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from tongpin.kernel.store.tests.conftest import StoreProcess
from tongpin.modules.analytics.insights import running
from tongpin.modules.analytics.tests.insights.told import ZERO, ZONE, Happened, ask, behind, bounded, put

HOUR, DAY = 3_600_000, 86_400_000
NAMES = ("a", "b")
WIDTHS = {"day": 1, "week": 7}


@st.composite
def histories(draw: st.DrawFn) -> list[Happened]:
    """A few persons over some weeks before, in and after the range; at midnight, a moment before it, at equal times."""
    events: list[Happened] = []
    for who in range(draw(st.integers(1, 4))):
        for _ in range(draw(st.integers(0, 8))):
            day = draw(st.integers(-20, 40))
            moment = draw(st.sampled_from((0, 1, 9 * HOUR, DAY - 1)))
            number = (len(events) * 7919 % 9973 + 1) << 64
            name = draw(st.sampled_from(NAMES))
            browser = draw(st.sampled_from(("x", "y", None)))
            events.append(Happened(f"p{who}", name, day * DAY + moment, number, browser))
    return events


ranges = st.sampled_from(
    (("2026-03-02", "2026-03-08"), ("2026-02-25", "2026-03-17"), ("2026-03-04", "2026-03-04"))
)
intervals = st.sampled_from(("day", "week", "month"))


def local(event: Happened) -> date:
    return (ZERO + timedelta(milliseconds=event.at)).astimezone(ZoneInfo(ZONE)).date()


def bucket(day: date, interval: str) -> date:
    if interval == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if interval == "week" else day


def following(at: date, interval: str, count: int = 1) -> date:
    if interval != "month":
        return at + timedelta(days=WIDTHS[interval] * count)
    for _ in range(abs(count)):
        at = (
            (at + timedelta(days=31)).replace(day=1) if count > 0 else (at - timedelta(days=1)).replace(day=1)
        )
    return at


def between(first: str, last: str, interval: str) -> list[date]:
    found, at = [], bucket(date.fromisoformat(first), interval)
    while at <= date.fromisoformat(last):
        found.append(at)
        at = following(at, interval)
    return found


def of(events: Sequence[Happened], who: str, name: str | None = None) -> list[Happened]:
    mine = [each for each in events if each.who == who and name in (None, each.name)]
    return sorted(mine, key=lambda e: e.order)


def people(events: Sequence[Happened]) -> list[str]:
    return sorted({each.who for each in events})


@bounded
@given(
    events=histories(), span=ranges, interval=intervals, start=st.sampled_from(NAMES), back=st.sampled_from(NAMES),
    cohort=st.sampled_from(("first_time", "recurring")), mode=st.sampled_from(("on", "on_or_after")),
    rolling=st.booleans(),
)  # fmt: skip
def test_any_retention(
    store: StoreProcess, events: list[Happened], span: tuple[str, str], interval: str, start: str, back: str,
    cohort: str, mode: str, *, rolling: bool,
) -> None:  # fmt: skip
    basis = "rolling_24h" if rolling and interval == "day" else "calendar"
    said = {
        "kind": "retention", "start": start, "return": back, "cohort": cohort, "mode": mode, "interval": interval,
        "basis": basis, "periods": 4, "from": span[0], "to": span[1],
    }  # fmt: skip
    scope = put(events)
    first, last = map(date.fromisoformat, span)
    table: dict[date, list[set[str]]] = {each: [set() for _ in range(5)] for each in between(*span, interval)}
    began: dict[date, set[str]] = {each: set() for each in table}
    for who in people(events):
        starts = of(events, who, start)
        if cohort == "first_time":
            starts = starts[:1]
        seen = set()
        for each in starts:
            day = local(each)
            mine = bucket(day, interval)
            if not first <= day <= last or mine in seen:
                continue
            seen.add(mine)
            began[mine].add(who)
            for other in of(events, who, back):
                if other.at < each.at:
                    continue
                if basis == "rolling_24h":
                    gap = (other.at - each.at) // DAY
                else:
                    gap = next(
                        k
                        for k in range(200)
                        if following(mine, interval, k) >= bucket(local(other), interval)
                    )
                for k in range(5):
                    if gap == k or (mode == "on_or_after" and gap >= k):
                        table[mine][k].add(who)
    told = ask(said, scope)["cohorts"]
    assert [each["period"] for each in told] == [each.isoformat() for each in table]
    as_of = datetime(2026, 4, 1, tzinfo=UTC)
    for each in told:
        mine = date.fromisoformat(each["period"])
        assert each["size"] == len(began[mine])
        for k, value in enumerate(each["values"]):
            opens = datetime.combine(following(mine, interval, k), datetime.min.time(), ZoneInfo(ZONE))
            assert value == (None if opens > as_of else len(table[mine][k]))
    mine = next(iter(table))
    assert behind(said, scope, {"cohort": mine.isoformat(), "period": 1}) == len(table[mine][1])
    away = {"cohort": mine.isoformat(), "period": 1, "returned": False}
    assert behind(said, scope, away) == len(began[mine] - table[mine][1])
    assert behind(said, scope, {}) == len(set().union(*began.values()))
    over = [date.fromisoformat(each["period"]) for each in told if each["complete"][1]]
    assert behind(said, scope, {"period": 1}) == len(set().union(*(table[each][1] for each in over)))


@bounded
@given(events=histories(), span=ranges, interval=intervals, name=st.sampled_from((*NAMES, None)))
def test_any_lifecycle(
    store: StoreProcess, events: list[Happened], span: tuple[str, str], interval: str, name: str | None
) -> None:
    said = {"kind": "lifecycle", "event": name, "interval": interval, "from": span[0], "to": span[1]}
    scope = put(events)
    told = ask(said, scope)
    for at, each in enumerate(between(*span, interval)):
        found: dict[str, set[str]] = {
            state: set() for state in ("new", "returning", "resurrecting", "dormant")
        }
        for who in people(events):
            active = {bucket(local(event), interval) for event in of(events, who, name)}
            before = following(each, interval, -1) in active
            if each in active:
                state = "new" if each == min(active) else "returning" if before else "resurrecting"
                found[state].add(who)
            elif before:
                found["dormant"].add(who)
        assert {state: told[state][at] for state in found} == {
            state: len(who) for state, who in found.items()
        }
    assert behind(said, scope, {"bucket": told["buckets"][0], "state": "new"}) == told["new"][0]


@bounded
@given(events=histories(), span=ranges, interval=intervals, name=st.sampled_from((*NAMES, None)))
def test_any_stickiness(
    store: StoreProcess, events: list[Happened], span: tuple[str, str], interval: str, name: str | None
) -> None:
    said = {"kind": "stickiness", "event": name, "interval": interval, "from": span[0], "to": span[1]}
    scope = put(events)
    first, last = map(date.fromisoformat, span)
    wanted = [0] * len(between(*span, interval))
    for who in people(events):
        active = {
            bucket(local(each), interval) for each in of(events, who, name) if first <= local(each) <= last
        }
        if active:
            wanted[len(active) - 1] += 1
    assert ask(said, scope)["people"] == wanted
    assert behind(said, scope, {"periods": 1}) == wanted[0]
    assert behind(said, scope, {}) == sum(wanted)


@bounded
@given(
    events=histories(), span=ranges, interval=intervals, name=st.sampled_from((*NAMES, None)),
    math=st.sampled_from(("total", "unique_users", "wau")), broken=st.booleans(), where=st.booleans(),
)  # fmt: skip
def test_any_trend(
    store: StoreProcess, events: list[Happened], span: tuple[str, str], interval: str, name: str | None, math: str,
    *, broken: bool, where: bool,
) -> None:  # fmt: skip
    series: dict[str, Any] = {"name": "n", "event": name, "math": math}
    if where:
        series["where"] = {"match": "any", "of": [{"property": "$browser", "op": "is_not", "value": "x"}]}
    said: dict[str, Any] = {
        "kind": "trends", "series": [series], "interval": interval, "from": span[0], "to": span[1],
    }  # fmt: skip
    if broken:
        said["breakdown"] = {"property": "$browser", "limit": 1}
    scope = put(events)
    first, last = map(date.fromisoformat, span)
    kept = [each for each in events if name in (None, each.name) and not (where and each.browser == "x")]

    def value(mine: Sequence[Happened], since: date, until: date) -> int:
        if math == "wau":
            since = min(until, last) - timedelta(days=6)
            until = min(until, last)
        inside = [each for each in mine if since <= local(each) <= until]
        return len(inside) if math == "total" else len({each.who for each in inside})

    def figures(mine: Sequence[Happened]) -> list[int]:
        return [
            value(mine, max(each, first), min(following(each, interval) - timedelta(days=1), last))
            for each in between(*span, interval)
        ]

    told = ask(said, scope)["series"]
    if not broken:
        assert [line["values"] for line in told] == [figures(kept)]
        point = {"series": "n", "bucket": between(*span, interval)[0].isoformat()}
        if math != "total":
            assert behind(said, scope, point) == figures(kept)[0]
        return
    groups: dict[str, list[Happened]] = {}
    for each in kept:
        groups.setdefault(each.browser or "$$none", []).append(each)
    start = first - timedelta(days=6 if math == "wau" else 0)

    def size(mine: Sequence[Happened]) -> int:
        inside = [each for each in mine if start <= local(each) <= last]
        return len(inside) if math == "total" else len({each.who for each in inside})

    ranked = sorted(
        (each for each in groups if size(groups[each])), key=lambda each: (-size(groups[each]), each)
    )
    wanted = {label: figures(groups[label]) for label in ranked[:1]}
    if len(ranked) > 1:
        wanted["$$other"] = figures([each for label in ranked[1:] for each in groups[label]])
    # A value that is only just outside of the buckets has no line of noughts.
    assert {line["label"]: line["values"] for line in told} == {
        label: values for label, values in wanted.items() if any(values)
    }


def test_a_text_of_no_letters_is_not_one_that_is_missing(store: StoreProcess) -> None:
    events = [
        Happened(who, "a", at, at + 1, browser)
        for at, (who, browser) in enumerate(zip("pqr", (None, "", "x"), strict=True))
    ]
    scope = put(events)
    told = {
        op: ask(
            {"kind": "stickiness", "from": "2026-03-02", "to": "2026-03-02",
             "where": [{"property": "$browser", "op": op}]},
            scope,
        )["people"]
        for op in ("empty", "not_empty", "set", "not_set")
    }  # fmt: skip
    assert told == {"empty": [1], "not_empty": [2], "set": [2], "not_set": [1]}
    said = {"kind": "stickiness", "where": [{"property": "$browser", "value": ""}]}
    assert running.told(running.read(said))["where"]["of"] == [{"property": "$browser", "op": "empty"}]
