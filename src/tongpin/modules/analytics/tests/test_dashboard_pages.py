"""Dashboards through the pages: made, filled, arranged, changed, taken back, copied, and given out as files."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import timedelta

import pytest

from tongpin.kernel import clock
from tongpin.modules.analytics.actions import kept_answer
from tongpin.modules.analytics.actions.dashboard import create_dashboard
from tongpin.modules.analytics.actions.insight import delete_insight, restore_insight, save_insight
from tongpin.modules.analytics.actions.tile import add_tile
from tongpin.modules.analytics.insights import running
from tongpin.modules.analytics.models import Dashboard, KeptAnswer, Tile
from tongpin.modules.analytics.tests.events import arrive, event
from tongpin.modules.analytics.tests.test_insight_pages import (
    DATES,
    HTMX,
    NASTY,
    PAID,
    text,
    totals,
    undo,
    world,
)

__all__ = ["world"]

pytestmark = pytest.mark.django_db

LIST = "/w/acme/data/dashboards/"
FUNNEL = {"kind": "funnel", **DATES, "steps": ["seen", "paid"]}


def page_of(row, part=""):
    return f"{LIST}{row.public_id}/{part}"


def asked_by(html):
    """The addresses of the tiles' answers, in the order of the page."""
    return [
        each.replace("&amp;", "&")
        for each in re.findall(
            r'hx-get="([^"]+/tiles/[^"]+\?[^"]*)" hx-swap="innerHTML" hx-trigger="load"', html
        )
    ]


def boxes(row):
    return [(t.name, t.x, t.y, t.w, t.h) for t in row.tiles.filter(removed_at=None).order_by("y", "x")]


@pytest.fixture
def board(world, actor_of):
    """A member's dashboard with two insights and a text below them."""
    actor = actor_of("member")
    row = create_dashboard.run(actor, {"name": "Growth", "description": "For Mondays"}).value
    paid = save_insight.run(actor, {"name": "Sales", "question": PAID}).value
    users = save_insight.run(
        actor, {"name": "Payers", "question": PAID | {"series": [{"event": "paid", "math": "unique_users"}]}}
    ).value
    for data in (
        {"insight": paid.public_id},
        {"insight": users.public_id},
        {"text": "**Look** here", "title": "Note"},
    ):
        add_tile.run(actor, data, target=row)
    return row


def test_it_is_made_on_the_list_and_found_there(people, client_of):
    client = client_of("member")
    assert "No dashboard yet" in text(client.get(LIST))
    answer = client.post(LIST + "new/", {"name": " 增长周会 📈 ", "description": "周一看"}, **HTMX)
    row = Dashboard.objects.get()
    assert answer.headers["HX-Redirect"] == page_of(row)
    assert (row.name, row.owner) == ("增长周会 📈", people.member)
    assert "Nothing on it yet" in text(client.get(page_of(row)))
    assert "增长周会" in text(client.get(LIST, {"q": "周会", "owner": "me"}))
    assert "No dashboard fits" in text(client.get(LIST, {"q": "zzz"}))
    assert "增长周会" not in text(client_of("admin").get(LIST, {"owner": "me"}))


def test_each_tile_answers_by_itself_and_says_when(board, client_of):
    client = client_of("member")
    html = text(client.get(page_of(board)))
    first, second = asked_by(html)
    assert totals(client.get(first)) == ["3"]
    assert totals(client.get(second)) == ["2"]
    assert re.search(r"As of \d\d:\d\d", text(client.get(first)))
    assert "<strong>Look</strong> here" in html


def test_a_number_opens_those_behind_it_with_the_dates_and_conditions_of_the_dashboard(board, client_of):
    client = client_of("member")
    over = {
        "from": "2026-02-27",
        "to": "2026-03-02",
        "where.of.0.property": "plan",
        "where.of.0.value": "free",
    }
    html = text(client.get(page_of(board), over))
    answer = client.get(asked_by(html)[0])
    assert totals(answer) == ["1"]
    behind = re.search(r'class="insight-total" href="([^"]+)"', text(answer))[1].replace("&amp;", "&")
    assert "1 user" in text(client.get(behind))
    insight = re.search(r'class="link-quiet" href="([^"]+)"', html)[1].replace("&amp;", "&")
    assert totals(client.get(insight)) == ["1"]


def test_an_answer_is_kept_until_somebody_wants_a_fresh_one(board, world, client_of):
    client = client_of("member")
    first = asked_by(text(client.get(page_of(board))))[0]
    assert totals(client.get(first)) == ["3"]
    arrive(world.workspace, event("dee", "paid", 100))
    assert totals(client.get(first)) == ["3"]
    again = re.search(r'hx-get="([^"]+fresh=1)"', text(client.get(first)))[1].replace("&amp;", "&")
    assert totals(client.get(again)) == ["4"]
    assert totals(client.get(first)) == ["4"]


