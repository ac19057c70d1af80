"""The counted attempt where events of one moment may be taken in either order, and where exclusions end attempts.

Events of one moment are a group. How many steps a group can be from a depth on is in its ``gains``, by counting (see
``funnel_steps``). ``h<k>`` tells for each group what follows from there on if k steps are behind: going back from the
last group it is made of itself, so all starts are answered in one pass. What follows is an array with one entry a step:
its time, and for each exclusion when that happens next.
"""

from __future__ import annotations

from collections.abc import Sequence

from tongpin.modules.analytics.insights.funnel_attempts import FIRST_EXCLUSION, NEVER, Way, stage, time


def attempts(sql: str, way: Way) -> str:
    """Adds ``times`` (Array(Int64)), ``first_event`` and ``last_event`` (UInt128, uuids) to rows with ``packed`` and
    ``uuids``, a person's events in any order."""
    steps, exclusions = way.steps, way.question.exclude
    sql = stage(
        sql,
        events=f"arraySort(e -> ({time('e.1')}, e.2), arrayZip(packed, uuids))",
    )
    sql = stage(
        sql,
        groups=f"arraySplit((e, step) -> step > 0, events, arrayDifference(arrayMap(e -> {time('e.1')}, events)))",
    )
    sets = [each for together in way.sets for each in together]
    counts = ", ".join(f"toInt64(arrayCount(e -> bitAnd(e.1, {each}) != 0, g))" for each in sets)
    sql = stage(
        sql,
        at=f"arrayMap(g -> {time('g[1].1')}, groups)",
        counts=f"arrayMap(g -> [{counts}], groups)",
    )
    following = []
    for place, _each in enumerate(exclusions):
        bit = FIRST_EXCLUSION + place
        happens = f"arrayMap(g -> toUInt8(arrayExists(e -> bitTest(e.1, {bit}), g)), groups)"
        sql = stage(
            sql,
            **{f"x{place}": f"arrayPopFront(arrayReverseFill((t, x) -> x, arrayPushBack(at, {NEVER}),"
               f" arrayPushBack({happens}, 1)))"},
        )  # fmt: skip
        following.append(f"x{place}")
    if following:
        sql = stage(sql, step=f"arrayMap(({', '.join(['t', *following])}) -> [{', '.join(['t', *following])}],"
                    f" at, {', '.join(following)})")  # fmt: skip
    else:
        sql = stage(sql, step="arrayMap(t -> [t], at)")
    sql = _following(sql, way, sets)
    made = f"arrayMap(({_handed(steps)}) -> {_starts(way, sets)}, groups, step, counts, {_later(steps)})"
    sql = stage(sql, made=made)
    sql = stage(sql, tried="arrayReduce('groupArrayArray', made)")
    best = (
        "arrayFirst(a -> 1, tried)"
        if way.question.entry == "first"
        else ("arrayFirst(a -> length(a.1) = arrayMax(a -> length(a.1), tried), tried)")
    )
    sql = stage(sql, best=best)
    sql = stage(sql, times="best.1", first_event="best.2")
    return stage(sql, last_event=_last(sets))


def _later(steps: int) -> str:
    return ", ".join(f"arrayPopFront(h{depth})" for depth in range(1, steps + 1))


def _handed(steps: int) -> str:
    return ", ".join(["g", "p", "n", *(f"f{depth}" for depth in range(1, steps + 1))])


def _following(sql: str, way: Way, sets: Sequence[int]) -> str:
    """Adds ``h1`` … ``h<steps>``, each a group longer than there are."""
    steps = way.steps
    nothing = "CAST([], 'Array(Array(Int64))')"
    sql = stage(sql, **{f"h{steps}": f"arrayMap(t -> {nothing}, arrayPushBack(at, 0))"})
    for depth in range(steps - 1, 0, -1):
        later = [f"f{each}" for each in range(depth + 1, steps + 1)]
        handed = ", ".join(f"arrayPopFront(h{each})" for each in range(depth + 1, steps + 1))
        goes_on = f"[{', '.join(later)}][v]"
        if way.question.order == "strict":
            goes_on = f"if(v = length(g), {goes_on}, {nothing})"
        sql = stage(sql, **{f"v{depth}": f"arrayMap(n -> {_gain('n', sets, depth, steps)}, counts)"})
        made = (
            f"arrayMap((v, p, g, {', '.join(later)}) -> if(v = 0, {nothing}, arrayConcat(arrayWithConstant(v, p),"
            f" {goes_on})), v{depth}, step, groups, {handed})"
        )
        if way.question.order == "strict":
            sql = stage(sql, **{f"h{depth}": f"arrayPushBack({made}, {nothing})"})
        else:
            sql = stage(
                sql,
                **{
                    f"h{depth}": f"arrayReverseFill((h, v) -> v > 0, arrayPushBack({made}, {nothing}),"
                    f" arrayPushBack(v{depth}, 1))"
                },
            )
    return sql


