"""Segments where they are used: filters, breakdowns, the list of users; and numbers kept as segments."""

from __future__ import annotations

import json
import re

import pytest

from tongpin.modules.analytics.actions.segment import create_segment, delete_segment
from tongpin.modules.analytics.models import Insight, Segment
from tongpin.modules.analytics.tests.events import arrive, event
from tongpin.modules.analytics.tests.test_insight_pages import FIELDS, HTMX, NEW, text, totals
from tongpin.modules.analytics.tests.test_segment_pages import (
    LIST,
    PAYERS,
    filtered,
    kept,
    page_of,
    size,
    world,
)

__all__ = ["kept", "world"]

pytestmark = pytest.mark.django_db


# Asking -------------------------------------------------------------------------------------------------------------


def test_questions_filter_and_break_down_by_it(kept, client_of):
    client = client_of("member")
    assert totals(client.get(NEW, FIELDS)) == ["3"]
    assert totals(client.get(NEW, FIELDS | filtered(kept))) == ["2"]
    assert totals(client.get(NEW, FIELDS | filtered(kept, "not_in", "series.0.where"))) == ["1"]
    broken = client.get(NEW, FIELDS | {"breakdown.segments.0": str(kept.public_id), "breakdown.property": ""})
    assert totals(broken) == ["2", "1"]
    assert "(in none of them)" in text(broken)
    added = client.get(NEW, FIELDS | {"add": "where.of.segment"}, **HTMX)
    assert totals(added) == ["3"], "only begun"
    assert 'name="where.of.0.segment"' in text(added)


def test_a_saved_question_says_when_its_segment_is_gone(kept, client_of, actor_of):
    client = client_of("member")
    client.post("/w/acme/data/insights/", FIELDS | filtered(kept) | {"name": "Of payers"}, **HTMX)
    row = Insight.objects.get()
    page = f"/w/acme/data/insights/{row.public_id}/"
    assert totals(client.get(page)) == ["2"]
    assert "Of payers" in text(client.get(page_of(kept))), "it is known who uses it"
    outcome = delete_segment.run(actor_of("member"), {}, target=kept)
    gone = client.get(page)
    assert totals(gone) == []
    assert "The segment “Payers” was deleted." in text(gone)
    csv = client.get(page, {"format": "csv"})
    assert "was deleted" in text(csv)
    assert outcome.undo is not None


def test_segments_of_others_are_not_found(kept, actor_of, client_of):
    theirs = create_segment.run(actor_of("stranger"), {"name": "Theirs", "rule": PAYERS}).value
    answer = client_of("member").get(NEW, FIELDS | filtered(theirs))
    assert "There is no such segment" in text(answer)
    assert "Theirs" not in text(answer)
    assert client_of("member").get(page_of(theirs)).status_code == 404
    assert client_of("member").get("/w/acme/users/", {"segment": str(theirs.public_id)}).status_code == 404


def test_it_leads_to_an_insight_of_just_those(kept, client_of):
    client = client_of("member")
    address = re.search(r'href="([^"]*new/trends/\?[^"]+)"', text(client.get(page_of(kept))))[1]
    dates = "&from=2026-02-27&to=2026-03-03"
    assert totals(client.get(address.replace("&amp;", "&") + dates)) == ["1"]


def test_users_are_listed_by_segment(kept, client_of):
    page = text(client_of("member").get("/w/acme/users/", {"segment": str(kept.public_id)}))
    assert "Ann Lee" in page
    assert ">bo<" not in page


# From a number ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("frozen", "later"), [("false", 2), ("true", 1)])
def test_a_number_is_kept_as_a_segment(world, client_of, frozen, later):
    client = client_of("member")
    narrowed = {"series.0.where.of.0.property": "x", "series.0.where.of.0.op": "not_set", "to": "2026-03-05"}
    question = FIELDS | narrowed | {"series.0.event": "seen"}
    address = re.search(r'class="insight-total" href="([^"]+)"', text(client.get(NEW, question)))[1]
    behind = text(client.get(address.replace("&amp;", "&")))
    form = behind[behind.index("segments/keep/") :]
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    fields = {name: value.replace("&quot;", '"').replace("&#x27;", "'") for name, value in fields.items()}
    answer = client.post(LIST + "keep/", fields | {"name": "Lookers", "frozen": frozen}, **HTMX)
    row = Segment.objects.get()
    assert answer.headers["HX-Redirect"] == page_of(row)
    assert size(client.get(page_of(row))) == 1
    arrive(world.workspace, event("dee", "seen", 100))
    assert size(client.get(page_of(row))) == later
    if frozen == "false":
        assert size(client.get(page_of(row, "rule/"))) == 2


def test_a_number_of_one_day_stays_that_day_s(world, client_of):
    point = json.dumps({"series": "A", "bucket": "2026-03-01", "label": None})
    client_of("member").post(
        LIST + "keep/", FIELDS | {"point": point, "name": "x", "from": "-900d", "to": "today"}
    )
    asked = Segment.objects.get().rule["who"]["of"][0]["question"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", asked["from"])
    assert asked["to"] != "today"


@pytest.mark.parametrize("point", ["[]", "{", '{"series": "Z"}', '"x"'])
def test_a_point_there_is_not_is_not_kept(world, client_of, point):
    answer = client_of("member").post(
        LIST + "keep/", FIELDS | {"point": point, "name": "x", "frozen": "true"}, **HTMX
    )
    assert answer.status_code == 422
    assert not Segment.objects.exists()
