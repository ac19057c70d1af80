"""Segments through the pages: built, counted, kept, changed, taken back, asked about, taken away."""

from __future__ import annotations

import re

import pytest

from tongpin.kernel.events.models import Event
from tongpin.kernel.store import client as store_client
from tongpin.modules.analytics.actions.segment import create_segment
from tongpin.modules.analytics.models import PersonalLook, Segment
from tongpin.modules.analytics.tests.events import arrive, event, identify
from tongpin.modules.analytics.tests.test_insight_pages import FIELDS, HTMX, NASTY, NEW, text, undo
from tongpin.modules.analytics.wire.record import ProfileChange

pytestmark = pytest.mark.django_db

LIST = "/w/acme/data/segments/"
BUILDER = LIST + "new/"
PAYERS = {"who": [{"event": "paid", "times": 2, "from": "2026-02-27", "to": "2026-03-03"}]}
RULE = {
    "unit": "user", "who.match": "all", "who.of.0.on": "event", "who.of.0.event": "paid", "who.of.0.op": "gte",
    "who.of.0.times": "2", "who.of.0.from": "2026-02-27", "who.of.0.to": "2026-03-03",
}  # fmt: skip


@pytest.fixture
def world(people, store):
    """Ann paid twice, Bo once, Cy only looked; Ann and Bo for a customer each."""
    arrive(
        people.workspace,
        event(
            "ann",
            "paid",
            0,
            customers={"company": "k1"},
            person=ProfileChange(set={"name": "Ann Lee", "plan": "pro"}),
        ),
        event("ann", "paid", 60),
        event("bo", "paid", 30, customers={"company": "k2"}),
        event("cy", "seen", 90),
    )
    return people


@pytest.fixture
def kept(world, actor_of):
    """The member's segment: Ann."""
    return create_segment.run(actor_of("member"), {"name": "Payers", "rule": PAYERS}).value


def page_of(row, part=""):
    return f"{LIST}{row.public_id}/{part}"


def size(answer):
    found = re.search(r'<p class="insight-total">([\d,]+)</p>', text(answer))
    return int(found[1].replace(",", "")) if found else None


# Building -----------------------------------------------------------------------------------------------------------


def test_the_builder_counts_before_anything_is_kept(world, client_of):
    client = client_of("member")
    answer = client.get(BUILDER, RULE)
    assert size(answer) == 1
    assert "of 3 users" in text(answer)
    assert "did paid at least 2 times" in text(answer)
    assert size(client.get(BUILDER, RULE | {"who.of.0.times": "1"})) == 2
    assert size(client.get(BUILDER, RULE | {"who.of.0.done": "false"})) == 2
    assert size(client.get(BUILDER, RULE | {"unit": "customer", "who.of.0.times": "1"})) == 2
    narrowed = {"who.of.1.property": "plan", "who.of.1.op": "is", "who.of.1.value": "pro"}
    assert size(client.get(BUILDER, RULE | {"who.of.0.times": "1"} | narrowed)) == 1
    assert not Segment.objects.exists()


def test_the_builder_begins_with_something_that_counts(world, client_of):
    answer = client_of("member").get(BUILDER)
    assert size(answer) == 0, "nothing was done in the last days"
    assert 'name="who.of.0.event"' in text(answer)


def test_conditions_only_begun_do_not_count(world, client_of):
    begun = {"who.of.1.property": "", "who.of.1.op": "is", "who.of.2.on": "segment", "who.of.2.op": "in"}
    assert size(client_of("member").get(BUILDER, RULE | begun)) == 1


@pytest.mark.parametrize("part", ["did", "group", ""])
def test_buttons_add_and_drop(world, client_of, part):
    client = client_of("member")
    added = client.get(BUILDER, RULE | {"add": "who.of" + (f".{part}" if part else "")}, **HTMX)
    place = "who.of.1.of.0.property" if part == "group" else f"who.of.1.{'event' if part else 'property'}"
    assert f'name="{place}"' in text(added)
    dropped = client.get(added.headers["HX-Push-Url"] + "&drop=who.of.1", **HTMX)
    assert f'name="{place}"' not in text(dropped)
    assert size(dropped) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"who.of.0.times": "many"}, {"who.of.0.from": "sometime"}, {"unit": "crowd"}, {"unknown": "1"},
        {"who.of.0.from": "2026-03-09", "who.of.0.to": "2026-03-01"}, {"who.of.0.question": "{"},
    ],
)  # fmt: skip
def test_what_is_no_rule_is_said_and_stays(world, client_of, wrong):
    answer = client_of("member").get(BUILDER, RULE | wrong)
    assert answer.status_code == 200
    assert "callout" in text(answer)
    assert size(answer) is None
    assert 'value="paid"' in text(answer) or "question" in str(wrong)
    refused = client_of("member").post(LIST + "save/", RULE | wrong | {"name": "x"}, **HTMX)
    assert refused.status_code == 422
    assert not Segment.objects.exists()


