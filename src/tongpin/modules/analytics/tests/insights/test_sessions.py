"""Sessions and attribution give what walking through each person's events by hand gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import fmean, median
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongpin.kernel.errors import Invalid
from tongpin.kernel.store import client
from tongpin.kernel.store.tests.conftest import StoreProcess
from tongpin.modules.analytics.insights.derived import CHANNELS
from tongpin.modules.analytics.insights.scope import Scope
from tongpin.modules.analytics.tests.insights.told import ZERO, ZONE, Happened, ask, behind, bounded, put

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
        "pageviews": sum(views),
        "events": sum(len(each) for each in found),
    }


def value_at(visit: Sequence[Happened], at: str) -> str | None:
    """The browser on a visit's first event, or its first or last page view."""
    if at == "first":
        return visit[0].browser
    seen = [event for event in visit if event.name == "$pageview"]
    return seen[0 if at == "entry" else -1].browser if seen else None


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


@bounded
@given(events=histories(), at=st.sampled_from(("entry", "exit")))
def test_any_sessions_by_their_first_and_last_page(
    store: StoreProcess, events: list[Happened], at: str
) -> None:
    said = {
        "kind": "sessions", "from": "2026-03-02", "to": "2026-03-03", "key_events": ["buy"],
        "breakdown": {"property": "$browser", "at": at},
    }  # fmt: skip
    scope = put(events)
    found = [each for each in sessions(events) if 0 <= each[0].at < 2 * DAY]
    for line in ask(said, scope)["breakdown"]:
        mine = [each for each in found if (value_at(each, at) or "$$none") == line["label"]]
        assert {name: value for name, value in line.items() if name != "label"} == pytest.approx(
            figures(mine)
        )
        assert behind(said, scope, {"label": line["label"]}) == line["persons"]


@bounded
@given(events=histories(), limit=st.sampled_from((1, 5)))
def test_any_sessions_by_each_value_they_have(
    store: StoreProcess, events: list[Happened], limit: int
) -> None:
    said = {
        "kind": "sessions", "from": "2026-03-02", "to": "2026-03-03", "key_events": ["buy"],
        "breakdown": {"property": "$browser", "at": "each", "limit": limit},
    }  # fmt: skip
    scope = put(events)
    found = [each for each in sessions(events) if 0 <= each[0].at < 2 * DAY]
    told = ask(said, scope)
    assert told["total"] == pytest.approx(figures(found)), "a visit in two groups is one visit of all"
    had: dict[str, list[list[Happened]]] = {}
    for visit in found:
        for label in {event.browser for event in visit if event.browser} or {"$$none"}:
            had.setdefault(label, []).append(visit)
    top = sorted(had, key=lambda label: (-len(had[label]), label))[:limit]
    assert [line["label"] for line in told["breakdown"]] == top + ["$$other"] * (len(had) > limit)
    for line in told["breakdown"]:
        inside = set(had) - set(top) if line["label"] == "$$other" else {line["label"]}
        mine = [visit for visit in found if any(visit in had[label] for label in inside)]
        theirs = [e for visit in mine for e in visit if (e.browser or "$$none") in inside]
        assert (line["sessions"], line["persons"], line["engaged"]) == (
            len(mine), len({visit[0].who for visit in mine}), figures(mine)["engaged"],
        )  # fmt: skip
        assert line["pageviews"] == sum(event.name == "$pageview" for event in theirs)
        assert line["events"] == len(theirs)
        assert behind(said, scope, {"label": line["label"]}) == line["persons"]


@bounded
@given(
    events=histories(),
    at=st.sampled_from(("any", "first", "entry", "exit")),
    op=st.sampled_from(("is", "is_not", "set", "not_set")),
)
def test_any_sessions_of_which_something_must_hold(
    store: StoreProcess, events: list[Happened], at: str, op: str
) -> None:
    said = {
        "kind": "sessions", "from": "2026-03-02", "to": "2026-03-03", "key_events": ["buy"],
        "visit": [{"property": "$browser", "op": op, "value": "x", "at": at}],
    }  # fmt: skip

    def holds(visit: Sequence[Happened]) -> bool:
        values = {event.browser for event in visit} if at == "any" else {value_at(visit, at)}
        found = any(value == "x" if op.startswith("is") else value is not None for value in values)
        return found != (op in ("is_not", "not_set"))

    scope = put(events)
    found = [each for each in sessions(events) if 0 <= each[0].at < 2 * DAY and holds(each)]
    assert ask(said, scope)["total"] == pytest.approx(figures(found))
    assert behind(said, scope, {"engaged": True}) == len(
        {each[0].who for each in found if figures([each])["engaged"]}
    )


