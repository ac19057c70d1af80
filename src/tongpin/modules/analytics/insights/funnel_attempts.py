"""The counted attempt of each person on a funnel's way of steps, as SQL: definitions in SPEC §3.

A person's events that matter are one array of UInt64: the time in milliseconds, counted from 1 at the range's first,
above MASK_BITS bits that say which steps (bit 0 and on) and exclusions (bit FIRST_EXCLUSION and on) the event is.
Nobody's events of one moment need an order where there is one of each; those few persons where it matters, and
exclusions, take the longer way of ``funnel_ties``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tongpin.modules.analytics.insights.funnel_steps import competing
from tongpin.modules.analytics.insights.schema import MOST_STEPS, Funnel

FIRST_EXCLUSION = MOST_STEPS
MASK_BITS = MOST_STEPS + 5
NEVER = 1 << 62


@dataclass(frozen=True, slots=True)
class Way:
    """What attempts are measured by: ``window`` and ``last`` (the range's last moment) in milliseconds as times are."""

    question: Funnel
    window: int
    last: int

    @property
    def steps(self) -> int:
        return len(self.question.steps)

    @property
    def sets(self) -> list[list[int]]:
        """Which steps compete for events, see ``funnel_steps``."""
        return competing(self.question.steps, split=self.question.order == "unordered")


def stage(sql: str, **columns: str) -> str:
    """``sql`` with more columns, each of which may use what is there already."""
    made = ", ".join(f"{expression} AS {name}" for name, expression in columns.items())
    return f"SELECT *, {made} FROM ({sql})"


def time(event: str) -> str:
    """The time of a packed event."""
    return f"toInt64(bitShiftRight({event}, {MASK_BITS}))"


def ordered(sql: str, way: Way) -> str:
    """Adds ``times`` (Array(Int64), a time a step reached) to rows with ``sorted``, the events by time, and ``at``,
    their times, all different.

    Going forward, ``s`` holds for each step the latest start from which an event is that step within the window: if
    there is any way to a step, there is one from there. The deepest step's first event is where the counted attempt
    ends; it starts with the first start that is near enough to it.
    """
    start = f"bitTest(e, 0) AND t <= {way.last}"
    if way.question.entry == "first":
        sql = stage(sql, start=f"arrayFirst((t, e) -> {start}, at, sorted)")
        return _onward(sql, way, f"arrayFilter(t -> t > 0 AND t <= start + {way.window}, found)")
    sql = stage(sql, s0=f"arrayMap((t, e) -> if({start}, t, 0), at, sorted)")
    sql = stage(sql, c0="arrayFirst((t, s) -> s > 0, at, s0)")
    for step in range(1, way.steps):
        before = f"arrayPushFront(arrayPopBack(arrayFill(s -> s > 0, s{step - 1})), 0)"
        near = f"s >= greatest(1, t - {way.window})"
        sql = stage(
            sql,
            **{
                f"s{step}": f"arrayMap((t, e, s) -> if(bitTest(e, {step}) AND {near}, s, 0), at, sorted, {before})"
            },
        )
        sql = stage(sql, **{f"c{step}": f"arrayFirst((t, s) -> s > 0, at, s{step})"})
    ends = ", ".join(f"c{step}" for step in range(way.steps))
    sql = stage(sql, ends=f"arrayFilter(t -> t > 0, [{ends}])")
    sql = stage(sql, start=f"arrayFirst((t, e) -> {start} AND t >= ends[-1] - {way.window}, at, sorted)")
    return _onward(sql, way, "arraySlice(found, 1, length(ends))")


def _onward(sql: str, way: Way, times: str) -> str:
    """The times of the next steps, each as early as possible, 0 where there is none, in ``found``; ``times`` is what
    of them counts."""
    sql = stage(sql, n0="start")
    for step in range(1, way.steps):
        last = f"n{step - 1}"
        found = f"arrayFirst((t, e) -> {last} > 0 AND t > {last} AND bitTest(e, {step}), at, sorted)"
        sql = stage(sql, **{f"n{step}": found})
    return stage(
        stage(sql, found="[" + ", ".join(f"n{step}" for step in range(way.steps)) + "]"), times=times
    )


def strict(sql: str, way: Way) -> str:
    """The same where the next events must be the next steps: ``sorted`` has all the person did."""
    sql = stage(
        sql,
        d0=f"arrayMap((t, e) -> toUInt8(bitTest(e, 0) AND t <= {way.last}), at, sorted)",
        e0="sorted",
        t0="at",
    )
    for step in range(1, way.steps):
        sql = stage(
            sql,
            **{
                f"e{step}": f"arrayPushBack(arrayPopFront(e{step - 1}), 0)",
                f"t{step}": f"arrayPushBack(arrayPopFront(t{step - 1}), 0)",
            },
        )
        goes = f"d = {step} AND bitTest(e, {step}) AND then <= t + {way.window}"
        sql = stage(
            sql,
            **{
                f"d{step}": f"arrayMap((d, t, e, then) -> toUInt8(d + ({goes})),"
                f" d{step - 1}, at, e{step}, t{step})"
            },
        )
    depths = f"d{way.steps - 1}"
    place = (
        "arrayFirstIndex(d -> d > 0, {0})" if way.question.entry == "first" else "indexOf({0}, arrayMax({0}))"
    )
    sql = stage(sql, place=place.format(depths))
    return stage(sql, times=f"arraySlice(at, place, {depths}[place])")


def unordered(sql: str, way: Way) -> str:
    """The same in any order: from ``sorted``, whose equal times are in order of ``uuid``, or in any if that is not
    asked for. ``last_place`` is where in ``sorted`` the last event of the attempt lies, ``first_place`` the first.

    Before and after each anchor's window a mark is put among the events; running counts at the marks then say how many
    events that fit a set of steps lie in the window.
    """
    bits = MOST_STEPS + 2  # below the time: 0 a mark before, 1 an event, 2 a mark after
    steps = (1 << way.steps) - 1
    anchor = f"bitAnd(e, {steps}) != 0 AND t <= {way.last}"
    sql = stage(sql, at=f"arrayMap(e -> {time('e')}, sorted)")
    sql = stage(sql, anchors=f"arrayDistinct(arrayFilter((t, e) -> {anchor}, at, sorted))")
    if way.question.entry == "first":
        sql = f"SELECT * REPLACE (arraySlice(anchors, 1, 1) AS anchors) FROM ({sql})"

    def packed(at: str, sort: int, mask: str) -> str:
        when = f"bitShiftLeft(toUInt64({at}), {bits})"
        return f"bitOr({when}, bitOr(bitShiftLeft(toUInt64({sort}), {MOST_STEPS}), {mask}))"

    mask = f"bitAnd(e, {steps})"
    sql = stage(
        sql,
        line=f"arraySort(arrayConcat(arrayMap(t -> {packed('t', 0, '0')}, anchors),"
        f" arrayMap((t, e) -> {packed('t', 1, mask)}, at, sorted),"
        f" arrayMap(t -> {packed(f't + {way.window}', 2, '0')}, anchors)))",
    )
    sql = stage(sql, kinds=f"arrayMap(x -> bitAnd(bitShiftRight(x, {MOST_STEPS}), 3), line)")
    flat = [each for together in way.sets for each in together]
    for place, each in enumerate(flat):
        sql = stage(sql, **{f"r{place}": f"arrayCumSum(x -> bitAnd(x, {each}) != 0, line)"})
        sql = stage(
            sql,
            **{
                f"w{place}": f"arrayMap((after, before) -> toInt64(after) - toInt64(before),"
                f" arrayFilter((r, k) -> k = 2, r{place}, kinds), arrayFilter((r, k) -> k = 0, r{place}, kinds))"
            },
        )
    names = [f"n{place}" for place in range(len(flat))]
    size = _fitting(way.sets, names)
    windows = ", ".join(f"w{place}" for place in range(len(flat)))
    sql = stage(sql, sizes=f"arrayMap(({', '.join(names)}) -> {size}, {windows})")
    sql = stage(sql, depth="arrayMax(sizes)")
    sql = stage(sql, start="anchors[indexOf(sizes, depth)]")
    inside = f"(e, t) -> t >= start AND t <= start + {way.window}"
    sql = stage(
        sql,
        inner=f"arrayFilter({inside}, sorted, at)",
        inner_at=f"arrayFilter(t -> t >= start AND t <= start + {way.window}, at)",
        first_place="indexOf(at, start)",
    )
    for place, each in enumerate(flat):
        counted = f"arrayCumSum(e -> bitAnd(e, {each}) != 0, inner)"
        sql = stage(sql, **{f"i{place}": f"arrayMap(n -> toInt64(n), {counted})"})
    running = ", ".join(f"i{place}" for place in range(len(flat)))
    sql = stage(sql, reached=f"arrayMap(({', '.join(names)}) -> {size}, {running})")
    sql = stage(
        sql, places="arrayMap(k -> arrayFirstIndex(n -> n >= k, reached), range(1, toUInt32(depth) + 1))"
    )
    return stage(
        sql,
        times="arrayMap(place -> inner_at[place], places)",
        last_place="toInt64(first_place) + toInt64(places[-1]) - 1",
    )


def _fitting(sets: Sequence[Sequence[int]], counts: Sequence[str]) -> str:
    """How many steps fit events of which ``counts`` fit the sets, in the order of ``sets``: Int64."""
    left = list(counts)
    parts = []
    for together in sets:
        steps = 0
        lacks = []
        for each in together:
            steps |= each
            lacks.append(f"{each.bit_count()} - {left.pop(0)}")
        lacking = f"greatest(0, {', '.join(lacks)})"
        parts.append(f"{steps.bit_count()} - {lacking}")
    return "toInt64(" + " + ".join(parts) + ")"
