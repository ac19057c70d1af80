"""The stream loses nothing, whatever order transactions commit in."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest
from django.db import connection, transaction

from tongpin.kernel.events import payloads, recording, relay, stream
from tongpin.kernel.events.models import Event, ParkedEvent
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import User, Workspace


@payloads.event("testing.happened")
@dataclass(frozen=True)
class Happened:
    what: str


def record(workspace, what, *, is_import=False):
    with recording.recording(Actor.system(workspace), "testing.record", is_import=is_import) as made:
        recording.emit(Happened(what), workspace)
    return made.written[0]


@pytest.fixture
def subscriber():
    """A subscriber of these tests only; ``seen`` is what it was handed, ``fail_on`` what it refuses."""
    seen: list[str] = []
    fail_on: set[str] = set()

    def handle(events):
        for event in events:
            if event.payload["what"] in fail_on:
                raise ValueError(f"cannot take {event.payload['what']}")
        seen.extend(event.payload["what"] for event in events)

    kept = dict(relay._subscribers)
    relay._subscribers.clear()
    relay.subscribe("testing", handle, names=("testing.*",))
    handle.seen, handle.fail_on = seen, fail_on
    yield handle
    relay._subscribers.clear()
    relay._subscribers.update(kept)


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_commits_late_is_not_stepped_over(subscriber):
    workspace = Workspace.objects.create(slug="late", name="Late")
    written, commit = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            record(workspace, "slow")
            written.set()
            assert commit.wait(10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(10)
    record(workspace, "quick")  # a later id and a later xid, committed first
    relay.run_once()
    assert subscriber.seen == []  # "quick" waits: a smaller xid is still running
    commit.set()
    thread.join(10)
    relay.run_once()
    assert subscriber.seen == ["slow", "quick"]
    relay.run_once()
    assert subscriber.seen == ["slow", "quick"]


@pytest.mark.django_db
def test_the_one_event_that_fails_is_parked_and_the_rest_go_on(subscriber):
    workspace = Workspace.objects.create(slug="park", name="Park")
    subscriber.fail_on.add("bad")
    for what in ("one", "bad", "two"):
        record(workspace, what)
    relay.run_once(own_uncommitted=True)
    assert subscriber.seen == ["one", "two"]
    parked = ParkedEvent.objects.get()
    assert "cannot take bad" in parked.error
    assert parked.attempts == 1
    assert relay.retry(parked.pk) is False
    subscriber.fail_on.clear()
    assert relay.retry(parked.pk) is True
    assert subscriber.seen == ["one", "two", "bad"]
    assert not ParkedEvent.objects.exists()


@pytest.mark.django_db
def test_imports_reach_only_subscribers_that_take_them(subscriber):
    workspace = Workspace.objects.create(slug="import", name="Import")
    record(workspace, "row", is_import=True)
    record(workspace, "act")
    relay.run_once(own_uncommitted=True)
    assert subscriber.seen == ["act"]


@pytest.mark.django_db
def test_what_a_handler_does_is_caused_by_its_event_and_loops_end(subscriber):
    workspace = Workspace.objects.create(slug="loop", name="Loop")
    relay._subscribers.clear()
    relay.subscribe(
        "echo", lambda events: [record(workspace, f"{e.payload['what']}+") for e in events], acts=True
    )
    first = record(workspace, "x")
    for _ in range(20):
        relay.run_once(own_uncommitted=True)
    depths = list(Event.objects.order_by("id").values_list("depth", flat=True))
    assert depths == list(range(recording.MAX_DEPTH + 1))
    assert Event.objects.get(depth=1).causation == first.uid
    assert "TooDeep" in ParkedEvent.objects.get().error


@pytest.mark.django_db
def test_each_event_of_a_batch_causes_what_is_done_about_it_and_loops_of_many_end(subscriber):
    workspace = Workspace.objects.create(slug="batch", name="Batch")
    relay._subscribers.clear()
    relay.subscribe(
        "echo", lambda events: [record(workspace, f"{e.payload['what']}+") for e in events], acts=True
    )
    first, second = record(workspace, "x"), record(workspace, "y")
    for _ in range(20):
        relay.run_once(own_uncommitted=True)
    answers = Event.objects.filter(depth=1).order_by("id").values_list("payload__what", "causation")
    assert list(answers) == [("x+", first.uid), ("y+", second.uid)]
    assert Event.objects.count() == 2 * (recording.MAX_DEPTH + 1)


@pytest.mark.django_db
def test_a_subscriber_that_does_not_act_may_not_record(subscriber):
    workspace = Workspace.objects.create(slug="quiet", name="Quiet")
    relay._subscribers.clear()
    relay.subscribe("quiet", lambda events: [record(workspace, "never") for _ in events])
    record(workspace, "x")
    relay.run_once(own_uncommitted=True)
    assert "acts=True" in ParkedEvent.objects.get().error
    assert Event.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_slow_party_outside_holds_back_no_reader_and_is_called_by_one_worker_only(subscriber):
    workspace = Workspace.objects.create(slug="slow", name="Slow")
    calling, answer = threading.Event(), threading.Event()
    got = []

    def outside(events):
        calling.set()
        assert answer.wait(10)
        got.extend(event.payload["what"] for event in events)

    relay.subscribe("outside", outside, outside=True)
    record(workspace, "one")

    def work():
        relay.run_once(outside=True)
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    assert calling.wait(10)
    record(workspace, "two")
    relay.run_once(outside=False)
    assert subscriber.seen == ["one", "two"]
    assert relay.run_once(outside=True) == 0  # the other worker has it
    answer.set()
    thread.join(10)
    relay.run_once(outside=True)
    assert got == ["one", "two"]


@pytest.mark.django_db
def test_a_restored_stream_goes_on_where_it_stopped(subscriber):
    workspace = Workspace.objects.create(slug="restored", name="Restored")
    record(workspace, "before")
    relay.run_once(own_uncommitted=True)
    record(workspace, "between")
    stream.rebase()
    record(workspace, "after")
    assert list(
        Event.objects.filter(xid__lt=0).order_by("xid", "id").values_list("payload__what", flat=True)
    ) == [
        "before",
        "between",
    ]
    relay.run_once(own_uncommitted=True)
    assert subscriber.seen == ["before", "between", "after"]


def test_an_older_payload_is_brought_up_to_date():
    @payloads.event("testing.renamed", v=2, upcasters={1: lambda old: {"title": old["name"]}})
    @dataclass(frozen=True)
    class Renamed:
        title: str

    assert payloads.from_row("testing.renamed", 1, {"name": "a"}) == Renamed("a")
    assert payloads.from_row("testing.renamed", 2, {"title": "b"}) == Renamed("b")


@pytest.mark.django_db
def test_nothing_is_recorded_when_the_work_fails():
    user = User.objects.create_user("a@b.example", None, name="A")
    workspace = Workspace.objects.create(slug="w", name="W")
    with pytest.raises(ZeroDivisionError), recording.recording(Actor.of(user), "testing.fail"):
        recording.emit(Happened("never"), workspace)
        raise ZeroDivisionError
    assert not Event.objects.exists()
    with pytest.raises(RuntimeError):
        recording.emit(Happened("outside"), workspace)


@pytest.mark.django_db
def test_while_the_outside_party_is_down_nothing_is_parked_and_the_batch_comes_again(subscriber):
    workspace = Workspace.objects.create(slug="down", name="Down")
    down, got = [True], []

    def outside(events):
        if down[0]:
            raise relay.TryLater("closed")
        got.extend(event.payload["what"] for event in events)

    relay.subscribe("outside", outside, outside=True)
    record(workspace, "one")
    record(workspace, "two")
    relay.run_once(own_uncommitted=True)
    assert (got, subscriber.seen) == ([], ["one", "two"])
    assert not ParkedEvent.objects.exists()
    down[0] = False
    relay.run_once(own_uncommitted=True)
    assert got == ["one", "two"]
