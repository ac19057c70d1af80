"""Funnels done the obvious way: every order of equal times is tried, every start, every way to give events to steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, permutations, product
from statistics import fmean, median
from typing import Any

from tongpin.modules.analytics.tests.insights.told import Happened

Pick = dict[str, Any]
DAY = 86_400_000


@dataclass(frozen=True)
class Attempt:
    """The times of its steps, its first event and its deepest."""

    times: tuple[int, ...]
    first: Happened
    last: Happened


def fits(step: Sequence[Pick], event: Happened) -> bool:
    return any(
        pick["event"] in (None, event.name)
        and all(event.browser == value for value in pick.get("where", {}).values())
        for pick in step
    )


def orders(events: Sequence[Happened]) -> Iterator[list[Happened]]:
    moments = [list(group) for _, group in groupby(sorted(events, key=lambda e: e.order), lambda e: e.at)]
    for chosen in product(*(permutations(moment) for moment in moments)):
        yield [event for moment in chosen for event in moment]


def chain(question: dict[str, Any], line: Sequence[Happened], start: Happened) -> list[Happened]:
    """The steps' events from a start on, in one order."""
    steps = question["steps"]
    taken = [start]
    for event in line[line.index(start) + 1 :]:
        if len(taken) < len(steps) and fits(steps[len(taken)], event):
            taken.append(event)
        elif question["order"] == "strict":
            break
    return taken


def cut(question: dict[str, Any], taken: list[Happened], events: Sequence[Happened]) -> list[Happened]:
    """What of it lies in the window, and before an exclusion."""
    end = taken[0].at + question["window_seconds"] * 1000
    for each in question.get("exclude", []):
        after, before = each["after"], each["before"]
        if len(taken) > after:
            reached = taken[before].at if len(taken) > before else None
            hits = [
                event.at
                for event in events
                if fits([each], event)
                and event.at > taken[after].at
                and (reached is None or event.at < reached)
            ]
            end = min([end, *hits])
    return [event for event in taken if event.at <= end]


def attempt(question: dict[str, Any], events: Sequence[Happened], last: int) -> Attempt | None:
    """The counted one of a person, who has ``events``; starts lie before ``last``."""
    if question["order"] == "unordered":
        return any_order(question, events, last)
    matter = (
        events
        if question["order"] == "strict"
        else [each for each in events if any(fits(step, each) for step in question["steps"])]
    )
    starts = [each for each in events if fits(question["steps"][0], each) and each.at < last]
    starts.sort(key=lambda e: e.order)
    tried = []
    for start in starts[:1] if question["entry"] == "first" else starts:
        ways = [chain(question, line, start) for line in orders(matter)]
        if question["order"] == "strict":
            ways = [cut(question, way, events) for way in ways]
        best = min(ways, key=lambda way: (-len(way), [event.at for event in way]))
        times = tuple(event.at for event in best)
        same = [way for way in ways if tuple(event.at for event in way) == times]
        kept = len(cut(question, best, events))
        deepest = min((way[kept - 1] for way in same), key=lambda e: e.order)
        tried.append(Attempt(times[:kept], start, deepest))
    return max(tried, key=lambda each: len(each.times), default=None)  # the first of the deepest


def matched(steps: Sequence[Sequence[Pick]], events: Sequence[Happened]) -> int:
    """The most steps that can have an event each."""
    if not steps:
        return 0
    without = matched(steps[1:], events)
    return max(
        [without]
        + [
            1 + matched(steps[1:], [other for other in events if other is not event])
            for event in events
            if fits(steps[0], event)
        ]
    )


def any_order(question: dict[str, Any], events: Sequence[Happened], last: int) -> Attempt | None:
    steps = question["steps"]
    matter = sorted((e for e in events if any(fits(step, e) for step in steps)), key=lambda e: e.order)
    best: Attempt | None = None
    anchors = [each for each in matter if each.at < last]
    for anchor in anchors[:1] if question["entry"] == "first" else anchors:
        window = anchor.at + question["window_seconds"] * 1000
        inside = [each for each in matter if anchor.at <= each.at <= window]
        reached: list[Happened] = []
        for upto, event in enumerate(inside, 1):
            while len(reached) < matched(steps, inside[:upto]):
                reached.append(event)
        if best is None or len(reached) > len(best.times):
            best = Attempt(tuple(each.at for each in reached), anchor, reached[-1])
    return best


def figures(question: dict[str, Any], found: Sequence[Attempt]) -> dict[str, Any]:
    steps = len(question["steps"])
    full = [(each.times[-1] - each.times[0]) / 1000 for each in found if len(each.times) == steps]
    took = [
        [(each.times[k] - each.times[k - 1]) / 1000 for each in found if len(each.times) > k]
        for k in range(1, steps)
    ]
    return {
        "counts": [sum(len(each.times) > k for each in found) for k in range(steps)],
        "time_to_convert_seconds": {"n": len(full), **middle(full)},
        "step_times": [middle(each) for each in took],
    }


def middle(values: Sequence[float]) -> dict[str, float | None]:
    return {"mean": fmean(values), "median": median(values)} if values else {"mean": None, "median": None}


def answer(question: dict[str, Any], events: Sequence[Happened], days: int) -> dict[str, Any]:
    """The figures of everybody; ``days``: how long the range is, from 0 on."""
    people = sorted({each.who for each in events})
    found = [
        made
        for who in people
        if (made := attempt(question, [e for e in events if e.who == who and e.at >= 0], days * DAY))
        is not None
    ]
    told = figures(question, found)
    told["over_time"] = [
        figures(question, [each for each in found if each.times[0] // DAY == day])["counts"]
        for day in range(days)
    ]
    if by := question.get("breakdown"):
        groups: dict[str, list[Attempt]] = {}
        for each in found:
            event = each.first if by["attribution"] == "first_touch" else each.last
            groups.setdefault("$$none" if event.browser is None else event.browser, []).append(each)
        ranked = sorted(groups, key=lambda label: (-len(groups[label]), label))
        shown = {label: groups[label] for label in ranked[: by["limit"]]}
        if rest := [each for label in ranked[by["limit"] :] for each in groups[label]]:
            shown["$$other"] = rest
        told["breakdown"] = {label: figures(question, each) for label, each in shown.items()}
    return told
