"""Insights through the pages: asking, keeping, changing, taking back, and who may."""

from __future__ import annotations

import json
import re

import pytest
from django.http import QueryDict
from django.urls import reverse

from tongpin.kernel import clock
from tongpin.kernel.store import client as store_client
from tongpin.modules.analytics import insight_form
from tongpin.modules.analytics.actions.insight import (
    save_insight,
)
from tongpin.modules.analytics.insights import running
from tongpin.modules.analytics.insights.scope import Scope
from tongpin.modules.analytics.models import EventName, Insight, PersonalLook
from tongpin.modules.analytics.tests.events import arrive, event
from tongpin.modules.analytics.wire.record import ProfileChange

pytestmark = pytest.mark.django_db

LIST = "/w/acme/data/"
NEW = "/w/acme/data/new/trends/"
SAVE = "/w/acme/data/insights/"
HTMX = {"headers": {"HX-Request": "true"}}
DATES = {"from": "2026-02-27", "to": "2026-03-03"}
PAID = {"kind": "trends", **DATES, "series": [{"event": "paid", "math": "total"}]}
FIELDS = {"kind": "trends", **DATES, "series.0.event": "paid", "series.0.math": "total"}
NASTY = "'; DROP TABLE events; --<script>alert(1)</script>\"{{ x }}"


@pytest.fixture
def world(people, store):
    """Ann paid twice, Bo once by phone."""
    arrive(
        people.workspace,
        event("ann", "paid", 0, properties={"plan": "pro"}, person=ProfileChange(set={"name": "Ann Lee"})),
        event("ann", "paid", 60, properties={"plan": "pro"}),
        event("bo", "paid", 30, properties={"plan": "free", "$os": "iOS"}),
        event("cy", "seen", 90),
    )
    return people


@pytest.fixture
def kept(people, actor_of):
    """The member's insight."""
    return save_insight.run(actor_of("member"), {"name": "Sales", "question": PAID}).value


def page_of(row, part=""):
    return f"/w/acme/data/insights/{row.public_id}/{part}"


def text(answer):
    return answer.content.decode()


def totals(answer):
    return re.findall(r'class="insight-total"[^>]*>([^<]+)<', text(answer))


def undo(client, answer):
    token = json.loads(answer.headers["HX-Trigger"])["toast"]["undo"]
    assert client.post("/undo/", {"token": token}).status_code == 204


# Asking -------------------------------------------------------------------------------------------------------------


def test_a_question_in_the_address_is_asked(world, client_of):
    answer = client_of("member").get(NEW, FIELDS)
    assert totals(answer) == ["3"]
    assert totals(client_of("member").get(NEW, FIELDS | {"series.0.math": "unique_users"})) == ["2"]
    narrowed = {"series.0.where.of.0.property": "plan", "series.0.where.of.0.op": "is"}
    narrowed["series.0.where.of.0.value"] = "free"
    assert totals(client_of("member").get(NEW, FIELDS | narrowed)) == ["1"]


def test_the_form_s_answer_says_what_the_address_is_now(world, client_of):
    answer = client_of("member").get(NEW, FIELDS, **HTMX)
    pushed = answer.headers["HX-Push-Url"]
    assert pushed.startswith(NEW + "?")
    assert totals(client_of("member").get(pushed)) == ["3"]


def test_a_condition_only_begun_does_not_narrow(world, client_of):
    begun = {"where.of.0.property": "", "where.of.0.op": "is", "where.match": "all"}
    assert totals(client_of("member").get(NEW, FIELDS | begun)) == ["3"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("from", "sometime"), ("smooth", "many"), ("series.0.math", "guess"), ("unknown", "1")],
)
def test_what_cannot_be_read_is_said_and_what_was_typed_stays(world, client_of, field, value):
    answer = client_of("member").get(NEW, FIELDS | {field: value, "formula": "A * 2"})
    assert answer.status_code == 200
    assert "cannot be read" in text(answer)
    assert 'value="A * 2"' in text(answer)
    assert 'value="paid"' in text(answer)
    if field in ("from", "smooth"):
        assert f'value="{value}"' in text(answer)


