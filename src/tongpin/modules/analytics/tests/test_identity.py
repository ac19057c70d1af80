"""SPEC I6 against a slow, obvious reference: whatever the order and the cut of batches, doubles included."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongpin.modules.analytics import identity
from tongpin.modules.analytics.actions.identity import learn
from tongpin.modules.analytics.models import DistinctId
from tongpin.modules.analytics.wire.record import Record

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 1, tzinfo=UTC)
NAMES = ["a", "b", "c", "d", "e", "f"]


def link(number: int, second: int, event: str, distinct_id: str, other: object) -> tuple[Record, datetime]:
    name = "$anon_distinct_id" if event == "$identify" else "alias"
    at = START + timedelta(seconds=second)
    return Record(UUID(int=number), event, distinct_id, at, {name: other}), at


def by_walking(fresh: list[tuple[Record, datetime]]) -> set[frozenset[str]]:
    """The groups of linked ids, by walking every event in order, as the specification says it."""
    identified = {record.distinct_id for record, _ in fresh if record.event == "$identify"}
    groups: list[set[str]] = [{record.distinct_id} for record, _ in fresh]
    taken: set[str] = set()

    def merge(one: str, other: str) -> None:
        mine = [group for group in groups if one in group or other in group]
        for group in mine:
            groups.remove(group)
        groups.append({one, other}.union(*mine))

    for record, _at in sorted(fresh, key=lambda each: (each[1], each[0].uuid)):
        if record.event == "$identify":
            anon = record.properties["$anon_distinct_id"]
            if not isinstance(anon, str) or not anon or anon == record.distinct_id:
                continue
            if anon not in identified and anon not in taken:
                taken.add(anon)
                merge(anon, record.distinct_id)
        elif isinstance(record.properties["alias"], str) and record.properties["alias"]:
            merge(record.properties["alias"], record.distinct_id)
    return {frozenset(group) for group in groups if len(group) > 1}


def kept() -> set[frozenset[str]]:
    groups: dict[int, set[str]] = {}
    for person, value in DistinctId.objects.values_list("person", "value"):
        groups.setdefault(person, set()).add(value)
    return {frozenset(group) for group in groups.values() if len(group) > 1}


links = st.lists(
    st.tuples(
        st.integers(0, 6),
        st.sampled_from(["$identify", "$identify", "$create_alias"]),
        st.sampled_from(NAMES),
        st.sampled_from([*NAMES, "", None, 7]),
    ),
    max_size=12,
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(links=links, data=st.data())
def test_any_order_and_cut_gives_the_walked_answer(people, links, data):
    fresh = [link(number, *each) for number, each in enumerate(links)]
    doubled = data.draw(st.permutations(fresh + data.draw(st.lists(st.sampled_from(fresh))) if fresh else []))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(doubled)), max_size=4)))
    with transaction.atomic():
        for begin, end in zip([0, *cuts], [*cuts, len(doubled)], strict=True):
            learn(people.workspace, identity.heard(doubled[begin:end]))
        assert kept() == by_walking(fresh)
        for row in DistinctId.objects.all():
            group = DistinctId.objects.filter(person=row.person).values_list("did", flat=True)
            assert row.person == min(group)
        transaction.set_rollback(True)


def test_a_late_first_login_on_a_shared_device_moves_it(people):
    device = [link(1, 20, "$identify", "bo", "device")]
    learn(people.workspace, identity.heard(device))
    assert kept() == {frozenset({"bo", "device"})}
    learn(people.workspace, identity.heard([link(2, 10, "$identify", "ann", "device")]))
    assert kept() == {frozenset({"ann", "device"})}


def test_an_id_that_turns_out_to_be_known_is_no_longer_anybodys_anonymous_one(people):
    learn(people.workspace, identity.heard([link(1, 10, "$identify", "ann", "bo")]))
    learn(people.workspace, identity.heard([link(2, 90, "$identify", "bo", "bo")]))
    assert kept() == set()


def test_another_workspace_with_the_same_ids_is_untouched(people):
    learn(people.elsewhere, identity.heard([link(1, 10, "$identify", "ann", "x")]))
    learn(people.workspace, identity.heard([link(2, 10, "$create_alias", "y", "ann")]))
    mine = DistinctId.objects.filter(workspace=people.elsewhere)
    assert sorted(mine.values_list("value", flat=True)) == ["ann", "x"]
    assert len(set(mine.values_list("person", flat=True))) == 1


def test_an_id_that_joins_many_costs_a_fixed_number_of_queries(people, django_assert_num_queries):
    star = [link(number, number, "$identify", "everyone", f"anon-{number}") for number in range(2000)]
    learn(people.workspace, identity.heard(star))
    late = identity.heard([link(5000, 1, "$identify", "everyone", "one more")])
    with django_assert_num_queries(10):
        learn(people.workspace, late)
    assert max(map(len, kept())) == 2002
