"""Raw SQL, as somebody with the database's password would write it, against the stream."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import override_settings

from tongpin.kernel import clock
from tongpin.kernel.events import retention, stream
from tongpin.kernel.events.models import Event
from tongpin.kernel.tenancy.enums import Via
from tongpin.lib.ids import new_id

pytestmark = pytest.mark.django_db


def happened(people, days_ago: float) -> Event:
    return Event.objects.create(
        workspace=people.workspace,
        name="testing.happened",
        v=1,
        payload={"a": 1},
        subject_type="tenancy.user",
        subject_id=new_id(),
        via=Via.WEB,
        action="testing.happen",
        at=clock.now() - timedelta(days=days_ago),
    )


def run(sql: str) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.rowcount


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE events_event SET payload = '{}'",
        "UPDATE events_event SET at = at - interval '1 year'",
        "UPDATE events_event SET ip = NULL, actor_id = NULL, via = 'cli'",
        "UPDATE events_event SET xid = xid + 1",
        "UPDATE events_event SET xid = -1, payload = '{}'",
        "DELETE FROM events_event",
    ],
)
def test_what_is_young_can_neither_be_changed_nor_removed(people, sql):
    happened(people, 179)
    before = list(Event.objects.values())
    with pytest.raises(DatabaseError, match="append-only"):
        run(sql)
    assert list(Event.objects.values()) == before


def test_emptying_the_table_is_refused(people):
    """The one trigger that is off in tests, since a test that commits is cleaned up after by emptying tables."""
    happened(people, 1)
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("ALTER TABLE events_event ENABLE TRIGGER events_event_no_truncate")
    with pytest.raises(DatabaseError, match="append-only"):
        run("TRUNCATE events_event CASCADE")
    assert Event.objects.count() == 1


def test_old_ones_cannot_be_changed_either(people):
    happened(people, 400)
    with pytest.raises(DatabaseError, match="append-only"):
        run("UPDATE events_event SET payload = '{}'")


def test_a_restore_moves_positions(people):
    row = happened(people, 1)
    stream.rebase()
    row.refresh_from_db()
    assert row.xid < 0


def test_an_erased_workspace_takes_its_own_with_it(people):
    row = happened(people, 1)
    people.workspace.deleted_at = clock.now() - timedelta(days=28)
    people.workspace.save()
    with pytest.raises(DatabaseError, match="append-only"):
        run(f"DELETE FROM events_event WHERE id = {row.pk}")
    people.workspace.deleted_at = clock.now() - timedelta(days=31)
    people.workspace.save()
    assert run(f"DELETE FROM events_event WHERE id = {row.pk}") == 1


@pytest.mark.parametrize(
    ("setting", "kept"),
    [(0, [1, 170, 190, 400]), (30, [1, 170]), (365, [1, 170, 190])],
)
def test_the_job_forgets_what_is_older_than_the_setting_and_180_days(people, setting, kept):
    made = {happened(people, age).pk: age for age in (1, 170, 190, 400)}
    with override_settings(AUDIT_DAYS=setting):
        gone = retention.forget()
    assert [made[pk] for pk in Event.objects.order_by("-at").values_list("pk", flat=True)] == kept
    assert gone == 4 - len(kept)