def test_what_is_kept_is_forgotten(board, client_of):
    client = client_of("member")
    first = asked_by(text(client.get(page_of(board))))[0]
    client.get(first)
    assert kept_answer.forget() == 0
    with clock.shifted_by(kept_answer.KEPT + timedelta(seconds=1)):
        assert kept_answer.forget() == 1


def test_another_workspace_has_answers_of_its_own(board, people, client_of, actor_of):
    client_of("member").get(asked_by(text(client_of("member").get(page_of(board))))[0])
    other = create_dashboard.run(actor_of("stranger"), {"name": "Theirs"}).value
    same = save_insight.run(actor_of("stranger"), {"name": "Sales", "question": PAID}).value
    add_tile.run(actor_of("stranger"), {"insight": same.public_id}, target=other)
    slug = other.workspace.slug
    html = text(client_of("stranger").get(f"/w/{slug}/data/dashboards/{other.public_id}/"))
    assert "Nothing like this happened" in text(client_of("stranger").get(asked_by(html)[0]))


@pytest.mark.parametrize(
    "question",
    [
        PAID | {"breakdown": {"property": "plan"}, "compare": True},
        FUNNEL | {"over_time": "day", "breakdown": {"property": "plan"}},
        {"kind": "retention", **DATES, "start": "paid", "return": None},
        {"kind": "lifecycle", **DATES},
        {"kind": "stickiness", **DATES},
        {"kind": "paths", **DATES},
        {"kind": "sessions", **DATES, "breakdown": {"property": "plan"}},
        {"kind": "attribution", **DATES, "conversion": "paid"},
    ],
    ids=lambda question: question["kind"],
)
def test_every_kind_is_the_same_from_what_is_kept(world, actor_of, client_of, question):
    actor = actor_of("member")
    row = create_dashboard.run(actor, {"name": "All kinds"}).value
    insight = save_insight.run(actor, {"name": "One", "question": question}).value
    for _ in range(2):
        add_tile.run(actor, {"insight": insight.public_id}, target=row)
    first, second = asked_by(text(client_of("member").get(page_of(row))))
    fresh, kept = text(client_of("member").get(first)), text(client_of("member").get(first))
    assert KeptAnswer.objects.count() == 1
    assert fresh == kept
    assert "callout" not in fresh
    both = fresh + text(client_of("member").get(second))
    idents = re.findall(r'\bid="([^"]+)"', both)
    assert len(idents) == len(set(idents)), "no two elements of a page have one id"


def test_a_tile_that_cannot_be_answered_says_so_alone(board, client_of):
    client = client_of("member")
    long = {"from": "2020-01-01", "to": "2026-03-02"}
    first = asked_by(text(client.get(page_of(board), long)))[0]
    answer = client.get(first)
    assert answer.status_code == 200
    assert "at most 1500 days" in text(answer)


def test_a_store_that_is_away_is_said_in_the_tile(board, store, client_of):
    from tongpin.kernel.store import client as store_client

    client = client_of("member")
    first = asked_by(text(client.get(page_of(board))))[0]
    store.stop()
    try:
        store_client._forget()
        assert client.get(page_of(board)).status_code == 200
        assert "callout" in text(client.get(first))
    finally:
        store.start()
    store_client._forget()
    assert totals(client.get(first)) == ["3"]


def test_an_insight_that_was_deleted_leaves_a_word(board, actor_of, client_of):
    insight = board.tiles.filter(insight__name="Sales").get().insight
    delete_insight.run(actor_of("member"), {}, target=insight)
    html = text(client_of("member").get(page_of(board)))
    assert "This insight was deleted" in html
    assert len(asked_by(html)) == 1
    restore_insight.run(actor_of("member"), {}, target=insight)
    assert len(asked_by(text(client_of("member").get(page_of(board))))) == 2


# Dates and conditions -----------------------------------------------------------------------------------------------


def test_dates_and_conditions_are_kept_for_everybody_and_taken_back(board, client_of):
    client = client_of("member")
    over = {
        "from": "2026-02-27",
        "to": "2026-03-02",
        "where.of.0.property": "plan",
        "where.of.0.value": "free",
    }
    page = client.get(page_of(board), over)
    assert "Only on this page" in text(page)
    query = "?" + page.context["over"].address
    answer = client.post(page_of(board, "change/") + query, {"override": "1"}, **HTMX)
    assert answer.headers["HX-Push-Url"] == page_of(board)
    board.refresh_from_db()
    assert board.override["from"] == "2026-02-27"
    assert "Only on this page" not in text(answer)
    assert totals(client_of("admin").get(asked_by(text(client_of("admin").get(page_of(board))))[0])) == ["1"]
    bare = client.get(page_of(board), {"from": "", "to": ""})
    assert totals(client.get(asked_by(text(bare))[0])) == ["3"], "an address can say: without"
    undo(client, answer)
    board.refresh_from_db()
    assert board.override == {}


@pytest.mark.parametrize(
    "said",
    [
        {"from": "sometime"},
        {"from": "-6d", "where.of.0.property": "a", "where.of.0.op": "guess", "where.of.0.value": "1"},
    ],
)
def test_what_cannot_be_read_is_said_and_stays_typed(board, client_of, said):
    page = client_of("member").get(page_of(board), said)
    assert page.status_code == 200
    assert "cannot be read" in text(page)
    assert f'value="{said["from"]}"' in text(page)


