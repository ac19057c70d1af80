"""The catalogue: who may say what of events, and what its pages show."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest

from tongpin.kernel import clock
from tongpin.kernel.actions.door import run_named
from tongpin.kernel.errors import Denied, Invalid, NotFound
from tongpin.kernel.events.models import Event
from tongpin.modules.analytics.actions import catalogue
from tongpin.modules.analytics.models import (
    Arrival,
    Batch,
    EventDay,
    EventName,
    EventProperty,
    LeftOut,
    ParkedArrival,
    Source,
)

pytestmark = pytest.mark.django_db

PAGE = "/w/acme/data/events/"


@pytest.fixture
def paid(people):
    now = clock.now()
    row = EventName.objects.create(
        workspace=people.workspace,
        name="paid",
        total=9,
        first_seen_at=now - timedelta(days=9),
        last_seen_at=now,
    )
    EventDay.objects.create(workspace=people.workspace, event=row, day=clock.today("UTC"), count=7)
    EventProperty.objects.create(
        workspace=people.workspace, event=row, name="plan", types=["text"], samples=["team"], last_seen_at=now
    )
    return row


def snapshot():
    return [list(model.objects.order_by("pk").values()) for model in (EventName, EventProperty, Event)]


ON_EVENT = [
    (catalogue.edit_event, {"description": "x", "expected": True, "key_event": True}),
    (catalogue.hide_event, {}),
    (catalogue.show_event, {}),
    (catalogue.plan_property, {"name": "amount"}),
]


@pytest.mark.parametrize("who", ["guest", "stranger"])
@pytest.mark.parametrize(("action", "data"), ON_EVENT, ids=lambda v: getattr(v, "name", ""))
def test_who_may_not_change_an_event_changes_nothing(actor_of, paid, who, action, data):
    before = snapshot()
    with pytest.raises((Denied, NotFound)):
        action.run(actor_of(who), data, target=paid)
    assert snapshot() == before


@pytest.mark.parametrize("who", ["guest"])
def test_who_may_not_plan_plans_nothing(actor_of, people, who):
    before = snapshot()
    with pytest.raises((Denied, NotFound)):
        catalogue.plan_event.run(actor_of(who), {"name": "new"})
    assert snapshot() == before


@pytest.mark.parametrize("who", ["guest", "stranger"])
def test_who_may_not_change_a_property_changes_nothing(actor_of, paid, who):
    before = snapshot()
    with pytest.raises((Denied, NotFound)):
        catalogue.edit_property.run(actor_of(who), {"personal": True}, target=paid.properties.get())
    assert snapshot() == before


@pytest.mark.parametrize("who", ["owner", "member"])
def test_members_describe_own_expect_and_mark_and_take_it_back(actor_of, people, paid, who):
    outcome = catalogue.edit_event.run(
        actor_of(who),
        {"description": "Money came", "owner": people.member.public_id, "expected": True, "key_event": True},
        target=paid,
    )
    paid.refresh_from_db()
    assert (paid.description, paid.owner, paid.expected, paid.key_event) == (
        "Money came",
        people.member,
        True,
        True,
    )
    run_named(outcome.undo.action, actor_of(who), outcome.undo.data, target=paid)
    paid.refresh_from_db()
    assert (paid.description, paid.owner, paid.expected, paid.key_event) == ("", None, False, False)


def test_an_owner_is_an_active_member_of_the_workspace(actor_of, people, paid):
    for stranger in (people.stranger.public_id, paid.public_id):
        with pytest.raises(Invalid):
            catalogue.edit_event.run(actor_of("owner"), {"owner": stranger}, target=paid)
    paid.refresh_from_db()
    assert paid.owner is None


def test_planning(actor_of, people, paid):
    new = catalogue.plan_event.run(actor_of("member"), {"name": " Paid ", "description": "d"}).value
    assert (new.name, new.expected, new.first_seen_at) == (" Paid ", True, None)
    same = catalogue.plan_event.run(actor_of("member"), {"name": "paid"}).value
    assert same == paid
    for name in ("paid", "", "NUL\0", "x" * 201):
        with pytest.raises(Invalid):
            catalogue.plan_event.run(actor_of("member"), {"name": name})
    prop = catalogue.plan_property.run(actor_of("member"), {"name": "amount"}, target=paid).value
    assert (prop.expected, prop.last_seen_at) == (True, None)
    with pytest.raises(Invalid):
        catalogue.plan_property.run(actor_of("member"), {"name": "amount"}, target=paid)


def test_marking_a_property_personal_forgets_its_values(actor_of, paid):
    prop = paid.properties.get()
    catalogue.edit_property.run(actor_of("member"), {"personal": True, "description": "d"}, target=prop)
    prop.refresh_from_db()
    assert (prop.personal, prop.samples, prop.description) == (True, [], "d")
    assert "team" not in str(Event.objects.order_by("-pk").first().payload)


def test_hiding_and_listing_again(actor_of, client_of, paid):
    catalogue.hide_event.run(actor_of("member"), {}, target=paid)
    assert f"event-{paid.public_id}" not in client_of("member").get(PAGE).text
    assert f"event-{paid.public_id}" in client_of("member").get(PAGE + "?state=hidden").text
    catalogue.show_event.run(actor_of("member"), {}, target=paid)
    assert f"event-{paid.public_id}" in client_of("member").get(PAGE).text


@pytest.mark.parametrize(
    ("who", "status"),
    [("owner", 200), ("admin", 200), ("member", 200), ("guest", 403), ("stranger", 404), ("nobody", 302)],
)
def test_who_may_open_the_pages(client_of, paid, who, status):
    prop = paid.properties.get()
    here = f"{PAGE}{paid.public_id}/"
    for address in (PAGE, PAGE + "events.csv", here, f"{here}properties/{prop.public_id}/"):
        assert client_of(who).get(address).status_code == status


def test_an_empty_catalogue_says_how_to_begin(client_of, people):
    shown = client_of("member").get(PAGE).text
    assert "No events yet" in shown
    assert "/settings/sources/" in shown


def test_filters(client_of, people, paid):
    EventName.objects.create(workspace=people.workspace, name="waits", expected=True)
    EventName.objects.create(
        workspace=people.workspace, name="arrives", expected=True, first_seen_at=clock.now()
    )
    EventName.objects.create(
        workspace=people.workspace, name="goal", key_event=True, description="The big one"
    )

    def names(query):
        rows = client_of("member").get(PAGE + query).context["page"].items
        return [row.name for row in rows]

    assert names("") == ["paid", "arrives", "goal", "waits"]  # what came most this week first
    assert names("?state=missing") == ["waits"]
    assert names("?state=seen") == ["arrives"]
    assert names("?state=unplanned") == ["paid", "goal"]
    assert names("?state=key") == ["goal"]
    assert names("?q=BIG") == ["goal"]
    assert names("?q=nothing") == []
    assert names("?state=nonsense") == ["paid", "arrives", "goal", "waits"]


def test_another_workspace_is_not_shown(client_of, people, paid):
    other = EventName.objects.create(workspace=people.elsewhere, name="theirs")
    assert "theirs" not in client_of("member").get(PAGE).text
    assert client_of("member").get(f"{PAGE}{other.public_id}/").status_code == 404


@pytest.mark.parametrize("events", [1, 3])
def test_the_list_costs_the_same_queries_however_long(
    client_of, people, paid, events, django_assert_num_queries
):
    for n in range(events - 1):
        EventName.objects.create(workspace=people.workspace, name=f"more {n}", owner=people.member)
    client = client_of("member")
    client.get(PAGE)
    with django_assert_num_queries(11):
        client.get(PAGE)


@pytest.mark.parametrize("count", [1, 3])
def test_an_event_costs_the_same_queries_however_many_properties(
    client_of, people, paid, count, django_assert_num_queries
):
    for n in range(count - 1):
        EventProperty.objects.create(workspace=people.workspace, event=paid, name=f"more {n}")
    client = client_of("member")
    client.get(f"{PAGE}{paid.public_id}/")
    with django_assert_num_queries(9):
        client.get(f"{PAGE}{paid.public_id}/")


def test_the_page_plans_edits_owns_and_hides(client_of, people, paid):
    client, here = client_of("member"), f"{PAGE}{paid.public_id}/"
    assert client.post(PAGE, {"name": "new", "description": ""}).status_code == 200
    assert EventName.objects.get(name="new").expected
    assert client.post(PAGE, {"name": "new"}).status_code == 422
    assert client.post(here, {"description": "Money", "key_event": "on"}).status_code == 200
    assert client.post(here + "owner/", {"owner": str(people.member.public_id)}).status_code == 200
    assert client.post(here + "properties/", {"name": "amount"}).status_code == 200
    paid.refresh_from_db()
    assert (paid.description, paid.key_event, paid.owner) == ("Money", True, people.member)
    assert client.post(here + "owner/", {}).status_code == 200
    assert client.post(here + "hide/").status_code == 200
    paid.refresh_from_db()
    assert paid.owner is None
    assert paid.hidden_at is not None
    prop = paid.properties.get(name="plan")
    assert client.post(f"{here}properties/{prop.public_id}/", {"personal": "on"}).status_code == 204
    prop.refresh_from_db()
    assert prop.samples == []


def test_the_file_is_in_the_reader_s_language_to_its_last_line(client_of, people, paid):
    people.member.user.language = "zh-hans"
    people.member.user.save()
    answer = client_of("member").get(PAGE + "events.csv")
    head = answer.getvalue().decode("utf-8-sig").splitlines()[0]
    assert head.startswith("事件,")
    assert not re.search("[A-Za-z]", head)


@pytest.mark.parametrize("sign", ["=", "＝", "＠", "\n="])
def test_no_name_is_run_by_a_spreadsheet_whatever_its_width(client_of, people, sign):
    EventName.objects.create(workspace=people.workspace, name=f"{sign}1+1")
    answer = client_of("member").get(PAGE + "events.csv")
    rows = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"), newline="")))
    assert [row[0] for row in rows[1:]] == [f"'{sign}1+1"]


def test_the_file_has_a_line_for_each_property_and_runs_no_formula(client_of, people, paid):
    EventName.objects.create(workspace=people.workspace, name="=1+1")
    answer = client_of("member").get(PAGE + "events.csv")
    rows = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert [(row[0], row[5], row[6], row[9], row[14]) for row in rows[1:]] == [
        ("paid", "7", "9", "plan", "team"),
        ("'=1+1", "0", "0", "", ""),
    ]


def test_notices(client_of, people, paid):
    source = Source.objects.create(workspace=people.workspace, name="Shop")
    late = clock.now() - timedelta(minutes=5)
    Arrival.objects.create(source=source.pk, received_at=late, count=1, records=b"")
    shown = client_of("member").get(PAGE).text
    assert "No worker moves them on." in shown
    Batch.objects.create(token=source.public_id, arrivals=[], tries=2, trouble="down")
    ParkedArrival.objects.create(
        source=source.pk, received_at=late, count=3, records=b"", reason="<b>odd</b>"
    )
    ParkedArrival.objects.create(
        source=source.pk + 1, received_at=late, count=50, records=b"", reason="theirs"
    )
    LeftOut.objects.create(workspace=people.workspace, events=5, last_event="order 77", last_at=late)
    shown = client_of("owner").get(PAGE).text
    assert "The event store does not take them." in shown
    assert "3 events could not be read" in shown
    assert "&lt;b&gt;odd" in shown
    assert "order 77" in shown
    assert "could not be read" not in client_of("member").get(PAGE).text