def test_the_days_before_are_told_beside_and_hours_are_buckets(store: StoreProcess) -> None:
    scope = put(
        [
            Happened("p", "c", 0, 1 << 64),
            Happened("q", "c", DAY, 2 << 64),
            Happened("q", "c", DAY + 3_600_000, 3 << 64),
        ]
    )
    said = {"kind": "sessions", "from": "2026-03-03", "to": "2026-03-03", "key_events": [], "compare": True}
    told = ask({**said, "interval": "hour"}, scope)
    assert [each["bucket"] for each in told["buckets"] if each["sessions"]] == [
        "2026-03-03T00:00:00+08:00", "2026-03-03T01:00:00+08:00",
    ]  # fmt: skip
    assert len(told["buckets"]) == 24
    assert told["previous"]["total"]["persons"] == 1
    assert behind({**said, "interval": "hour"}, scope, {"bucket": "2026-03-03T01:00:00+08:00"}) == 1
    with pytest.raises(Invalid, match="by the hour at most 31 days"):
        ask({**said, "from": "2026-01-03", "interval": "hour"}, scope)


def test_what_came_from_where(store: StoreProcess) -> None:
    """A page view a person: medium, source, host it was sent from; and the channel and the site of each."""
    rows = {
        ("cpc", "baidu", None): ("Paid Search", "$$none"),
        (None, None, "www.baidu.com"): ("Organic Search", "baidu.com"),
        (None, None, "cn.bing.com"): ("Organic Search", "cn.bing.com"),
        ("social", "weixin", None): ("Organic Social", "$$none"),
        (None, None, "mp.weixin.qq.com"): ("Organic Social", "mp.weixin.qq.com"),
        (None, None, "www.bilibili.com"): ("Organic Video", "bilibili.com"),
        (None, None, "chat.deepseek.com"): ("AI", "chat.deepseek.com"),
        ("edm", "march", None): ("Email", "$$none"),
        (None, None, "partner.example"): ("Referral", "partner.example"),
        (None, None, "www.shop.example"): ("Direct", "$$none"),
        (None, None, "$direct"): ("Direct", "$$none"),
        (None, None, None): ("Direct", "$$none"),
        ("leaflet", "door", None): ("Unknown", "$$none"),
        ("paid_social", "douyin", None): ("Paid Video", "$$none"),
    }
    workspace = uuid4()
    names = [
        "workspace",
        "source",
        "uuid",
        "event",
        "distinct_id",
        "timestamp",
        "client_at",
        "received_at",
        "session",
    ]
    names += ["host", "utm_medium", "utm_source", "referrer_host"]
    client.insert(
        "events",
        [
            (
                workspace,
                UUID(int=1),
                UUID(int=at + 1),
                "$pageview",
                f"p{at}",
                ZERO,
                ZERO,
                ZERO,
                "",
                "shop.example",
                *row,
            )
            for at, row in enumerate(rows)
        ],
        names,
    )
    scope = Scope(workspace, ZONE, 0, ZERO)
    for asked, place in (("$channel_type", 0), ("$referrer_site", 1)):
        said = {"kind": "sessions", "from": "2026-03-02", "to": "2026-03-02", "key_events": [],
                "breakdown": {"property": asked, "at": "entry", "limit": 50}}  # fmt: skip
        wanted = Counter(row[place] for row in rows.values())
        assert {line["label"]: line["sessions"] for line in ask(said, scope)["breakdown"]} == wanted
    assert {row[0] for row in rows.values()} <= set(CHANNELS)


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