@pytest.mark.parametrize("add", ["series", "where.of", "where.of.group", "series.0.where.of"])
def test_buttons_add_and_drop(world, client_of, add):
    client = client_of("member")
    place = add.removesuffix(".group")
    at = 1 if add == "series" else 0
    added = client.get(NEW, FIELDS | {"add": add}, **HTMX)
    inner = f"{place}.{at}" + (".of.0" if add.endswith("group") else "")
    field = "event" if add == "series" else "property"
    assert f'name="{inner}.{field}"' in text(added)
    dropped = client.get(added.headers["HX-Push-Url"] + f"&drop={inner}", **HTMX)
    assert f'name="{inner}.{field}"' not in text(dropped)
    assert totals(dropped) == ["3"]


@pytest.mark.parametrize(
    "press",
    ["add=steps&drop=steps.2.0.event", "add=of.of.of", "drop=series.9", "add=series.x.y", "drop=", "add=0"],
)
def test_places_nobody_could_press_do_no_harm(world, client_of, press):
    fresh = "/w/acme/data/new/trends/?" + QueryDict("", mutable=True).urlencode()
    before = text(client_of("member").get(fresh + "add=series"))
    client_of("member").get(fresh + press)
    assert len(text(client_of("member").get(fresh + "add=series"))) == len(before)


def test_the_csv_has_every_day_and_spreadsheets_read_it(world, client_of):
    answer = client_of("member").get(NEW, FIELDS | {"format": "csv"})
    body = b"".join(answer.streaming_content)
    assert body.startswith(b"\xef\xbb\xbf")
    lines = body.decode("utf-8-sig").splitlines()
    assert len(lines) == 6
    assert "2026-03-01,3," in lines
    assert "attachment" in answer.headers["Content-Disposition"]


def test_a_store_that_is_away_is_said_on_the_page(world, store, client_of):
    store.stop()
    try:
        store_client._forget()
        for address in (NEW, "/w/acme/data/people/"):
            point = {"point": json.dumps({"series": "A"})}
            answer = client_of("member").get(address, FIELDS | point)
            assert answer.status_code == 200
            assert "callout" in text(answer)
        assert 'value="paid"' in text(client_of("member").get(NEW, FIELDS))
    finally:
        store.start()


# Behind a number ----------------------------------------------------------------------------------------------------


def test_every_number_opens_who_is_behind_it(world, client_of):
    client = client_of("member")
    html = text(client.get(NEW, FIELDS))
    address = re.search(r'class="insight-total" href="([^"]+)"', html)[1].replace("&amp;", "&")
    behind = client.get(address)
    assert "2 users" in text(behind)
    assert "Ann Lee" in text(behind)
    assert PersonalLook.objects.exists()
    back = re.search(r'href="([^"]*new/trends/\?[^"]+)"', text(behind))[1].replace("&amp;", "&")
    assert totals(client.get(back)) == ["3"]


@pytest.mark.parametrize(
    "point", ["[]", "{", '{"series": "Z"}', '{"series": ["A"]}', '{"series":"A","bucket":"x"}']
)
def test_a_point_there_is_not_is_refused(world, client_of, point):
    answer = client_of("member").get("/w/acme/data/people/", FIELDS | {"point": point})
    assert answer.status_code == 422


def test_a_number_behind_which_is_nobody(world, client_of):
    found = FIELDS | {"series.0.event": "never", "point": '{"series":"A"}'}
    assert "Nobody" in text(client_of("member").get("/w/acme/data/people/", found))


# Keeping ------------------------------------------------------------------------------------------------------------


def test_saved_it_is_asked_again_at_its_address(world, client_of):
    client = client_of("member")
    answer = client.post(SAVE, FIELDS | {"name": " 日活 📈 ", "description": "每天看"}, **HTMX)
    row = Insight.objects.get()
    assert answer.headers["HX-Redirect"] == page_of(row)
    assert (row.name, row.description, row.owner) == ("日活 📈", "每天看", world.member)
    page = client.get(page_of(row))
    assert totals(page) == ["3"]
    assert "Changed, not saved" not in text(page)
    changed = client.get(page_of(row), FIELDS | {"series.0.math": "unique_users"})
    assert "Changed, not saved" in text(changed)
    same = client.get(page_of(row), FIELDS)
    assert "Changed, not saved" not in text(same)


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"name": "x" * 121}, {"name": "ok", "series.0.math": "guess"}]
)
def test_what_cannot_be_saved_keeps_the_page(people, client_of, wrong):
    answer = client_of("member").post(SAVE, FIELDS | wrong, **HTMX)
    assert answer.status_code == 422
    assert not answer.content, "nothing is put into the page: what was typed stays"
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["kind"] == "error"
    assert not Insight.objects.exists()