def test_a_store_that_is_away_is_said_on_the_page(kept, store, client_of):
    store.stop()
    try:
        store_client._forget()
        for address in (BUILDER, page_of(kept)):
            answer = client_of("member").get(address)
            assert answer.status_code == 200
            assert "callout" in text(answer)
        assert "Payers" in text(client_of("member").get(LIST))
    finally:
        store.start()


# Keeping ------------------------------------------------------------------------------------------------------------


def test_saved_it_shows_who_is_in_it(world, client_of):
    client = client_of("member")
    answer = client.post(LIST + "save/", RULE | {"name": " 付费两次 💎 ", "description": "复盘用"}, **HTMX)
    row = Segment.objects.get()
    assert answer.headers["HX-Redirect"] == page_of(row)
    assert (row.name, row.kind, row.owner) == ("付费两次 💎", "rule", world.member)
    page = client.get(page_of(row))
    assert size(page) == 1
    assert "Ann Lee" in text(page)
    assert PersonalLook.objects.filter(about=f"segment:{row.public_id}").count() == 1
    arrive(world.workspace, event("bo", "paid", 100))
    assert size(client.get(page_of(row))) == 2, "it lives"


def test_frozen_it_stays_those_it_was_whatever_they_become(world, client_of):
    client = client_of("member")
    client.post(LIST + "save/", RULE | {"name": "Then", "frozen": "true"}, **HTMX)
    row = Segment.objects.get()
    arrive(world.workspace, event("bo", "paid", 100))
    assert (row.kind, row.rule, size(client.get(page_of(row)))) == ("list", None, 1)
    arrive(world.workspace, identify("aa-known", "ann", 200), event("aa-known", "seen", 210))
    page = client.get(page_of(row))
    assert size(page) == 1
    assert "Ann Lee" in text(page)


def test_frozen_customers_stay_too(world, client_of):
    client = client_of("member")
    rule = RULE | {"unit": "customer", "who.of.0.times": "1", "name": "Then", "frozen": "true"}
    client.post(LIST + "save/", rule, **HTMX)
    row = Segment.objects.get()
    page = client.get(page_of(row))
    assert size(page) == 2
    assert "k1" in text(page)
    assert "k2" in text(page)


def test_the_rule_is_changed_and_taken_back(kept, client_of):
    client = client_of("member")
    assert size(client.get(page_of(kept, "rule/"))) == 1
    answer = client.post(page_of(kept, "change/"), RULE | {"who.of.0.times": "1"}, **HTMX)
    assert size(answer) == 2
    undo(client, answer)
    assert size(client.get(page_of(kept))) == 1
    assert client.post(page_of(kept, "change/"), RULE | {"unit": "customer"}, **HTMX).status_code == 200
    kept.refresh_from_db()
    assert kept.unit == "user", "what it is made of stays"


def test_a_deletion_leads_to_the_list_and_is_undone(kept, client_of):
    client = client_of("member")
    answer = client.post(page_of(kept, "delete/"), **HTMX)
    assert answer.headers["HX-Push-Url"] == LIST
    assert client.get(page_of(kept)).status_code == 404
    undo(client, answer)
    assert size(client.get(page_of(kept))) == 1


def test_two_tabs_do_not_write_over_each_other(kept, client_of):
    seen = re.search(r'name="seen" value="(\d+)"', text(client_of("member").get(page_of(kept))))[1]
    first = client_of("member").post(page_of(kept, "change/"), {"name": "First", "seen": seen}, **HTMX)
    assert first.status_code == 200
    second = client_of("admin").post(page_of(kept, "change/"), {"name": "Second", "seen": seen}, **HTMX)
    assert second.status_code == 409
    kept.refresh_from_db()
    assert kept.name == "First"


def test_it_is_handed_over(kept, people, client_of):
    answer = client_of("member").post(
        page_of(kept, "change/"), {"owner": str(people.admin.public_id)}, **HTMX
    )
    kept.refresh_from_db()
    assert kept.owner == people.admin
    undo(client_of("admin"), client_of("admin").post(page_of(kept, "change/"), {"name": "Mine"}, **HTMX))
    assert answer.status_code == 200
    wrong = client_of("admin").post(page_of(kept, "change/"), {"owner": "nobody"}, **HTMX)
    assert wrong.status_code == 422