def _gain(counts: str, sets: Sequence[int], depth: int, steps: int) -> str:
    """How many of the steps from ``depth`` on a group can be, whose ``counts`` fit the sets: UInt8."""
    gain = "0"
    for upto in range(steps, depth, -1):
        run = (1 << upto) - (1 << depth)
        newest = 1 << (upto - 1)
        enough = " AND ".join(
            f"{counts}[{place}] >= {(each & run).bit_count()}"
            for place, each in enumerate(sets, 1)
            if each & newest
        )
        gain = f"if({enough}, {'1' if upto == steps else f'1 + {gain}'}, 0)"
    return f"toUInt8({gain})"


def _starts(way: Way, sets: Sequence[int]) -> str:
    """The attempts that start in a group ``g`` with the entry ``p`` and the counts ``n``, in the order of uuids: an
    array of (times, uuid)."""
    starting = f"arrayFilter(e -> bitTest(e.1, 0) AND {time('e.1')} <= {way.last}, g)"
    # The start itself is no later step.
    others = ", ".join(f"n[{place}] - (bitAnd(e.1, {each}) != 0)" for place, each in enumerate(sets, 1))
    gain = f"arrayMap(m -> {_gain('m', sets, 1, way.steps)}, [[{others}]])[1]"
    later = f"[{', '.join(f'f{depth}' for depth in range(1, way.steps + 1))}]"
    whole = f"arrayConcat(arrayWithConstant(1 + gain, p), {later}[1 + gain])"
    if way.question.order != "strict":
        return f"arrayMap(e -> ({_counted(way, f'arrayMap(gain -> {whole}, [{gain}])[1]')}, e.2), {starting})"
    # What is not taken comes before the start, so taking less may go further.
    each = f"arrayMap(gain -> ({_counted(way, whole)}, e.2), range(toUInt8({gain} + 1)))"
    return f"arrayMap(e -> arraySort(a -> (-toInt64(length(a.1)), a.1), {each})[1], {starting})"


def _counted(way: Way, chain: str) -> str:
    """The times of a chain's steps within the window and before an exclusion ends it."""
    ends = [f"c[1][1] + {way.window}"]
    for place, each in enumerate(way.question.exclude, 2):
        before = each.before if each.before is not None else way.steps - 1
        since, until = each.after + 1, before + 1
        reached = f"if(length(c) >= {until}, c[{until}][1], {NEVER})"
        ends.append(
            f"if(length(c) >= {since} AND c[{since}][{place}] < {reached}, c[{since}][{place}], {NEVER})"
        )
    end = ends[0] if len(ends) == 1 else f"least({', '.join(ends)})"
    return f"arrayMap(c -> arrayFilter(t -> t <= {end}, arrayMap(s -> s[1], c)), [{chain}])[1]"


def _last(sets: Sequence[int]) -> str:
    """The uuid of the event that is the deepest step: of those it may be, the first that leaves the steps of the same
    moment before it to others."""
    moment = f"arrayFilter(e -> {time('e.1')} = times[-1] AND e.2 != first_event, events)"
    deepest = "greatest(length(times), 1) - 1"
    run = f"bitShiftLeft(1, {deepest}) - bitShiftLeft(1, greatest(1, arrayCount(t -> t < times[-1], times)))"
    enough = " AND ".join(
        f"arrayCount(o -> o.2 != e.2 AND bitAnd(o.1, {each}) != 0, all) >= bitCount(bitAnd(run, {each}))"
        for each in sets
    )
    chosen = (
        f"arrayMap((all, run) -> arrayFirst(e -> bitTest(e.1, {deepest}) AND {enough}, all).2,"
        f" [{moment}], [toUInt32({run})])[1]"
    )
    return f"if(length(times) <= 1, first_event, {chosen})"
