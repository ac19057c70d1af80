"""Tiles of a dashboard: where they stand, what stands on them, and how each change is taken back."""

from __future__ import annotations

import json
import re

import pytest

from tongpin.modules.analytics.models import Dashboard
from tongpin.modules.analytics.tests.test_dashboard_pages import board, boxes, page_of
from tongpin.modules.analytics.tests.test_insight_pages import HTMX, text, undo, world

__all__ = ["board", "world"]

pytestmark = pytest.mark.django_db


def test_tiles_stand_side_by_side_and_give_way(board, client_of):
    assert boxes(board) == [("Sales", 0, 0, 6, 8), ("Payers", 6, 0, 6, 8), ("Note", 0, 8, 12, 4)]
    note = board.tiles.get(title="Note")
    client = client_of("member")
    place = {"tile": note.public_id, "x": 0, "y": 0, "w": 12, "h": 3}
    answer = client.post(page_of(board, "arrange/"), place, **HTMX)
    assert boxes(board) == [("Note", 0, 0, 12, 3), ("Sales", 0, 3, 6, 8), ("Payers", 6, 3, 6, 8)]
    assert 'id="dashboard-grid"' in text(answer)
    undo(client, answer)
    assert boxes(board) == [("Sales", 0, 0, 6, 8), ("Payers", 6, 0, 6, 8), ("Note", 0, 8, 12, 4)]


def test_an_old_arrangement_is_not_put_back_over_a_newer_one(board, client_of):
    note = board.tiles.get(title="Note")
    place = {"tile": note.public_id, "x": 0, "y": 0, "w": 12, "h": 3}
    first = client_of("member").post(page_of(board, "arrange/"), place, **HTMX)
    client_of("admin").post(page_of(board, "arrange/"), place | {"w": 6}, **HTMX)
    token = json.loads(first.headers["HX-Trigger"])["toast"]["undo"]
    assert client_of("member").post("/undo/", {"token": token}, **HTMX).status_code == 409
    assert boxes(board)[0] == ("Note", 0, 0, 6, 3)


@pytest.mark.parametrize(
    "place", [{"w": "0"}, {"w": "13"}, {"h": "99"}, {"x": "-1"}, {"y": "x"}, {"y": "99999"}, {"tile": "no"}]
)
def test_a_place_there_is_not_is_refused(board, client_of, place):
    note = board.tiles.get(title="Note")
    before = boxes(board)
    data = {"tile": note.public_id, "x": 0, "y": 0, "w": 12, "h": 3} | place
    assert client_of("member").post(page_of(board, "arrange/"), data, **HTMX).status_code == 422
    assert boxes(board) == before


def test_what_did_not_move_says_nothing(board, client_of):
    note = board.tiles.get(title="Note")
    data = {"tile": note.public_id, "x": 0, "y": 8, "w": 12, "h": 4}
    answer = client_of("member").post(page_of(board, "arrange/"), data, **HTMX)
    assert "HX-Trigger" not in answer.headers


def test_a_text_is_written_in_its_place(board, client_of):
    client = client_of("member")
    note = board.tiles.get(title="Note")
    form = text(client.get(page_of(board, f"tiles/{note.public_id}/edit/"), {"part": "words"}, **HTMX))
    assert "**Look** here</textarea>" in form
    answer = client.post(
        page_of(board, f"tiles/{note.public_id}/edit/"), {"text": "# New", "title": ""}, **HTMX
    )
    assert "<h1>New</h1>" in text(answer)
    refused = client.post(page_of(board, f"tiles/{note.public_id}/edit/"), {"text": " "}, **HTMX)
    assert refused.status_code == 422
    undo(client, answer)
    note.refresh_from_db()
    assert (note.text, note.title) == ("**Look** here", "Note")


def test_a_place_is_said_in_numbers(board, client_of):
    client = client_of("member")
    note = board.tiles.get(title="Note")
    form = text(client.get(page_of(board, f"tiles/{note.public_id}/edit/"), {"part": "place"}, **HTMX))
    assert 'name="y" value="9"' in form
    client.post(page_of(board, f"tiles/{note.public_id}/edit/"), {"x": 1, "y": 1, "w": 6, "h": 4}, **HTMX)
    assert boxes(board)[0] == ("Note", 0, 0, 6, 4)


def test_a_tile_taken_off_comes_back_to_where_it_was(board, client_of):
    client = client_of("member")
    before = boxes(board)
    sales = board.tiles.get(insight__name="Sales")
    answer = client.post(page_of(board, f"tiles/{sales.public_id}/remove/"), **HTMX)
    assert [name for name, *_rest in boxes(board)] == ["Payers", "Note"]
    undo(client, answer)
    assert boxes(board) == before


def test_insights_are_chosen_and_put_on_it_and_taken_back(board, client_of):
    client = client_of("member")
    html = text(client.get(page_of(board, "choose/"), {"q": "pay"}, **HTMX))
    assert "Payers" in html
    assert "Sales" not in html
    insight = re.search(r'name="insight" value="([^"]+)"', html)[1]
    answer = client.post(page_of(board, "tiles/"), {"insight": insight}, **HTMX)
    assert board.tiles.filter(removed_at=None).count() == 4
    undo(client, answer)
    assert board.tiles.filter(removed_at=None).count() == 3


def test_an_insight_is_put_on_a_dashboard_from_its_own_page(board, client_of):
    client = client_of("member")
    insight = board.tiles.get(insight__name="Sales").insight
    put = f"/w/acme/data/insights/{insight.public_id}/dashboards/"
    assert put in text(client.get(f"/w/acme/data/insights/{insight.public_id}/"))
    assert "Growth" in text(client.get(put))
    assert "Growth" not in text(client.get(put, {"q": "zzz"}))
    client.post(put, {"dashboard": board.public_id})
    assert board.tiles.count() == 4
    made = client.post(put, {"name": "Fresh"})
    row = Dashboard.objects.get(name="Fresh")
    assert made.headers["Location"] == page_of(row)
    assert row.tiles.get().insight == insight


def test_too_many_tiles_are_refused(board, client_of, monkeypatch):
    monkeypatch.setattr("tongpin.modules.analytics.actions.tile.MOST", 3)
    assert client_of("member").post(page_of(board, "tiles/"), {"text": "one more"}, **HTMX).status_code == 409