def filtered(row, op="in", place="where"):
    """Fields of a question about a segment."""
    return {
        f"{place}.of.0.on": "segment",
        f"{place}.of.0.op": op,
        f"{place}.of.0.segment": str(row.public_id),
    }


# Taking away --------------------------------------------------------------------------------------------------------


def test_the_file_has_everybody_and_is_noted(kept, client_of, actor_of, monkeypatch):
    monkeypatch.setattr("tongpin.modules.analytics.queries.segment_members.AT_ONCE", 1)
    client = client_of("member")
    client.post(page_of(kept, "change/"), RULE | {"who.of.0.times": "1"}, **HTMX)
    body = b"".join(client.get(page_of(kept, "members.csv")).streaming_content)
    assert body.startswith(b"\xef\xbb\xbf")
    lines = body.decode("utf-8-sig").splitlines()
    assert len(lines) == 3
    assert any(",ann,Ann Lee," in line for line in lines)
    rule = {"unit": "customer", "who": [{"event": "paid"}]}
    customers = create_segment.run(actor_of("member"), {"name": "C", "rule": rule}).value
    body = b"".join(client.get(page_of(customers, "members.csv")).streaming_content)
    assert [line.split(",")[0] for line in body.decode("utf-8-sig").splitlines()[1:]] == ["k1", "k2"]
    assert Event.objects.filter(name="analytics.segment_exported").count() == 2


def test_markup_and_sql_in_every_name_are_only_text(kept, actor_of, client_of):
    client = client_of("member")
    where = {
        "who.of.0.event": NASTY[:100],
        "who.of.1.property": NASTY[:100],
        "who.of.1.op": "is",
        "who.of.1.value": NASTY,
    }
    assert size(client.get(BUILDER, RULE | where)) == 0
    row = create_segment.run(
        actor_of("member"),
        {"name": NASTY[:100], "description": NASTY, "rule": {"who": [{"event": NASTY[:100]}]}},
    ).value
    pages = [
        client.get(BUILDER, RULE | where),
        client.get(page_of(row)),
        client.get(LIST),
        client.get(NEW, FIELDS | filtered(row)),
    ]
    for page in pages:
        assert "<script>alert" not in text(page)
    assert store_client.query("SELECT count() FROM events").rows[0][0] == 4


LIST_QUERIES = 7


@pytest.mark.parametrize("count", [1, 4])
def test_the_list_costs_the_same_whatever_its_rows(
    people, actor_of, client_of, count, django_assert_num_queries
):
    for n in range(count):
        create_segment.run(actor_of("owner" if n % 2 else "member"), {"name": f"S {n}", "rule": PAYERS})
    client = client_of("member")
    client.get(LIST)
    with django_assert_num_queries(LIST_QUERIES):
        client.get(LIST)


def test_the_list_filters_and_says_when_nothing_fits(kept, client_of):
    client = client_of("member")
    assert "Payers" in text(client.get(LIST, {"q": "pay"}))
    assert "Payers" not in text(client.get(LIST, {"kind": "list"}))
    assert "No segment fits" in text(client.get(LIST, {"q": "zzz"}))


def test_what_a_form_spells_is_what_was_kept(kept, client_of, actor_of):
    """A rule of every kind of condition comes out of the builder as it went in."""
    where = {"match": "all", "of": [{"property": "a", "value": "b"}]}
    did = {"event": None, "done": False, "op": "lte", "times": 3, "from": "-6d", "where": where}
    inner = [{"segment": str(kept.public_id), "op": "not_in"}, {"property": "p", "op": "set"}]
    funnel = {"kind": "funnel", "steps": [[{"event": "a"}], [{}]]}
    number = {"question": funnel, "point": {"step": 1, "converted": False}, "op": "not_in"}
    plan = {"property": "plan", "op": "is_not", "value": ["x", "y"]}
    who = {"match": "any", "of": [did, plan, {"match": "all", "of": inner}, number]}
    rule = {"unit": "user", "who": who}
    row = create_segment.run(actor_of("member"), {"name": "All", "rule": rule}).value
    client = client_of("member")
    page = text(client.get(page_of(row, "rule/")))
    form = page[page.index("segments/" + str(row.public_id) + "/change/") :]
    form = form[: form.index("</form>")]
    fields = {
        name: value.replace("&quot;", '"').replace("&#x27;", "'").replace("&amp;", "&")
        for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    }
    assert fields["who.of.1.op"] == "is_not"
    client.post(page_of(row, "change/"), fields, **HTMX)
    before = row.rule
    row.refresh_from_db()
    assert row.rule == before