def test_presets_and_conditions_are_pressed(board, client_of):
    client = client_of("member")
    week = client.get(page_of(board), {"from": "", "to": "", "preset": "-6d"}, **HTMX)
    assert "from=-6d&to=today" in week.headers["HX-Push-Url"]
    assert 'value="-6d" aria-pressed="true"' in text(week)
    own = client.get(page_of(board), {"from": "-6d", "to": "today", "preset": "own"}, **HTMX)
    assert 'value="own" aria-pressed="true"' in text(own)
    more = client.get(page_of(board), {"from": "-6d", "to": "today", "add": "where.of"}, **HTMX)
    assert 'name="where.of.0.property"' in text(more)
    less = client.get(more.headers["HX-Push-Url"] + "&drop=where.of.0", **HTMX)
    assert 'name="where.of.0.property"' not in text(less)


# The whole ----------------------------------------------------------------------------------------------------------


def test_name_and_description_are_changed_and_two_tabs_do_not_write_over_each_other(board, client_of):
    seen = re.search(r'name="seen" value="(\d+)"', text(client_of("member").get(page_of(board))))[1]
    first = client_of("member").post(page_of(board, "change/"), {"name": "First", "seen": seen}, **HTMX)
    assert first.status_code == 200
    second = client_of("admin").post(page_of(board, "change/"), {"name": "Second", "seen": seen}, **HTMX)
    assert second.status_code == 409
    undo(client_of("member"), first)
    board.refresh_from_db()
    assert board.name == "Growth"


def test_a_copy_is_one_s_own(board, client_of, people):
    answer = client_of("admin").post(page_of(board, "duplicate/"), **HTMX)
    copy = Dashboard.objects.exclude(pk=board.pk).get()
    assert answer.headers["HX-Redirect"] == page_of(copy)
    assert (copy.name, copy.owner) == ("Growth (copy)", people.admin)
    assert boxes(copy) == boxes(board)
    assert not set(Tile.objects.filter(dashboard=copy)) & set(board.tiles.all())


def test_a_deletion_leads_to_the_list_and_is_undone(board, client_of):
    client = client_of("member")
    answer = client.post(page_of(board, "delete/"), **HTMX)
    assert answer.headers["HX-Push-Url"] == LIST
    assert client.get(page_of(board)).status_code == 404
    undo(client, answer)
    assert client.get(page_of(board)).status_code == 200


def test_all_figures_as_files(board, client_of):
    answer = client_of("member").get(page_of(board, "files.zip"))
    archive = zipfile.ZipFile(io.BytesIO(answer.getvalue()))
    assert archive.namelist() == ["01 Sales.csv", "02 Payers.csv", "03 Note.md"]
    assert "2026-03-01,3" in archive.read("01 Sales.csv").decode("utf-8-sig")
    assert "Growth.zip" in answer.headers["Content-Disposition"]
    long = client_of("member").get(page_of(board, "files.zip"), {"from": "2020-01-01", "to": "today"})
    assert zipfile.ZipFile(io.BytesIO(long.getvalue())).namelist()[0] == "01 Sales.txt"


LIST_QUERIES, PAGE_QUERIES = 7, 11


@pytest.mark.parametrize("count", [1, 4])
def test_the_list_costs_the_same_whatever_its_rows(
    people, actor_of, client_of, count, django_assert_num_queries
):
    for n in range(count):
        create_dashboard.run(actor_of("owner" if n % 2 else "member"), {"name": f"D {n}"})
    client = client_of("member")
    client.get(LIST)
    with django_assert_num_queries(LIST_QUERIES):
        client.get(LIST)


@pytest.mark.parametrize("count", [0, 5])
def test_a_page_costs_the_same_whatever_its_tiles(
    board, actor_of, client_of, count, django_assert_num_queries
):
    insight = board.tiles.get(insight__name="Sales").insight
    for _ in range(count):
        add_tile.run(actor_of("member"), {"insight": insight.public_id}, target=board)
    client = client_of("member")
    client.get(page_of(board))
    with django_assert_num_queries(PAGE_QUERIES):
        client.get(page_of(board))


def test_markup_in_every_text_is_only_text(board, actor_of, client_of):
    add_tile.run(actor_of("member"), {"text": NASTY, "title": NASTY[:100]}, target=board)
    row = create_dashboard.run(actor_of("member"), {"name": NASTY[:100], "description": NASTY}).value
    for page in (page_of(board), page_of(row), LIST):
        assert "<script>alert" not in text(client_of("member").get(page))


def test_the_page_of_a_program_and_a_page_answer_alike(board, client_of):
    first = asked_by(text(client_of("member").get(page_of(board))))[0]
    assert totals(client_of("member").get(first)) == ["3"]
    assert running.told(running.read(PAID)) == board.tiles.get(insight__name="Sales").insight.question
