"""What goes out, to whom, and in which order."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from tongpin.kernel import clock
from tongpin.kernel.events import stream
from tongpin.kernel.realtime import audience, hints, measures
from tongpin.kernel.realtime.subscription import QUEUE_MAX, Subscription
from tongpin.kernel.realtime.tests.listening import Server, Tab
from tongpin.kernel.realtime.viewers import Viewer
from tongpin.kernel.tenancy.actor import Actor

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Tab]
Touch = Callable[..., str]


def test_a_change_is_told_with_what_changed_and_who_did_it_and_nothing_else(
    people: Any, tab: Open, touch: Touch
) -> None:
    page = tab("member")
    subject = touch(people.admin, actor=Actor.for_member(people.owner))

    frame = page.next()

    assert frame is not None
    assert frame.event == "changed"
    assert frame.data == {
        "w": "acme",
        "s": [subject, "tenancy.membership"],
        "e": "testing.touched",
        "by": str(people.owner.user.public_id),
    }
    assert frame.id == str(stream.end())


def test_the_greeting_tells_the_present_position(people: Any, tab: Open, touch: Touch) -> None:
    touch(people.admin)

    greeting = tab("member").greeting  # type: ignore[attr-defined]

    assert greeting.id == greeting.data["at"] == str(stream.end())


def test_another_workspaces_changes_stay_there(people: Any, tab: Open, touch: Touch) -> None:
    ours, theirs = tab("member"), tab("stranger")
    there, here = touch(people.stranger), touch(people.admin)

    first, other = ours.next(), theirs.next()

    assert first is not None
    assert first.subject == here
    assert other is not None
    assert (other.subject, other.data["w"]) == (there, "elsewhere")


def test_a_guest_hears_only_of_what_it_may_see(people: Any, tab: Open, touch: Touch) -> None:
    page = tab("guest")
    touch(people.member)
    seen = touch(people.owner)
    touch(people.workspace)  # a type nobody registered
    own = touch(people.guest)

    assert [frame.subject for frame in page.many(2)] == [seen, own]


def test_what_is_ones_own_is_told_to_nobody_else(
    people: Any, tab: Open, touch: Touch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        audience._personal, "tenancy.membership", lambda ids: {people.admin.public_id: people.admin.user_id}
    )
    owner, admin = tab("owner"), tab("admin")
    mine = touch(people.admin)
    touch(people.member)  # its owner is not known
    last = touch(people.workspace)

    assert [frame.subject for frame in admin.many(2)] == [mine, last]
    assert [frame.subject for frame in owner.many(1)] == [last]


def test_what_nobody_meets_as_a_thing_is_told_to_administrators_only(
    people: Any, tab: Open, touch: Touch
) -> None:
    admin, member = tab("admin"), tab("member")
    hidden = touch(people.workspace)  # no registered type here: as a token or an invitation
    last = touch(people.guest)

    assert [frame.subject for frame in admin.many(2)] == [hidden, last]
    assert [frame.subject for frame in member.many(1)] == [last]


def test_changes_arrive_in_the_streams_order_each_once(people: Any, tab: Open, touch: Touch) -> None:
    page = tab("member")
    rows = [people.admin, people.member, people.owner] * 20
    for row in rows:
        touch(row)

    frames = page.many(len(rows))

    assert [frame.subject for frame in frames] == [f"tenancy.membership:{row.public_id}" for row in rows]
    positions = [stream.Position.parse(frame.id) for frame in frames]
    assert positions == sorted(set(positions))  # type: ignore[type-var]


def test_a_transaction_that_commits_late_is_not_stepped_over(people: Any, tab: Open, touch: Touch) -> None:
    page = tab("member")
    written, commit = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            touch(people.admin)
            written.set()
            assert commit.wait(20)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(20)
    quick = touch(people.member)  # committed, yet behind one that still runs
    late = f"tenancy.membership:{people.admin.public_id}"
    commit.set()
    thread.join()

    assert [frame.subject for frame in page.many(2)] == [late, quick]


def test_eight_tabs_all_hear_it_and_are_counted(people: Any, tab: Open, touch: Touch) -> None:
    before = measures.STREAMS._value.get()
    tabs = [tab("member") for _ in range(8)]
    assert measures.STREAMS._value.get() - before == 8

    subject = touch(people.admin)

    assert [page.many(1)[0].subject for page in tabs] == [subject] * 8


def test_after_a_break_everything_missed_is_told_once(people: Any, tab: Open, touch: Touch) -> None:
    page = tab("member")
    touch(people.admin)
    known = page.many(1)[0].id
    page.close()
    missed = [touch(people.member), touch(people.owner)]

    again = tab("member", Last_Event_ID=known)
    live = touch(people.admin)

    assert again.greeting.id == known  # type: ignore[attr-defined]
    assert [frame.subject for frame in again.many(3)] == [*missed, live]


def test_a_script_may_say_where_it_was_in_the_address(people: Any, tab: Open, touch: Touch) -> None:
    touch(people.admin)
    known = str(stream.end())
    missed = touch(people.member)

    again = tab("member", path=f"/rt/events?last={known}")

    assert [frame.subject for frame in again.many(1)] == [missed]


def test_what_happened_while_the_page_was_on_its_way_is_told(people: Any, tab: Open, touch: Touch) -> None:
    touch(people.stranger)
    rendered = clock.now().timestamp()
    meanwhile = touch(people.admin)

    page = tab("member", path=f"/rt/events?since={rendered:.3f}")
    live = touch(people.owner)

    assert page.greeting.id == ""  # type: ignore[attr-defined]
    assert [frame.subject for frame in page.many(2)] == [meanwhile, live]


def test_what_the_page_already_showed_is_not_told(people: Any, tab: Open, touch: Touch) -> None:
    with clock.shifted_by(timedelta(seconds=-5)):
        touch(people.admin)

    page = tab("member", path=f"/rt/events?since={clock.now().timestamp():.3f}")
    live = touch(people.owner)

    assert page.greeting.id != ""  # type: ignore[attr-defined]
    assert [frame.subject for frame in page.many(1)] == [live]


def test_a_reconnect_goes_by_the_last_id_not_by_the_pages_age(people: Any, tab: Open, touch: Touch) -> None:
    touch(people.admin)
    known = str(stream.end())
    missed = touch(people.owner)

    page = tab("member", path="/rt/events?since=1000", Last_Event_ID=known)

    assert [frame.subject for frame in page.many(1)] == [missed]


@pytest.mark.parametrize(
    ("since", "kind"), [("1000", "resync"), ("9e99", "resync"), ("nan", "changed"), ("x", "changed")]
)
def test_a_page_too_old_fetches_everything(
    people: Any, tab: Open, touch: Touch, since: str, kind: str
) -> None:
    page = tab("member", path=f"/rt/events?since={since}")
    touch(people.owner)

    assert page.many(1)[0].event == kind


def test_a_guests_replay_is_filtered_too(people: Any, tab: Open, touch: Touch) -> None:
    touch(people.admin)
    known = str(stream.end())
    touch(people.member)
    seen = touch(people.owner)

    again = tab("guest", Last_Event_ID=known)

    assert [frame.subject for frame in again.many(1)] == [seen]


@pytest.mark.parametrize("unknown", ["rubbish", "7.x", "999999999.1", f"{2**70}.1", "-1", "1.1"])
def test_a_place_never_heard_of_means_fetch_everything(
    people: Any, tab: Open, touch: Touch, unknown: str
) -> None:
    touch(people.admin)

    page = tab("member", Last_Event_ID=unknown)
    subject = touch(people.owner)
    told, live = page.many(2)

    assert (told.event, live.event) == ("resync", "changed")
    assert live.subject == subject


def test_missing_more_than_the_bound_means_fetch_everything(
    people: Any, tab: Open, touch: Touch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tongpin.kernel.realtime.hub.REPLAY_MAX", 3)
    touch(people.admin)
    known = str(stream.end())
    touch(*[people.member] * 3)
    assert [f.event for f in tab("member", Last_Event_ID=known).many(3)] == ["changed"] * 3
    touch(people.owner)

    page = tab("member", Last_Event_ID=known)

    assert page.many(1)[0].event == "resync"


def test_a_client_too_slow_for_its_queue_is_told_to_fetch_everything(people: Any) -> None:
    async def overflowing() -> tuple[bytes, bytes]:
        slow = Subscription("key", Viewer(1), stream.Position(0, 0))
        slow.greet(b"id: 0.0\nevent: hello\n\n")
        for number in range(1, QUEUE_MAX + 1):
            slow.put(b"event: changed\n\n", stream.Position(1, number))
        first = await slow.next(1)
        slow.put(b"event: changed\n\n", stream.Position(2, 1))
        return first, await slow.next(1)

    import asyncio

    first, then = asyncio.run(overflowing())

    assert first.count(b"event: ") == 2
    assert first.startswith(b"id: 0.0\nevent: hello\n\n")
    assert f"id: 1.{QUEUE_MAX}\nevent: resync".encode() in first
    assert then == b"event: changed\n\n"


@pytest.mark.parametrize("session", [None, "", "no-such-session", "x" * 500])
def test_without_a_session_there_is_no_stream(server: Server, session: str | None) -> None:
    assert server.tab(session).status == 401


def test_an_expired_session_opens_no_stream(
    people: Any, server: Server, session_of: Callable[[str], str]
) -> None:
    from django.contrib.sessions.models import Session

    key = session_of("member")
    Session.objects.filter(pk=key).update(expire_date=clock.now())

    assert server.tab(key).status == 401


def test_only_the_one_path_and_method_exist(server: Server) -> None:
    import http.client

    assert server.tab(None, path="/rt/other").status == 404
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request("POST", "/rt/events")
    assert connection.getresponse().status == 405


def test_one_person_cannot_take_all_the_streams(
    people: Any, tab: Open, session_of: Callable[[str], str], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tongpin.kernel.realtime.asgi.STREAMS_PER_PERSON", 2)
    tab("member")
    tab("member")

    assert server.tab(session_of("member")).status == 429
    tab("owner")


def test_ids_of_users_never_leave(people: Any, tab: Open, touch: Touch) -> None:
    page = tab("member")
    touch(people.admin, actor=Actor.for_member(people.owner))

    frame = page.many(1)[0]

    uuid.UUID(frame.data["by"])
    assert set(frame.data) == {"w", "s", "e", "by"}


def test_a_hint_for_several_reaches_each_of_them_and_nobody_else(
    people: Any, tab: Open, touch: Touch
) -> None:
    pages = {who: tab(who) for who in ("owner", "member", "admin")}

    with transaction.atomic():
        hints.tell_each([people.owner, people.member], "testing.own")

    told = [pages[who].next() for who in ("owner", "member")]
    assert [frame.data["s"] for frame in told if frame] == [["testing.own"]] * 2
    subject = touch(people.owner)
    seen = pages["admin"].next()
    assert seen is not None
    assert seen.subject == subject


def test_a_hint_of_ones_own_reaches_all_of_ones_pages_and_nobody_elses(
    people: Any, tab: Open, touch: Touch
) -> None:
    desk, phone, other = tab("member"), tab("member"), tab("owner")

    with transaction.atomic():
        hints.tell(Actor.for_member(people.member), "testing.own")

    told = [desk.next(), phone.next()]
    assert [(frame.data["s"], frame.data["w"], frame.id) for frame in told if frame] == [
        (["testing.own"], "acme", "")
    ] * 2
    subject = touch(people.admin)
    seen = other.next()
    assert seen is not None
    assert seen.subject == subject  # nothing came before it