def test_a_change_is_undone(kept, store, client_of):
    client = client_of("member")
    answer = client.post(page_of(kept, "change/"), FIELDS | {"series.0.event": "seen"}, **HTMX)
    kept.refresh_from_db()
    assert kept.question["series"][0]["event"] == "seen"
    assert answer.headers["HX-Push-Url"] == page_of(kept)
    assert f'hx-get="{page_of(kept)}"' in text(answer), (
        "the form goes on with the insight, not with this address"
    )
    undo(client, answer)
    kept.refresh_from_db()
    assert kept.question == running.told(running.read(PAID))


def test_a_deletion_leads_to_the_list_and_is_undone(kept, client_of):
    client = client_of("member")
    answer = client.post(page_of(kept, "delete/"), **HTMX)
    assert answer.headers["HX-Push-Url"] == LIST
    assert 'id="insight-list"' in text(answer)
    assert f'hx-get="{page_of(kept, "delete/")}"' not in text(answer)
    assert client.get(page_of(kept)).status_code == 404
    undo(client, answer)
    assert client.get(page_of(kept)).status_code == 200


def test_two_tabs_do_not_write_over_each_other(kept, store, client_of):
    seen = re.search(r'name="seen" value="(\d+)"', text(client_of("member").get(page_of(kept))))[1]
    first = client_of("member").post(page_of(kept, "change/"), {"name": "First", "seen": seen}, **HTMX)
    assert first.status_code == 200
    second = client_of("admin").post(page_of(kept, "change/"), {"name": "Second", "seen": seen}, **HTMX)
    assert second.status_code == 409
    kept.refresh_from_db()
    assert kept.name == "First"
    other = client_of("admin").post(
        page_of(kept, "change/"), FIELDS | {"to": "2026-03-02", "seen": seen}, **HTMX
    )
    assert other.status_code == 200, "another part of it"


def test_nested_groups_survive(kept, store, client_of):
    inner = {"match": "any", "of": [{"property": "plan", "value": "pro"}, {"property": "$os", "op": "set"}]}
    where = {"match": "all", "of": [{"property": "amount", "op": "gt", "value": "5"}, inner]}
    fields = dict(insight_form.written({"where": where}))
    client = client_of("member")
    client.post(page_of(kept, "change/"), FIELDS | fields, **HTMX)
    kept.refresh_from_db()
    assert running.read(kept.question) == running.read(PAID | {"where": where})
    page = text(client.get(page_of(kept)))
    assert 'name="where.of.1.of.0.property" value="plan"' in page


def test_a_text_of_no_letters_is_asked_for_by_a_choice_not_by_a_blank(world, client_of):
    arrive(world.workspace, event("di", "paid", 120, properties={"plan": ""}))
    client = client_of("member")
    chosen = client.get(NEW, FIELDS | {"where.of.0.property": "plan", "where.of.0.op": "empty"})
    assert totals(chosen) == ["1"]
    assert '<option value="empty" selected>' in text(chosen)
    assert 'name="where.of.0.value"' not in text(chosen)
    begun = client.get(NEW, FIELDS | {"where.of.0.property": "plan", "where.of.0.op": "is"})
    assert totals(begun) == ["4"], "a field that nobody has filled in yet asks nothing"


def test_a_group_is_taken_away_as_a_whole(world, client_of):
    where = {"where.of.0.property": "plan", "where.of.0.value": "pro", "where.of.1.match": "any"} | {
        "where.of.1.of.0.property": "$os",
        "where.of.1.of.0.value": "Android",
    }
    client = client_of("member")
    assert 'name="drop" value="where.of.1"' in text(client.get(NEW, FIELDS | where))
    left = client.get(NEW, FIELDS | where | {"drop": "where.of.1"})
    assert totals(left) == ["2"]
    assert 'name="where.of.1' not in text(left)


