"""What operations come to: as if replayed by their own times, whatever order they arrive in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongpin.modules.analytics import profiles
from tongpin.modules.analytics.wire.record import ProfileChange

NAMES = st.sampled_from(["plan", "seats"])
VALUES = st.one_of(
    st.integers(-3, 3), st.sampled_from(["a", "", True, 1.5]), st.lists(st.integers(0, 2), max_size=2)
)
SETS = st.dictionaries(NAMES, VALUES, max_size=2)
SUMS = st.dictionaries(NAMES, st.integers(1, 3), max_size=2)
LISTS = st.dictionaries(NAMES, st.lists(st.integers(0, 3), min_size=1, max_size=2), max_size=2)
UNSETS = st.lists(NAMES, max_size=1)
#: set_once after something was taken away again is the one thing of which not every moment is kept.
WITH_ONCE = st.builds(ProfileChange, set=SETS, set_once=SETS, increment=SUMS, append=LISTS)
WITH_UNSET = st.builds(
    ProfileChange, set=SETS, unset=UNSETS, increment=SUMS, append=LISTS, delete=st.booleans()
)
ALL = st.builds(
    ProfileChange, set=SETS, set_once=SETS, unset=UNSETS, increment=SUMS, append=LISTS, delete=st.booleans()
)


def told(events):
    """Events as (second, change), numbered in the order given."""
    return [
        profiles.changes(
            change, profiles.stamp(datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC), f"{number:04}")
        )
        for number, (second, change) in enumerate(events)
    ]


def folded(parts):
    kept = {}
    for part in parts:
        kept = profiles.merge(kept, part)
    return kept


def replayed(events):
    held: dict = {}
    order = sorted(range(len(events)), key=lambda number: (events[number][0], number))
    for change in (events[number][1] for number in order):
        if change.delete:
            held.clear()
        for name in change.unset:
            held.pop(name, None)
        held.update(change.set)
        for name, value in change.set_once.items():
            held.setdefault(name, value)
        for name, more in change.increment.items():
            held[name] = (held[name] if profiles.is_number(held.get(name)) else 0) + more
        for name, more in change.append.items():
            before = held.get(name, [])
            held[name] = [*(before if isinstance(before, list) else [before]), *more]
    return held


@pytest.mark.parametrize("change", [WITH_ONCE, WITH_UNSET])
def test_values_are_those_of_a_replay_by_time(change):
    @given(events=st.lists(st.tuples(st.integers(0, 4), change), max_size=8), data=st.data())
    def check(events, data):
        arrived = data.draw(st.permutations(told(events)))
        assert profiles.values(folded(arrived)) == replayed(events)

    check()


@given(events=st.lists(st.tuples(st.integers(0, 4), ALL), max_size=8), data=st.data())
def test_order_doubles_and_the_cut_of_batches_change_nothing(events, data):
    parts = told(events)
    arrived = data.draw(
        st.permutations(parts + (data.draw(st.lists(st.sampled_from(parts))) if parts else []))
    )
    cut = data.draw(st.integers(0, len(arrived)))
    halves = profiles.merge(folded(arrived[:cut]), folded(arrived[cut:]))
    assert profiles.values(halves) == profiles.values(folded(parts))
    assert profiles.values(folded(arrived)) == profiles.values(folded(parts))


def test_an_older_set_that_comes_late_does_not_win():
    parts = told([(9, ProfileChange(set={"plan": "pro"})), (3, ProfileChange(set={"plan": "free"}))])
    assert profiles.values(folded(parts)) == {"plan": "pro"}


def test_the_earliest_set_once_wins_and_a_set_beats_it():
    late = told(
        [(9, ProfileChange(set_once={"from": "ad"})), (3, ProfileChange(set_once={"from": "search"}))]
    )
    assert profiles.values(folded(late)) == {"from": "search"}
    over = told([(9, ProfileChange(set={"from": "friend"})), (3, ProfileChange(set_once={"from": "search"}))])
    assert profiles.values(folded(over)) == {"from": "friend"}


def test_after_an_unset_a_set_once_gives_a_value_again():
    events = [
        (1, ProfileChange(set_once={"from": "ad"})),
        (2, ProfileChange(unset=["from"])),
    ]
    assert profiles.values(folded(told(events))) == {}
    events.append((3, ProfileChange(set_once={"from": "search"})))
    assert profiles.values(folded(told(events))) == {"from": "search"}


def test_many_increments_are_kept_in_bounded_room():
    kept = folded(told([(second % 60, ProfileChange(increment={"seen": 1})) for second in range(500)]))
    assert profiles.values(kept) == {"seen": 500}
    assert len(kept["p"]["seen"]["i"]) == profiles.KEPT


def test_nul_is_kept_out_of_what_postgres_must_hold():
    kept = profiles.clean(told([(1, ProfileChange(set={"a\0b": ["\0", {"c": "\\u0000"}]}))])[0])
    assert profiles.values(kept) == {"a\ufffdb": ["\ufffd", {"c": "\\u0000"}]}


def test_what_somebody_is_called():
    assert profiles.name_of({"$name": " 沈一诺 "}) == "沈一诺"
    assert profiles.name_of({"first_name": "Ann", "last_name": "Lee"}) == "Ann Lee"
    assert profiles.name_of({"name": 7}) == ""
    assert profiles.email_of({"email": "ann@acme.example"}) == "ann@acme.example"


def test_values_as_a_page_shows_them():
    held = {"a": "x", "b": ["排班", 2], "c": True, "d": {"早": 4}, "e": [[1]], "f": 1.5}
    assert profiles.shown(held) == {
        "a": "x", "b": "排班, 2", "c": "true", "d": '{"早":4}', "e": "[[1]]", "f": "1.5",
    }  # fmt: skip
