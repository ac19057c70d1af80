"""The inbox through its pages: what each person sees and may do."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core import signing
from django.test import Client

from tongpin.kernel.errors import NotFound
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Language
from tongpin.modules.notifications import queries
from tongpin.modules.notifications.actions import inbox as actions
from tongpin.modules.notifications.models import Notification

pytestmark = pytest.mark.django_db
Clients = Callable[[str], Client]
Note = Callable[..., Notification]
INBOX = "/w/acme/inbox/"
HTMX = {"HTTP_HX_REQUEST": "true"}


def text(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return str(response.content.decode())


def state(row: Notification) -> tuple[bool, bool]:
    """Unread, archived."""
    row.refresh_from_db()
    return row.read_at is None, row.archived_at is not None


def undo(client: Client, response: Any) -> Any:
    token = json.loads(response["HX-Trigger"])["toast"]["undo"]
    return client.post("/undo/", {"token": token}, **HTMX)


@pytest.mark.parametrize(
    ("who", "status"), [("owner", 200), ("member", 200), ("guest", 200), ("stranger", 404), ("nobody", 302)]
)
def test_who_may_open_the_inbox(client_of: Clients, who: str, status: int) -> None:
    assert client_of(who).get(INBOX).status_code == status
    assert client_of(who).get(f"{INBOX}bell/").status_code == status
    assert client_of(who).get(f"{INBOX}newer/").status_code == status
    assert client_of(who).get("/w/acme/settings/notifications/").status_code == status


def test_everyone_sees_their_own_and_nobody_anothers(client_of: Clients, note: Note) -> None:
    note("member", "For the member")
    note("owner", "For the owner")

    page = text(client_of("owner").get(INBOX))
    assert "For the owner" in page
    assert "For the member" not in page
    assert "For the" not in text(client_of("guest").get(INBOX))


def test_the_three_lists(client_of: Clients, note: Note) -> None:
    unread, read, gone = note(title="One"), note(title="Two"), note(title="Three")
    client = client_of("member")
    client.post(f"{INBOX}{read.public_id}/read/")
    client.post(f"{INBOX}{gone.public_id}/archive/")

    def shown(tab: str) -> list[str]:
        page = text(client.get(f"{INBOX}?tab={tab}"))
        return [row.title for row in (unread, read, gone) if row.title in page]

    assert shown("unread") == ["One"]
    assert shown("all") == ["One", "Two"]
    assert shown("archived") == ["Three"]
    assert shown("rubbish") == ["One"]


def test_each_empty_list_says_why(client_of: Clients, note: Note) -> None:
    client = client_of("member")
    assert "Nothing here yet" in text(client.get(INBOX))
    assert "Nothing archived" in text(client.get(f"{INBOX}?tab=archived"))
    actions.mark_read.run(Actor.for_member(note("member").recipient), target=Notification.objects.get())
    assert "You have read everything" in text(client.get(INBOX))


@pytest.mark.parametrize(
    ("verb", "before", "after"),
    [
        ("read", (True, False), (False, False)),
        ("unread", (False, False), (True, False)),
        ("archive", (True, False), (True, True)),
        ("unarchive", (True, True), (True, False)),
    ],
)
def test_each_change_can_be_taken_back(
    client_of: Clients, note: Note, verb: str, before: tuple[bool, bool], after: tuple[bool, bool]
) -> None:
    from tongpin.kernel import clock

    row = note(read_at=None if before[0] else clock.now(), archived_at=clock.now() if before[1] else None)
    client = client_of("member")

    response = client.post(f"{INBOX}{row.public_id}/{verb}/?tab=all", **HTMX)

    assert state(row) == after
    assert undo(client, response).status_code == 204
    assert state(row) == before
    client.post(f"{INBOX}{row.public_id}/{verb}/")
    client.post(f"{INBOX}{row.public_id}/{verb}/")
    assert state(row) == after


def test_the_answer_brings_the_row_the_tabs_and_the_bells(client_of: Clients, note: Note) -> None:
    row, other = note(), note(title="Other")
    client = client_of("member")

    read = text(client.post(f"{INBOX}{row.public_id}/read/?tab=unread", **HTMX))
    assert f'<hx-partial hx-target="#n-{row.public_id}" hx-swap="outerMorph">' in read
    assert 'id="inbox-tabs"' in read
    assert 'hx-target="#nav-side-notificationsinbox"' in read
    assert "1 new" in read

    gone = text(client.post(f"{INBOX}{row.public_id}/archive/?tab=all", **HTMX))
    assert f'<hx-partial hx-target="#n-{row.public_id}" hx-swap="delete">' in gone

    last = text(client.post(f"{INBOX}{other.public_id}/archive/?tab=all", **HTMX))
    assert "Nothing here yet" in last


def test_without_htmx_a_change_leads_back_to_its_list(client_of: Clients, note: Note) -> None:
    row = note()
    response = client_of("member").post(f"{INBOX}{row.public_id}/archive/?tab=all")
    assert (response.status_code, response["Location"]) == (302, f"{INBOX}?tab=all")


@pytest.mark.parametrize("who", ["owner", "admin", "guest", "stranger"])
def test_anothers_notification_cannot_be_touched(client_of: Clients, note: Note, who: str) -> None:
    row = note("member")
    before = Notification.objects.values().get()
    client = client_of(who)

    for verb in ("read", "unread", "archive", "unarchive"):
        assert client.post(f"{INBOX}{row.public_id}/{verb}/", **HTMX).status_code == 404
    assert client.get(f"{INBOX}{row.public_id}/").status_code == 404
    client.post(f"{INBOX}read-all/")

    assert Notification.objects.values().get() == before


@pytest.mark.parametrize("who", ["owner", "guest", "stranger"])
@pytest.mark.parametrize("name", ["mark_read", "mark_unread", "archive", "unarchive"])
def test_denied_actions_change_nothing(
    people: Any, actor_of: Callable[..., Actor], note: Note, who: str, name: str
) -> None:
    row = note("member")
    before = Notification.objects.values().get()

    with pytest.raises(NotFound):
        getattr(actions, name).run(actor_of(who), target=row)

    assert Notification.objects.values().get() == before


@pytest.mark.parametrize("who", ["owner", "guest", "stranger"])
def test_marking_all_marks_ones_own_only(
    people: Any, actor_of: Callable[..., Actor], note: Note, who: str
) -> None:
    row = note("member")

    marked = actions.mark_all_read.run(actor_of(who)).value
    assert marked.count == 0
    assert state(row) == (True, False)

    at = actions.mark_all_read.run(actor_of("member")).value.at
    assert actions.unmark_all_read.run(actor_of(who), {"at": at}).value == 0
    assert state(row) == (False, False)


def test_an_account_outside_the_workspace_has_no_inbox(people: Any, note: Note) -> None:
    outsider = Actor.of(people.member.user)
    for action in (actions.mark_all_read, actions.unmark_all_read):
        with pytest.raises(NotFound):
            action.run(outsider, {"at": "2026-01-01T00:00:00Z"} if action is actions.unmark_all_read else {})


def test_marking_all_as_read_and_back_leaves_what_was_read_before(client_of: Clients, note: Note) -> None:
    early, one, two, archived = note(), note(), note(), note()
    client = client_of("member")
    client.post(f"{INBOX}{early.public_id}/read/")
    client.post(f"{INBOX}{archived.public_id}/archive/")

    response = client.post(f"{INBOX}read-all/?tab=unread", **HTMX)

    assert "2 marked as read." in json.loads(response["HX-Trigger"])["toast"]["message"]
    assert "You have read everything" in text(response)
    assert [state(row)[0] for row in (early, one, two)] == [False, False, False]
    assert state(archived) == (True, True)
    undo(client, response)
    assert [state(row)[0] for row in (early, one, two)] == [False, True, True]


def test_an_undo_token_works_for_its_owner_only(client_of: Clients, note: Note) -> None:
    row = note()
    response = client_of("member").post(f"{INBOX}{row.public_id}/archive/", **HTMX)

    assert undo(client_of("owner"), response).status_code == 403
    assert state(row) == (True, True)
    assert (
        signing.loads(json.loads(response["HX-Trigger"])["toast"]["undo"], salt="tongpin.undo")["workspace"]
        == "acme"
    )


def test_opening_marks_it_read_and_leads_on(client_of: Clients, note: Note) -> None:
    row = note()
    response = client_of("member").get(f"{INBOX}{row.public_id}/")

    assert (response.status_code, response["Location"]) == (302, row.url)
    assert state(row) == (False, False)

    bare = note()
    Notification.objects.filter(pk=bare.pk).update(url="")
    assert client_of("member").get(f"{INBOX}{bare.public_id}/")["Location"] == INBOX


def test_what_is_not_there_is_not_found(client_of: Clients, note: Note) -> None:
    client = client_of("member")
    assert client.get(f"{INBOX}{uuid.uuid4()}/").status_code == 404
    assert client.post(f"{INBOX}{note().public_id}/burn/").status_code == 404
    assert client.get(f"{INBOX}{note().public_id}/read/").status_code == 405
    assert client.get(f"{INBOX}read-all/").status_code == 405


def test_the_bell_counts_what_is_unread(client_of: Clients, note: Note) -> None:
    client = client_of("member")
    assert "new" not in text(client.get(f"{INBOX}bell/"))
    rows = [note() for _ in range(3)]
    note("owner")
    client.post(f"{INBOX}{rows[0].public_id}/read/")

    fragment = text(client.get(f"{INBOX}bell/"))

    assert "2 new" in fragment
    assert 'id="nav-side-notificationsinbox"' in fragment
    assert 'id="nav-phone-notificationsinbox"' in fragment
    assert 'data-live="notifications.notification"' in fragment
    assert fragment.count("<a ") == 2


def test_the_pill_counts_what_came_since(client_of: Clients, note: Note) -> None:
    client = client_of("member")
    seen = note()
    assert "<a" not in text(client.get(f"{INBOX}newer/?tab=unread&than={seen.public_id}"))
    note()
    note()

    pill = text(client.get(f"{INBOX}newer/?tab=unread&than={seen.public_id}"))

    assert "2 new" in pill
    assert f"than={seen.public_id}" in pill
    assert "3 new" in text(client.get(f"{INBOX}newer/?tab=unread"))


def test_paging_goes_on_below_the_last_row_even_if_that_row_left_the_list(
    people: Any, client_of: Clients, note: Note
) -> None:
    rows = [note(title=f"No {number:03}") for number in range(queries.PAGE + 5)]
    actor = Actor.for_member(people.member)
    first, cursor = queries.inbox(actor, queries.Tab.UNREAD, None)
    assert [thread.newest.pk for thread in first] == [row.pk for row in rows[::-1][: queries.PAGE]]
    assert cursor == first[-1].newest.public_id
    actions.mark_read.run(actor, target=first[-1].newest)
    note(title="Newest")

    then, end = queries.inbox(actor, queries.Tab.UNREAD, cursor)

    assert [thread.newest.pk for thread in then] == [row.pk for row in rows[::-1][queries.PAGE :]]
    assert end is None
    page = text(client_of("member").get(f"{INBOX}?tab=unread&cursor={cursor}"))
    assert "No 004" in page
    assert "Newest" not in page


def test_anothers_row_is_no_cursor(people: Any, note: Note) -> None:
    mine, theirs = note("member"), note("owner")
    rows, _ = queries.inbox(Actor.for_member(people.member), queries.Tab.ALL, theirs.public_id)
    assert [thread.newest for thread in rows] == [mine]


def test_the_list_speaks_the_readers_language(people: Any, client_of: Clients, note: Note) -> None:
    note(title="One")
    people.member.user.language = Language.CHINESE
    people.member.user.save()

    page = text(client_of("member").get(INBOX))

    assert "中文：One" in page
    for word in ("收件箱", "未读", "已归档", "全部标为已读"):
        assert word in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_queries_whatever_its_length(
    client_of: Clients, note: Note, django_assert_num_queries: Any, count: int
) -> None:
    for _ in range(count):
        note()
    client = client_of("member")
    client.get(INBOX)

    with django_assert_num_queries(12):
        client.get(INBOX)


@pytest.mark.parametrize("count", [1, 3])
def test_the_bell_costs_the_same_queries_whatever_the_count(
    client_of: Clients, note: Note, django_assert_num_queries: Any, count: int
) -> None:
    for _ in range(count):
        note()
    client = client_of("member")
    client.get(f"{INBOX}bell/")

    with django_assert_num_queries(4):
        client.get(f"{INBOX}bell/")
