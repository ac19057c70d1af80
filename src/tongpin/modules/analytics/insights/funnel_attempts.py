"""The counted attempt of each person on a funnel's way of steps, as SQL: definitions in SPEC §3.

A person's events that matter are one array of UInt64: the time in milliseconds, counted from 1 at the range's first,
above MASK_BITS bits that say which steps (bit 0 and on) and exclusions (bit FIRST_EXCLUSION and on) the event is.
What happened in one moment may be taken in either order. Where every event is at most one step, the order of the steps
is the best there is; else those few persons with equal times, and exclusions, take the longer way of ``funnel_ties``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tongpin.modules.analytics.insights.funnel_steps import competing, never_meet
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

    @property
    def plain(self) -> bool:
        """Whether nobody needs the longer way: steps in order, no event more than one of them, nothing that ends it."""
        question = self.question
        return question.order == "ordered" and not question.exclude and never_meet(question.steps)


def stage(sql: str, **columns: str) -> str:
    """``sql`` with more columns, each of which may use what is there already."""
    made = ", ".join(f"{expression} AS {name}" for name, expression in columns.items())
    return f"SELECT *, {made} FROM ({sql})"


def time(event: str) -> str:
    """The time of a packed event."""
    return f"toInt64(bitShiftRight({event}, {MASK_BITS}))"


def ordered(sql: str, way: Way) -> str:
    """Adds ``times`` (Array(Int64), a time a step reached) to rows with ``sorted``, the events in order.

    Either no two of them have one time, or every event is at most one step, so that in the order of its bits, which is
    that of the steps, whoever did several in one moment gets as far as can be.

    Going forward, ``f<k>`` holds after each event the latest start from which step k has been got to: if there is any
    way to an event within the window, there is one from there. ``c<k>`` is the first event that is step k within the
    window, 0 if none is. The deepest of them is where the counted attempt ends; it starts with the first start that is
    near enough. Whole packed events are compared, which spares an array of their times.
    """
    start = f"bitTest(e, 0) AND e < {(way.last + 1) << MASK_BITS}"
    if way.question.entry == "first":
        sql = stage(sql, n0=f"arrayFirst(e -> {start}, sorted)")
        for step in range(1, way.steps):
            goes = f"e -> e > n{step - 1} AND bitTest(e, {step}) AND e <= {_until('n0', way)}"
            sql = stage(sql, **{f"n{step}": f"if(n{step - 1} > 0, arrayFirst({goes}, sorted), 0)"})
        return _reached(sql, way)
    sql = stage(sql, f0=f"arrayFill(e -> {start}, sorted)")
    for step in range(1, way.steps):
        sql = stage(sql, **{f"p{step}": f"arrayShiftRight(f{step - 1}, 1, toUInt64(0))"})
        goes = f"bitTest(e, {step}) AND bitTest(s, 0) AND e <= {_until('s', way)}"
        sql = stage(
            sql,
            **{
                f"c{step}": f"arrayFirst((e, s) -> {goes}, sorted, p{step})",
                f"f{step}": f"arrayFill((s, e) -> bitTest(e, {step}), p{step}, sorted)",
            },
        )
    ends = ", ".join(f"c{step}" for step in range(1, way.steps))
    sql = stage(sql, deepest=f"greatest({ends})" if ends else "toUInt64(0)")
    sql = stage(sql, n0=f"arrayFirst(e -> bitTest(e, 0) AND deepest <= {_until('e', way)}, sorted)")
    for step in range(1, way.steps):
        # The way from there gets to the deepest step no later than any does, so only those before are looked for.
        found = f"arrayFirst(e -> e > n{step - 1} AND bitTest(e, {step}), sorted)"
        further = f"if(c{step + 1} > 0, {found}, c{step})" if step + 1 < way.steps else f"c{step}"
        sql = stage(sql, **{f"n{step}": further})
    return _reached(sql, way)


def _until(start: str, way: Way) -> str:
    """The last that a packed event of the window of a start can be."""
    return f"bitOr({start}, {(1 << MASK_BITS) - 1}) + {way.window << MASK_BITS}"


def _reached(sql: str, way: Way) -> str:
    found = ", ".join(f"n{step}" for step in range(way.steps))
    return stage(sql, times=f"arrayMap(e -> {time('e')}, arrayFilter(e -> e > 0, [{found}]))")


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
