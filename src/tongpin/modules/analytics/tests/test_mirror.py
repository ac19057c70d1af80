"""The store's copy: what queries get for the person of a row, and how it survives what may happen."""

from __future__ import annotations

import pytest

from tongpin.kernel.store import client
from tongpin.modules.analytics.actions import mirror
from tongpin.modules.analytics.models import DistinctId
from tongpin.modules.analytics.queries import person
from tongpin.modules.analytics.tests.events import arrive, event, identify
from tongpin.modules.analytics.wire.record import ProfileChange

pytestmark = pytest.mark.django_db


def groups(workspace) -> set[frozenset[str]]:
    found = client.query(
        f"SELECT groupUniqArray(distinct_id) FROM events WHERE workspace = {{workspace:UUID}}"
        f" GROUP BY {person.person_sql()}",
        {"workspace": workspace.public_id},
    )
    return {frozenset(ids) for (ids,) in found.rows}


def test_every_row_of_a_merged_id_is_its_persons_before_and_after(people, store):
    arrive(people.workspace, event("anon", seconds=1), event("ann", seconds=2), event("bo", seconds=3))
    assert groups(people.workspace) == {frozenset({"anon"}), frozenset({"ann"}), frozenset({"bo"})}
    arrive(people.workspace, identify("ann", "anon", 5))
    assert groups(people.workspace) == {frozenset({"anon", "ann"}), frozenset({"bo"})}
    arrive(people.workspace, identify("bo", "anon", 4))
    assert groups(people.workspace) == {frozenset({"anon", "bo"}), frozenset({"ann"})}


def test_a_pass_that_dies_before_marking_is_done_again(people, store, monkeypatch):
    def die(*_):
        raise KeyboardInterrupt

    arrive(people.workspace, event("anon"), identify("ann", "anon", 5), copied=False)
    with monkeypatch.context() as patched:
        patched.setattr(mirror, "_mark", die)
        with pytest.raises(KeyboardInterrupt):
            mirror.run_once()
    assert mirror.run_once() == 2
    assert mirror.run_once() == 0
    assert groups(people.workspace) == {frozenset({"anon", "ann"})}


def test_a_store_that_is_away_is_caught_up_with(people, store):
    arrive(people.workspace, event("anon"), identify("ann", "anon", 5), copied=False)
    store.stop()
    with pytest.raises(client.StoreUnavailable):
        mirror.run_once()
    store.start()
    assert mirror.run_once() == 2
    assert groups(people.workspace) == {frozenset({"anon", "ann"})}


def test_the_copy_is_rebuilt_from_nothing(people, store):
    arrive(
        people.workspace, event("anon"), identify("ann", "anon", 5, person=ProfileChange(set={"name": "Ann"}))
    )
    for table in ("person_overrides", "persons"):
        client.command(f"TRUNCATE TABLE {table}")
    mirror.refresh()
    assert groups(people.workspace) == {frozenset({"anon"}), frozenset({"ann"})}
    mirror.rebuild()
    assert groups(people.workspace) == {frozenset({"anon", "ann"})}
    assert [row.name for row in person.seen(people.workspace.public_id)[0]] == ["Ann"]


def test_profiles_merge_and_come_apart_with_their_ids(people, store):
    def profiles():
        rows, _ = person.seen(people.workspace.public_id)
        held = person.properties_of(people.workspace.public_id, [row.person for row in rows])
        return sorted(held.values(), key=str)

    arrive(
        people.workspace,
        event("anon", seconds=1, person=ProfileChange(set_once={"from": "ad"}, increment={"visits": 1})),
        event("ann", seconds=2, person=ProfileChange(set={"name": "Ann"}, increment={"visits": 2})),
        identify("ann", "anon", 5),
    )
    assert profiles() == [{"from": "ad", "name": "Ann", "visits": 3}]
    arrive(people.workspace, identify("bo", "anon", 4))
    assert profiles() == [{"from": "ad", "visits": 1}, {"name": "Ann", "visits": 2}]


def test_two_workspaces_with_the_same_ids_are_two(people, store):
    arrive(people.workspace, event("anon"), identify("ann", "anon", 5))
    arrive(people.elsewhere, event("anon"), event("ann"))
    assert groups(people.workspace) == {frozenset({"anon", "ann"})}
    assert groups(people.elsewhere) == {frozenset({"anon"}), frozenset({"ann"})}


def test_setting_properties_on_every_event_is_one_write_a_batch(people, store, django_assert_num_queries):
    many = [event("ann", seconds=n, person=ProfileChange(set={"n": n})) for n in range(1, 200)]
    arrive(people.workspace, event("ann", person=ProfileChange(set={"n": 0})))
    with django_assert_num_queries(5):
        arrive(people.workspace, *many, copied=False)
    assert DistinctId.objects.get().changes["p"]["n"]["s"][2] == 199
