"""An import taken back takes what is known of its events alone, and nothing else."""

from __future__ import annotations

from datetime import date

import pytest

from tongpin.kernel.actions.door import run_named
from tongpin.kernel.store import client as store_client
from tongpin.modules.analytics import import_jobs
from tongpin.modules.analytics.enums import ImportState
from tongpin.modules.analytics.importing import keeping
from tongpin.modules.analytics.models import EventFile, EventName, EventProperty
from tongpin.modules.analytics.tests.importing.uploading import (
    CHOSEN,
    read,
    started,
    stored,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_undo_takes_names_and_users_that_nothing_else_tells_of(store, owner, here, source, actor_of):
    kept = "user_id,action,at,plan\nu1,import_stay,2026-03-01 08:00:00,x\n"
    read(started(owner, here, CHOSEN, kept.encode()))
    row = started(owner, here)
    read(row)
    assert len(stored()) == 3
    names = EventName.objects.exclude(first_seen_at=None)
    assert set(names.values_list("name", flat=True)) == {"import_stay", "import_view", "import_pay"}
    owner.post(f"{here}{row.public_id}/undo/")
    import_jobs.undo_imports.func(0)
    row.refresh_from_db()
    assert (row.state, row.taking) == (ImportState.UNDONE, None)
    assert [event for _who, event, _at in stored()] == ["import_stay"]
    assert list(names.values_list("name", "total")) == [("import_stay", 1)]
    seen = "SELECT DISTINCT distinct_id FROM ids_seen WHERE workspace = {workspace:UUID}"
    assert store_client.query(seen, {"workspace": source.workspace.public_id}).rows == [("u1",)]
    again = started(owner, here)
    assert again.pk != row.pk
    read(again)
    assert len(stored()) == 3
    view = EventName.objects.get(name="import_view")
    assert set(EventProperty.objects.filter(event=view).values_list("name", flat=True)) >= {"plan"}


def test_undo_keeps_what_people_planned_and_what_others_sent(store, owner, here, actor_of):
    run_named("analytics.event.plan", actor_of("owner"), {"name": "import_view"})
    other = "user_id,action,at,plan\nu9,import_pay,2026-03-02 08:00:00,x\n"
    read(started(owner, here, CHOSEN, other.encode()))
    row = started(owner, here)
    read(row)
    stored()
    both = EventName.objects.get(name="import_pay")
    assert (both.total, both.first_seen_at < both.last_seen_at) == (2, True)
    at = both.last_seen_at
    owner.post(f"{here}{row.public_id}/undo/")
    import_jobs.undo_imports.func(0)
    planned = EventName.objects.get(name="import_view")
    assert (planned.expected, planned.total, planned.first_seen_at) == (True, 0, None)
    pay = EventName.objects.get(name="import_pay")
    assert pay.total == 1
    assert list(pay.days.values_list("day", "count")) == [(date(2026, 3, 2), 1)]
    assert (pay.first_seen_at, pay.last_seen_at) == (at, at)


def test_undo_takes_from_the_days_of_the_workspace_s_zone(store, owner, here, source):
    """Seven in the evening UTC is the next day in Shanghai."""
    late = "user_id,action,at,plan\nu1,import_late,2026-03-01 {}:00:00+00:00,x\n"
    read(started(owner, here, CHOSEN, late.format("18").encode()))
    row = started(owner, here, CHOSEN, late.format("19").encode())
    read(row)
    assert len(stored()) == 2
    days = EventName.objects.get(name="import_late").days.values_list("day", "count")
    assert list(days.all()) == [(date(2026, 3, 2), 2)]
    owner.post(f"{here}{row.public_id}/undo/")
    import_jobs.undo_imports.func(0)
    assert list(days.all()) == [(date(2026, 3, 2), 1)]


def test_an_import_taken_back_half_way_keeps_no_file(store, owner, here, actor_of):
    row = started(owner, here)
    owner.post(f"{here}{row.public_id}/undo/")
    assert not EventFile.objects.exists()
    assert list(keeping.names()) == []
    read(row)
    import_jobs.undo_imports.func(0)
    row.refresh_from_db()
    assert (row.state, row.rows) == (ImportState.UNDONE, 0)
    assert stored() == []
