"""Markers on the time axis: where they stand, who sees which, and what a chart, its table and its file say."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date
from html import unescape

import pytest
from django.utils.translation import override

from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics import markers, shopping
from tongpin.modules.analytics.actions.note import add_note, choose_markers, delete_note, set_markers
from tongpin.modules.analytics.marker_sources import HOLIDAYS, MAKEUP, NOTES, SHOPPING, WESTERN
from tongpin.modules.analytics.markers import Family, Marker
from tongpin.modules.analytics.queries.note import shown_to
from tongpin.modules.analytics.tests.events import arrive, event

pytestmark = pytest.mark.django_db

TREND = "/w/acme/data/new/trends/"
DAYS = {"from": "2026-02-27", "to": "2026-03-09"}


@pytest.fixture
def world(people, store):
    """Somebody does something on 1 March 2026, in a workspace in Shanghai."""
    people.workspace.time_zone = "Asia/Shanghai"
    people.workspace.save()
    arrive(people.workspace, event("ann", "paid", 0), event("ann", "search", 0), event("ann", "cart", 90))
    return people


def drawn(answer):
    """The markers of the first drawing of a page."""
    found = re.search(r'<script type="application/json">(.*?)</script>', answer.content.decode(), re.S)
    return json.loads(unescape(found[1])).get("markers")


def places(answer, family=None):
    return [
        (each["label"], each["from"], each["to"])
        for each in drawn(answer)
        if family is None or each["family"] == family
    ]


def rows(client, address, fields):
    answer = client.get(address, fields | {"format": "csv"})
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode().removeprefix("\ufeff"))))


def note(actor, text, first, last=None, **more):
    days = {"first": first} | ({"last": last} if last else {})
    return add_note.run(actor, {"text": text, **days, **more}).value


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        ("day", [("Outage", 2, 2), ("Sale", 4, 6), ("Long", 0, 10)]),
        # Weeks begin on Monday: 23 February, 2 March, 9 March.
        ("week", [("Outage", 0, 0), ("Sale", 1, 1), ("Long", 0, 2)]),
        ("month", [("Outage", 1, 1), ("Sale", 1, 1), ("Long", 0, 1)]),
        ("hour", [("Outage", 48, 48), ("Sale", 96, 167), ("Long", 0, 263)]),
    ],
)
def test_a_note_stands_in_the_bucket_of_its_day(world, actor_of, client_of, interval, expected):
    actor = actor_of("owner")
    note(actor, "Outage", "2026-03-01")
    note(actor, "Sale", "2026-03-03", "2026-03-05")
    note(actor, "Long", "2020-01-01", "2030-01-01")
    note(actor, "Before", "2026-02-26")
    note(actor, "After", "2026-03-10")
    answer = client_of("member").get(TREND, DAYS | {"interval": interval, "series.0.event": "paid"})
    assert sorted(places(answer, "Notes")) == sorted(expected)


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("trends", {"series.0.event": "paid"}),
        ("sessions", {}),
        ("lifecycle", {}),
        ("funnel", {"steps.0.0.event": "search", "steps.1.0.event": "cart", "over_time": "day"}),
    ],
)
def test_every_time_axis_shows_them_in_drawing_table_and_file(world, actor_of, client_of, kind, more):
    note(actor_of("owner"), "Outage", "2026-03-01")
    address, client = f"/w/acme/data/new/{kind}/", client_of("member")
    answer = client.get(address, DAYS | more)
    assert ("Outage", 2, 2) in places(answer)
    table = re.findall(r"<tr><th scope=\"row\".*?</tr>", answer.content.decode(), re.S)
    marked = [row for row in table if "<td>Outage</td>" in row]
    assert len(marked) == 1
    assert "2026" in marked[0] or "March" in marked[0] or "/01" in marked[0]
    head, *lines = rows(client, address, DAYS | more)
    assert head[-1] == "Markers"
    assert [line[0] for line in lines if line[-1] == "Outage"] == ["2026-03-01"]
    assert all(len(line) == len(head) for line in lines)


@pytest.mark.parametrize("kind", ["retention", "stickiness", "paths", "attribution"])
def test_what_does_not_go_by_time_has_none(world, actor_of, client_of, kind):
    note(actor_of("owner"), "Outage", "2026-03-01")
    answer = client_of("member").get(f"/w/acme/data/new/{kind}/", DAYS)
    assert answer.status_code == 200
    assert "Outage" not in answer.content.decode()


def test_several_in_one_bucket_are_named_together(world, actor_of, client_of):
    for n in range(23):
        note(actor_of("owner"), f"N{n:02d}", "2026-03-01")
    line = rows(client_of("member"), TREND, DAYS | {"series.0.event": "paid"})[3]
    assert line[-1].startswith("N00; N01; ")
    assert line[-1].endswith("N19 and 3 more")


def test_holidays_and_make_up_workdays_come_from_the_working_calendar(world, actor_of):
    found = markers.over(actor_of("member"), date(2026, 2, 10), date(2026, 3, 1), [HOLIDAYS, MAKEUP])
    with override("zh-hans"):
        said = markers.over(actor_of("member"), date(2026, 2, 10), date(2026, 3, 1), [HOLIDAYS])
    festival = next(each for each in found if each.family == HOLIDAYS)
    assert (festival.first, festival.last) == (date(2026, 2, 15), date(2026, 2, 23))
    assert "春节" in said[0].label
    assert [each.first for each in found if each.family == MAKEUP] == [date(2026, 2, 14), date(2026, 2, 28)]


def test_shopping_days_by_rule():
    found = {each.key: (each.first, each.last) for each in shopping.chinese(2026)}
    assert found["mid_year"] == (date(2026, 6, 1), date(2026, 6, 20))
    assert found["singles"] == (date(2026, 11, 1), date(2026, 11, 11))
    assert found["new_year_goods"][0] < found["new_year_goods"][1] < date(2026, 2, 17)
    fridays = [next(shopping.western(year)).first for year in (2023, 2024, 2025, 2026, 2027)]
    assert fridays == [
        date(2023, 11, 24), date(2024, 11, 29), date(2025, 11, 28), date(2026, 11, 27), date(2027, 11, 26),
    ]  # fmt: skip
    assert [len(list(shopping.chinese(year))) for year in range(2015, 2031)] == [6] * 16


def test_which_are_shown_person_before_workspace_before_country(world, actor_of, people):
    member, owner = actor_of("member"), actor_of("owner")
    assert shown_to(member) == {NOTES, HOLIDAYS, MAKEUP, SHOPPING}
    set_markers.run(owner, {"shown": [NOTES, WESTERN]})
    assert shown_to(member) == shown_to(owner) == {NOTES, WESTERN}
    choose_markers.run(member, {"shown": [HOLIDAYS]})
    assert shown_to(member) == {HOLIDAYS}
    assert shown_to(owner) == {NOTES, WESTERN}
    set_markers.run(owner, {"shown": []})
    assert shown_to(member) == {HOLIDAYS}
    assert shown_to(owner) == set()


def test_what_is_chosen_on_a_chart_is_remembered(world, actor_of, client_of):
    note(actor_of("owner"), "Outage", "2026-03-01")
    client = client_of("member")
    assert client.post("/w/acme/data/markers/choose/", {"shown": [HOLIDAYS]}).status_code == 204
    answer = client.get(TREND, DAYS | {"series.0.event": "paid"})
    assert "Outage" not in answer.content.decode()
    assert re.search(r'value="analytics.holidays" checked', answer.content.decode())
    other = client_of("admin").get(TREND, DAYS | {"series.0.event": "paid"})
    assert "Outage" in other.content.decode()


def test_a_later_module_registers_its_own(world, actor_of, client_of, monkeypatch):
    monkeypatch.setattr(markers, "_families", markers.families())
    asked = []

    def launches(actor, first, last):
        asked.append((actor.workspace.slug, first, last))
        yield Marker(date(2026, 3, 2), date(2026, 3, 2), "v3.6 <b>", "goals.launches", "/x/", weight=40)
        yield Marker(date(2027, 1, 1), date(2027, 1, 1), "Later", "goals.launches")

    markers.register(Family("goals.launches", "Launches", "rocket", launches))
    note(actor_of("owner"), "Note of the day", "2026-03-02")
    answer = client_of("member").get(TREND, DAYS | {"series.0.event": "paid"})
    assert [label for label, first, _last in places(answer) if first == 3] == ["v3.6 <b>", "Note of the day"]
    assert "v3.6 <b>" not in answer.content.decode()
    assert asked == [("acme", date(2026, 2, 27), date(2026, 3, 9))]


def test_markers_cost_the_same_whatever_there_is(world, actor_of, client_of, django_assert_num_queries):
    client = client_of("member")
    fields = DAYS | {"series.0.event": "paid"}
    client.get(TREND, fields)
    with django_assert_num_queries(CHART_QUERIES):
        client.get(TREND, fields)
    for n in range(5):
        note(actor_of("owner"), f"N{n}", "2026-03-01")
    with django_assert_num_queries(CHART_QUERIES):
        client.get(TREND, fields)


CHART_QUERIES = 16


def test_deleted_notes_and_other_workspaces_are_not_shown(world, actor_of, client_of):
    gone = note(actor_of("owner"), "Gone", "2026-03-01")
    delete_note.run(actor_of("owner"), {}, target=gone)
    note(actor_of("stranger"), "Foreign", "2026-03-01")
    html = client_of("member").get(TREND, DAYS | {"series.0.event": "paid"}).content.decode()
    assert "Gone" not in html
    assert "Foreign" not in html


def test_a_source_asked_without_a_person_sees_the_workspace_s(world, actor_of):
    note(actor_of("owner"), "Outage", "2026-03-01")
    found = markers.over(Actor.system(world.workspace), date(2026, 3, 1), date(2026, 3, 1), [NOTES])
    assert [each.label for each in found] == ["Outage"]
