"""Threads, several lines at once, snoozing and muting."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from tongpin.kernel import clock
from tongpin.kernel import news as kinds
from tongpin.kernel.errors import Denied, Invalid, NotFound
from tongpin.kernel.events.models import Event
from tongpin.kernel.news import Delivery, Kind, Wording, rule
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.notifications import jobs, queries, snoozing
from tongpin.modules.notifications.actions import muting, sorting
from tongpin.modules.notifications.enums import Tab
from tongpin.modules.notifications.handlers import on_events
from tongpin.modules.notifications.models import MutedThread, Notification, Sorting
from tongpin.modules.notifications.tests.test_announce import noted  # registers testing.noted

pytestmark = pytest.mark.django_db
Clients = Callable[[str], Client]
Actors = Callable[..., Actor]
Note = Callable[..., Notification]
INBOX = "/w/acme/inbox/"
HTMX = {"HTTP_HX_REQUEST": "true"}
WEDNESDAY = datetime(2026, 11, 25, 6, 20, tzinfo=UTC)


def shape(threads: list[queries.Thread]) -> list[list[str]]:
    return [[row.title for row in (one.newest, *one.earlier)] for one in threads]


def listed(people: Any, tab: Tab, who: str = "member") -> list[list[str]]:
    return shape(queries.inbox(Actor.for_member(people.of(who)), tab, None)[0])


def states() -> list[dict[str, Any]]:
    return list(Notification.objects.order_by("pk").values())


def undo(client: Client, response: Any) -> None:
    token = json.loads(response["HX-Trigger"])["toast"]["undo"]
    assert client.post("/undo/", {"token": token}, **HTMX).status_code == 204


def test_news_of_one_object_is_one_row_and_acts_as_one(people: Any, client_of: Clients, note: Note) -> None:
    thread = uuid.uuid4()
    note(title="One", about=thread)
    note(title="Other")
    newest = note(title="Two", about=thread)
    client = client_of("member")
    assert listed(people, Tab.UNREAD) == [["Two", "One"], ["Other"]]
    assert queries.unread(Actor.for_member(people.member)) == 2
    before = states()

    response = client.post(f"{INBOX}{newest.public_id}/archive/?tab=unread", **HTMX)

    assert listed(people, Tab.UNREAD) == [["Other"]]
    assert listed(people, Tab.ARCHIVED) == [["Two", "One"]]
    undo(client, response)
    assert states() == before


def test_opening_the_row_reads_its_thread(people: Any, client_of: Clients, note: Note) -> None:
    thread = uuid.uuid4()
    note(about=thread)
    newest = note(about=thread)
    client_of("member").get(f"{INBOX}{newest.public_id}/")
    assert not Notification.objects.filter(read_at=None).exists()


def test_many_are_done_at_once_and_taken_back_at_once(people: Any, client_of: Clients, note: Note) -> None:
    rows = [note(title=f"No {n}") for n in range(4)]
    client = client_of("member")
    client.post(f"{INBOX}{rows[0].public_id}/read/")
    before = states()
    ids = [row.public_id for row in rows[:3]]

    response = client.post(f"{INBOX}sort/?tab=all", {"verb": "archive", "ids": ids}, **HTMX)

    assert response.content.decode().count('hx-swap="delete"') == 3
    assert listed(people, Tab.ALL) == [["No 3"]]
    undo(client, response)
    assert states() == before
    response = client.post(f"{INBOX}sort/?tab=all", {"verb": "read", "ids": ids}, **HTMX)
    assert queries.unread(Actor.for_member(people.member)) == 1
    undo(client, response)
    assert states() == before  # the one that was read before is still read, at its own time


def test_refused_sortings_change_nothing(people: Any, client_of: Clients, note: Note) -> None:
    row, theirs = note(), note("owner")
    client = client_of("member")
    before = states()
    for data, status in (
        ({"verb": "archive"}, 422),
        ({"verb": "burn", "ids": [row.public_id]}, 422),
        ({"verb": "archive", "ids": [row.public_id, theirs.public_id]}, 404),
        ({"verb": "snooze", "ids": [row.public_id]}, 422),
        ({"verb": "snooze", "ids": [row.public_id], "when": "date", "date": "2020-01-01"}, 422),
        ({"verb": "snooze", "ids": [row.public_id], "when": "date", "date": "soon"}, 422),
    ):
        assert client.post(f"{INBOX}sort/", data, **HTMX).status_code == status, data
    assert states() == before
    assert not Sorting.objects.exists()


@pytest.mark.parametrize("who", ["owner", "guest", "stranger"])
def test_anothers_lines_and_threads_are_refused(people: Any, actor_of: Actors, note: Note, who: str) -> None:
    row = note("member")
    done = sorting.sort.run(actor_of("member"), {"verb": "read", "ids": [row.public_id]}).value
    muted = muting.mute.run(
        actor_of("member"), {"about_type": row.about_type, "about_id": row.about_id}
    ).value
    before = (states(), list(Sorting.objects.values()), list(MutedThread.objects.values()))

    with pytest.raises(NotFound):
        sorting.sort.run(actor_of(who), {"verb": "archive", "ids": [row.public_id]})
    with pytest.raises(NotFound):
        sorting.take_back.run(actor_of(who), target=done)
    with pytest.raises(NotFound):
        muting.mute.run(actor_of(who), {"about_type": row.about_type, "about_id": row.about_id})
    with pytest.raises(NotFound):
        muting.unmute.run(actor_of(who), target=muted)
    with pytest.raises(Denied):
        sorting.wake.run(actor_of(who))

    assert before == (states(), list(Sorting.objects.values()), list(MutedThread.objects.values()))


def test_what_is_snoozed_comes_back_once_unread_and_on_top(
    people: Any, client_of: Clients, note: Note
) -> None:
    row = note(title="Can wait", read_at=clock.now())
    note(title="Later news")
    client = client_of("member")
    response = client.post(
        f"{INBOX}sort/?tab=all", {"verb": "snooze", "ids": [row.public_id], "when": "tomorrow"}, **HTMX
    )
    assert "Snoozed until" in json.loads(response["HX-Trigger"])["toast"]["message"]
    assert (listed(people, Tab.ALL), listed(people, Tab.SNOOZED)) == ([["Later news"]], [["Can wait"]])
    assert jobs.wake_due() == 0

    with clock.shifted_by(timedelta(days=2)):
        assert jobs.wake_due() == 1
        assert jobs.wake_due() == 0

    assert listed(people, Tab.UNREAD) == [["Can wait"], ["Later news"]]
    assert listed(people, Tab.SNOOZED) == []
    assert Event.objects.filter(name="notifications.notification_woken").count() == 1


def test_what_was_archived_while_snoozed_stays_away(people: Any, client_of: Clients, note: Note) -> None:
    row = note()
    data = {"verb": "snooze", "ids": [row.public_id], "when": "tomorrow"}
    client_of("member").post(f"{INBOX}sort/?tab=all", data)
    client_of("member").post(f"{INBOX}{row.public_id}/archive/?tab=snoozed")
    with clock.shifted_by(timedelta(days=2)):
        assert jobs.wake_due() == 0
    assert len(listed(people, Tab.ARCHIVED)) == 1


@pytest.mark.parametrize(
    ("now", "keys"),
    [
        (WEDNESDAY, ["later", "tomorrow", "week"]),  # the next working day is tomorrow: said once
        (
            WEDNESDAY + timedelta(days=2),
            ["later", "tomorrow", "workday"],
        ),  # Friday: next week begins that Monday
        (WEDNESDAY + timedelta(hours=8), ["tomorrow", "week"]),  # 22:20 in Shanghai
    ],
)
def test_the_picker_offers_moments_to_come_in_the_readers_zone(
    people: Any, now: datetime, keys: list[str]
) -> None:
    people.member.user.time_zone = "Asia/Shanghai"
    with clock.frozen_at(now):
        found = snoozing.moments(Actor.for_member(people.member))
    assert [one.key for one in found] == keys
    assert all(one.at > now for one in found)
    assert {one.at.hour for one in found if one.key != "later"} == {9}


def test_another_page_learns_what_its_rows_are_now(client_of: Clients, note: Note) -> None:
    read, gone, theirs = note(title="Read"), note(title="Gone"), note("owner", "Secret")
    client = client_of("member")
    client.post(f"{INBOX}{read.public_id}/read/")
    client.post(f"{INBOX}{gone.public_id}/archive/")

    ids = [read.public_id, gone.public_id, theirs.public_id]
    page = client.post(f"{INBOX}shown/?tab=unread", {"shown": ids}, **HTMX).content.decode()

    assert "Secret" not in page
    assert 'hx-target="#inbox-list"' not in page  # as if it had heard of one after the other
    assert f'hx-target="#n-{gone.public_id}" hx-swap="delete"' in page
    assert f'hx-target="#n-{read.public_id}" hx-swap="outerMorph"' in page
    client.post(f"{INBOX}{read.public_id}/archive/")
    page = client.post(f"{INBOX}shown/?tab=unread", {"shown": ids}, **HTMX).content.decode()
    assert 'hx-target="#inbox-list"' in page  # nothing is left: the list says so
    assert "Nothing here yet" in page


def placed(page: str) -> list[tuple[str, str, str]]:
    """Where rows are put in: target, how, and the line of the row."""
    partial = r'hx-target="#([^"]+)" hx-swap="(after\w+)">\s*<li data-row id="n-([^"]+)"'
    return re.findall(partial, page)


def test_another_page_shows_again_what_was_taken_back(client_of: Clients, note: Note) -> None:
    rows = [note(title=str(n)) for n in range(5)]
    ids = [row.public_id for row in reversed(rows)]
    client = client_of("member")

    def synced(*shown: uuid.UUID) -> str:
        url = f"{INBOX}shown/?tab=unread&than={ids[0]}"
        return client.post(url, {"shown": shown}, **HTMX).content.decode()

    assert placed(synced(*ids)) == []
    assert placed(synced(ids[1], ids[3])) == [
        ("inbox-rows", "afterbegin", str(ids[0])),
        (f"n-{ids[1]}", "afterend", str(ids[2])),
        (f"n-{ids[3]}", "afterend", str(ids[4])),
    ]
    whole = synced()  # the last row had gone, and with it the list
    assert 'hx-target="#inbox-list"' in whole
    assert whole.count("<li data-row ") == 5
    new = note(title="New")
    assert str(new.public_id) not in synced(*ids)  # news is told by the pill, it moves nothing


def test_another_page_leaves_later_pages_to_be_asked_for(
    client_of: Clients, note: Note, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE", 3)
    ids = [row.public_id for row in reversed([note(title=str(n)) for n in range(5)])]
    url = f"{INBOX}shown/?tab=unread&than={ids[0]}"
    page = client_of("member").post(url, {"shown": [ids[1]]}, **HTMX).content.decode()
    assert placed(page) == [("inbox-rows", "afterbegin", str(ids[0]))]


@pytest.fixture
def _rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_rules", {})
    monkeypatch.setattr(kinds, "_kinds", {})


def tell(people: Any, *, direct: bool) -> None:
    kind = Kind(f"testing.{direct}", "News", default=Delivery.MAIL, direct=direct)
    monkey = kinds._rules
    monkey.clear()
    rule(
        "testing.noted",
        kind=kind,
        recipients=lambda event: [people.member],
        wording=lambda event, language: Wording("News", "", "/w/acme/"),
        about=lambda event: ("testing.thing", people.owner.public_id),
    )
    on_events([noted(people)])


@pytest.mark.usefixtures("_rules")
def test_a_muted_thread_tells_only_what_names_one(people: Any, client_of: Clients) -> None:
    tell(people, direct=False)
    (first,) = Notification.objects.all()
    assert first.thread == ("testing.thing", people.owner.public_id)
    client = client_of("member")
    response = client.post(f"{INBOX}{first.public_id}/mute/?tab=all", **HTMX)
    assert "Muted" in response.content.decode()

    tell(people, direct=False)
    assert Notification.objects.count() == 1
    tell(people, direct=True)
    assert Notification.objects.count() == 2

    undo(client, response)
    tell(people, direct=False)
    assert Notification.objects.count() == 3


def test_muted_threads_are_listed_and_heard_again(people: Any, client_of: Clients, note: Note) -> None:
    row = note(title="Noisy")
    client = client_of("member")
    client.post(f"{INBOX}{row.public_id}/mute/")
    assert "Noisy" in client.get("/w/acme/settings/notifications/").content.decode()
    muted = MutedThread.objects.get()

    response = client.post(f"/w/acme/settings/notifications/unmute/{muted.public_id}/", **HTMX)

    assert "Nothing is muted" in response.content.decode()
    assert not MutedThread.objects.exists()
    undo(client, response)
    assert MutedThread.objects.get().about_id == row.about_id


def test_old_sortings_are_forgotten(actor_of: Actors, note: Note) -> None:
    sorting.sort.run(actor_of("member"), {"verb": "read", "ids": [note().public_id]})
    jobs.forget_sortings(0)
    assert Sorting.objects.count() == 1
    with clock.shifted_by(timedelta(days=3)):
        jobs.forget_sortings(0)
    assert Sorting.objects.count() == 0


def test_snoozing_for_ever_or_for_nothing_is_refused(actor_of: Actors, note: Note) -> None:
    ids = [note().public_id]
    for until in (clock.now() - timedelta(minutes=1), clock.now() + timedelta(days=400)):
        with pytest.raises(Invalid):
            sorting.sort.run(actor_of("member"), {"verb": "snooze", "ids": ids, "until": until})
    with pytest.raises(Invalid):
        sorting.sort.run(actor_of("member"), {"verb": "read", "ids": ids, "until": clock.now()})
