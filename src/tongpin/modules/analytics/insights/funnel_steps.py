"""Which steps of a funnel may be the same event, and what that says about how many of them a set of events can be.

One event is at most one step. So events of one moment can be a set of steps if and only if, of every choice among
them, at least as many events fit as there are steps (Hall's theorem). Steps that are apart never compete, equal ones
compete as one; what remains to be looked at are a few sets of steps, masks with a bit a step (step 0 is bit 0).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from django.utils.translation import gettext as _

from tongpin.modules.analytics.insights.conditions import Condition, Group, On, Op
from tongpin.modules.analytics.insights.schema import Pick

MOST_SETS = 1100
Step = Sequence[Pick]


def competing(steps: Sequence[Step], *, split: bool) -> list[list[int]]:
    """The masks to look at, those of steps that compete with each other together; ``split``: also of such as compete
    only by way of others, which counting how many steps fit in all takes. Raises ValueError if there are too many."""
    masks = _masks(steps)
    found: list[list[int]] = []
    for together in _components(steps, masks):
        sets = _closed(steps, masks, together, split=split)
        if len(found) + len(sets) > MOST_SETS:
            raise ValueError(_("too many of the steps may be the same event"))
        found.append(sets)
    return found


def _masks(steps: Sequence[Step]) -> dict[int, int]:
    """The first of each kind of equal steps, and the mask of all of them."""
    masks: dict[int, int] = {}
    for at, step in enumerate(steps):
        first = next((known for known in masks if list(steps[known]) == list(step)), at)
        masks[first] = masks.get(first, 0) | 1 << at
    return masks


def _components(steps: Sequence[Step], masks: dict[int, int]) -> Iterator[list[int]]:
    left = list(masks)
    while left:
        together = [left.pop(0)]
        for each in together:
            near = [other for other in left if not apart(steps[each], steps[other])]
            together += near
            left = [other for other in left if other not in near]
        yield together


def _closed(steps: Sequence[Step], masks: dict[int, int], together: list[int], *, split: bool) -> list[int]:
    """Sets of steps that hold whatever only fits events that fit them already: the others say nothing more."""

    def closed(kinds: frozenset[int]) -> frozenset[int]:
        return kinds | {
            other for other in together if any(within(steps[other], steps[each]) for each in kinds)
        }

    found = {closed(frozenset([each])) for each in together}
    fresh = list(found)
    while fresh:
        kinds = fresh.pop()
        for other in together:
            if split or any(not apart(steps[other], steps[each]) for each in kinds):
                larger = closed(kinds | {other})
                if larger not in found:
                    found.add(larger)
                    fresh.append(larger)
                    if len(found) > MOST_SETS:
                        raise ValueError(_("too many of the steps may be the same event"))
    return sorted(sum(masks[each] for each in kinds) for kinds in found)


def never_meet(steps: Sequence[Step]) -> bool:
    """Whether it is certain that no event fits two of the steps."""
    return all(apart(one, other) for one, other in combinations(steps, 2))


def apart(one: Step, other: Step) -> bool:
    """Whether it is certain that no event fits both."""
    return all(_apart(a, b) for a in one for b in other)


def _apart(a: Pick, b: Pick) -> bool:
    if a.event is not None and b.event is not None and a.event != b.event:
        return True
    return any(
        one.property == other.property and _values(one).isdisjoint(_values(other))
        for one in _stated(a.where)
        for other in _stated(b.where)
    )


def _stated(where: Group) -> list[Condition]:
    """Properties of the event that must have one of some values."""
    if where.match == "any" and len(where.of) > 1:
        return []
    return [
        each for each in where.of if isinstance(each, Condition) and each.op is Op.IS and each.on is On.EVENT
    ]


def _values(condition: Condition) -> set[str | float]:
    """Texts and numbers that a value of the property may be equal to."""
    values = condition.value if isinstance(condition.value, list) else [condition.value]
    found: set[str | float] = {str(each) for each in values}
    for each in list(found):
        try:
            found.add(float(each))
        except ValueError:
            continue
    return found


def within(one: Step, other: Step) -> bool:
    """Whether it is certain that what fits ``one`` fits ``other``."""
    return all(any(_within(a, b) for b in other) for a in one)


def _within(a: Pick, b: Pick) -> bool:
    return (b.event is None or a.event == b.event) and (not b.where or a.where == b.where)
