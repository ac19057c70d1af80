"""Documents follow their objects: with the transaction that changed them, once, and again from nothing."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tongpin.kernel import clock
from tongpin.kernel.events import relay
from tongpin.kernel.events.models import Event
from tongpin.kernel.search import documents
from tongpin.kernel.search.models import SearchDocument
from tongpin.kernel.search.query import find
from tongpin.kernel.search.tests.notes import happened

pytestmark = pytest.mark.django_db


def found(actor, text):
    return [card.title for card in find(actor, text)]


def test_a_change_is_found_and_the_old_text_is_not(note, actor_of, drain):
    row = note("弱网打卡")
    drain()
    row.name = "导出工资条\n"
    row.save()
    happened(row)
    drain()
    assert found(actor_of("member"), "打卡") == []
    assert found(actor_of("member"), "工资") == ["导出工资条"]
    assert SearchDocument.objects.count() == 1


def test_what_is_deleted_is_gone(note, actor_of, drain):
    row = note("弱网打卡")
    drain()
    happened(row)
    row.delete()
    drain()
    assert not SearchDocument.objects.exists()


def test_what_has_no_text_any_more_is_gone(note, drain):
    row = note("弱网打卡")
    drain()
    row.name = "(hidden)\n"
    row.save()
    happened(row)
    drain()
    assert not SearchDocument.objects.exists()


def test_the_same_events_again_change_nothing(note, drain):
    note("弱网打卡")
    drain()
    before = list(SearchDocument.objects.values())
    documents.on_events(list(Event.objects.all()))
    assert list(SearchDocument.objects.values()) == before


def test_a_late_event_of_a_changed_row_writes_the_present_text(note, actor_of, drain):
    """Events may come again, and late: the document is made from the row, never from the event."""
    row = note("first")
    row.name = "second\n"
    row.save()
    drain()
    assert found(actor_of("member"), "first") == []
    assert found(actor_of("member"), "second") == ["second"]


def test_many_events_are_indexed_in_few_queries(note):
    for i in range(50):
        note(f"note {i}")
    events = list(Event.objects.all())
    with CaptureQueriesContext(connection) as queries:
        documents.on_events(events)
    assert SearchDocument.objects.count() == 50
    assert len(queries) == 3  # workspaces, rows, upsert


def test_reindex_makes_all_again_and_drops_the_rest(people, note, actor_of, drain):
    row = note("弱网打卡")
    hidden = note("temporary")
    drain()
    when = SearchDocument.objects.get(object_id=row.public_id).changed_at
    SearchDocument.objects.filter(object_id=row.public_id).delete()
    hidden.name = "(hidden)\n"
    hidden.save()
    SearchDocument.objects.create(
        workspace=people.workspace, type="gone.type", object_id=row.public_id, title="x", grams=["x"]
    )
    assert documents.missing() == 1 + 5  # the note, and the five people no event ever told of
    result = documents.reindex()
    assert (result.written, result.dropped) == (6, 2)
    assert documents.missing() == 0
    assert found(actor_of("member"), "打卡") == ["弱网打卡"]
    assert found(actor_of("member"), "member") == ["Member"]
    assert not SearchDocument.objects.filter(type="gone.type").exists()
    assert SearchDocument.objects.get(object_id=row.public_id).changed_at >= when
    assert documents.reindex().dropped == 0


def test_reindex_keeps_the_order_of_time(note, actor_of, drain):
    note("打卡一")
    note("打卡二")
    drain()
    kept = dict(SearchDocument.objects.values_list("title", "changed_at"))
    documents.reindex()
    assert {t: w for t, w in SearchDocument.objects.values_list("title", "changed_at") if t in kept} == kept


def test_someone_deactivated_is_not_found(people, actor_of, drain):
    documents.reindex()
    assert found(actor_of("member"), "guest") == ["Guest"]
    people.guest.deactivated_at = clock.now()
    people.guest.save()
    happened(people.guest)
    drain()
    assert found(actor_of("member"), "guest") == []


@pytest.mark.django_db(transaction=True)
def test_what_was_rolled_back_is_never_found(people, note, actor_of):
    with transaction.atomic():
        note("弱网打卡")
        transaction.set_rollback(True)
    with transaction.atomic():
        note("导出工资条")
        while relay.run_once():
            pass
        assert not SearchDocument.objects.exists()  # not committed yet: not handed over
    while relay.run_once():
        pass
    assert [d.title for d in SearchDocument.objects.all()] == ["导出工资条"]