def test_the_list_filters_and_says_when_nothing_fits(kept, client_of):
    client = client_of("member")
    assert "Sales" in text(client.get(LIST, {"q": "sal"}))
    assert "Sales" not in text(client.get(LIST, {"kind": "funnel"}))
    assert "No insight fits" in text(client.get(LIST, {"q": "zzz"}))


LIST_QUERIES = 7


@pytest.mark.parametrize("count", [1, 4])
def test_the_list_costs_the_same_whatever_its_rows(
    people, actor_of, client_of, count, django_assert_num_queries
):
    for n in range(count):
        who = "owner" if n % 2 else "member"
        save_insight.run(actor_of(who), {"name": f"I {n}", "question": PAID})
    client = client_of("member")
    client.get(LIST)
    with django_assert_num_queries(LIST_QUERIES):
        client.get(LIST)


def test_markup_and_sql_in_every_name_are_only_text(world, actor_of, client_of):
    arrive(world.workspace, event("eve", NASTY[:100], 10, properties={NASTY[:100]: NASTY}))
    EventName.objects.create(
        workspace=world.workspace, name=NASTY[:100], first_seen_at=clock.now(), last_seen_at=clock.now()
    )
    client = client_of("member")
    fields = FIELDS | {
        "series.0.event": NASTY[:100],
        "breakdown.property": NASTY[:100],
        "where.of.0.property": NASTY[:100],
        "where.of.0.op": "is",
        "where.of.0.value": NASTY,
    }
    answer = client.get(NEW, fields)
    assert totals(answer) == ["1"]
    row = save_insight.run(
        actor_of("member"), {"name": NASTY[:100], "description": NASTY, "question": PAID}
    ).value
    for page in (answer, client.get(page_of(row)), client.get(LIST)):
        assert "<script>alert" not in text(page)
    assert store_client.query("SELECT count() FROM events").rows[0][0] == 5


def test_addresses_of_the_tests_are_those_of_the_product(people):
    assert reverse("analytics:insights", args=["acme"]) == LIST
    assert reverse("analytics:behind", args=["acme"]) == "/w/acme/data/people/"


def test_a_breakdown_only_begun_does_not_break_down(world, client_of):
    begun = {"breakdown.property": "", "breakdown.on": "event"}
    assert totals(client_of("member").get(NEW, FIELDS | begun)) == ["3"]
    assert totals(client_of("member").get(NEW, FIELDS | begun | {"breakdown.property": "plan"})) == ["2", "1"]


def test_a_preset_is_the_range(world, client_of):
    answer = client_of("member").get(NEW, FIELDS | {"preset": "-6d"}, **HTMX)
    assert "from=-6d" in answer.headers["HX-Push-Url"]
    assert "preset" not in answer.headers["HX-Push-Url"]
    assert 'value="-6d" aria-pressed="true"' in text(answer)


def test_what_is_folded_away_shows_once_it_is_used(world, client_of):
    client = client_of("member")
    assert '<details class="more insight-part">' in text(client.get(NEW, FIELDS))
    assert '<details class="more insight-part" open>' in text(client.get(NEW, FIELDS | {"smooth": "7"}))


@pytest.mark.parametrize("said", ["0001-01-01", "9999-12-31", "-9999y", "-9999w", "2026-02-30"])
@pytest.mark.parametrize("end", ["from", "to"])
def test_a_day_beyond_all_dates_is_said(world, client_of, said, end):
    answer = client_of("member").get(NEW, FIELDS | {end: said})
    assert answer.status_code == 200
    assert "callout" in text(answer)


def test_a_place_of_endless_digits_is_no_place(world, client_of):
    digits = "9" * 5000
    for press in (
        {f"series.{digits}.math": "total"},
        {"drop": f"series.{digits}"},
        {"add": f"series.{digits}"},
    ):
        assert client_of("member").get(NEW, FIELDS | press).status_code == 200


def test_sessions_ask_the_catalogue_for_key_events(world):
    """Ann's minute engages her; what Bo did once does when it is marked as key; Cy only looked."""
    question = running.read({"kind": "sessions", **DATES})
    scope = Scope.of(world.workspace)
    assert running.answer(question, scope).result["total"]["engaged"] == 1
    EventName.objects.update_or_create(workspace=world.workspace, name="paid", defaults={"key_event": True})
    assert running.answer(question, scope).result["total"]["engaged"] == 2
