"""Who may look at dashboards, change and share them; a refusal changes nothing."""

from __future__ import annotations

import pytest

from tongpin.kernel.errors import Denied, Invalid, NotFound
from tongpin.kernel.events.models import Event
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics.actions import dashboard as dashboards
from tongpin.modules.analytics.actions import dashboard_link as links
from tongpin.modules.analytics.actions import tile as tiles
from tongpin.modules.analytics.actions.insight import save_insight
from tongpin.modules.analytics.models import Dashboard, DashboardLink, Tile
from tongpin.modules.analytics.tests.test_dashboard_pages import LIST, asked_by, board, page_of
from tongpin.modules.analytics.tests.test_insight_pages import HTMX, PAID, text, world
from tongpin.modules.workspaces.tests.denied import unchanged

__all__ = ["board", "world"]

pytestmark = pytest.mark.django_db


def rows():
    """Every dashboard, tile and link, and what was written of them."""
    told = Event.objects.filter(name__regex=r"^analytics\.(dashboard|tile)")
    kept = [list(model._base_manager.order_by("pk").values()) for model in (Dashboard, Tile, DashboardLink)]
    return kept, told.count()


def acts(row):
    """What a page posts: part of the address, fields."""
    note = row.tiles.get(title="Note").public_id
    return [
        ("change/", {"name": "Taken"}),
        ("change/?from=-6d&to=today", {"override": "1"}),
        ("tiles/", {"text": "Mine"}),
        ("arrange/", {"tile": note, "x": 0, "y": 0, "w": 6, "h": 3}),
        (f"tiles/{note}/edit/", {"text": "Mine"}),
        (f"tiles/{note}/edit/", {"x": 1, "y": 1, "w": 6, "h": 3}),
        (f"tiles/{note}/remove/", {}),
        ("share/", {"days": "7"}),
        ("delete/", {}),
    ]


@pytest.mark.parametrize("n", range(9))
@pytest.mark.parametrize("who", ["guest", "stranger"])
def test_those_without_analytics_change_nothing(board, client_of, who, n):
    part, data = acts(board)[n]
    before = rows()
    assert client_of(who).post(page_of(board, part), data).status_code in (403, 404)
    assert client_of(who).post(LIST + "new/", {"name": "Mine"}).status_code in (403, 404)
    assert client_of(who).post(page_of(board, "duplicate/")).status_code in (403, 404)
    assert rows() == before


@pytest.mark.parametrize("n", range(9))
def test_a_member_changes_their_own_and_nobody_else_s(board, people, client_of, n):
    Dashboard.objects.update(owner=people.owner)
    part, data = acts(board)[n]
    before = rows()
    assert client_of("member").post(page_of(board, part), data).status_code == 403
    assert rows() == before


@pytest.mark.parametrize("who", ["member", "admin", "owner"])
@pytest.mark.parametrize("n", range(9))
def test_whoever_answers_for_it_and_admins_may(board, client_of, who, n):
    part, data = acts(board)[n]
    before = rows()
    assert client_of(who).post(page_of(board, part), data, **HTMX).status_code == 200
    assert rows() != before


def test_others_see_it_without_what_changes_it(board, people, client_of):
    Dashboard.objects.update(owner=people.owner)
    html = text(client_of("member").get(page_of(board)))
    assert "Sales" in html
    for control in (
        "data-grip",
        "data-arrange",
        'data-dialog="rename"',
        'data-dialog="share"',
        "/remove/",
        "/delete/",
    ):
        assert control not in html
    edit = page_of(board, f"tiles/{board.tiles.get(title='Note').public_id}/edit/")
    for address in (edit, page_of(board, "choose/")):
        assert client_of("member").get(address).status_code == 403


@pytest.mark.parametrize("who", ["guest", "stranger"])
def test_guests_and_strangers_read_nothing(board, client_of, who):
    ask = asked_by(text(client_of("member").get(page_of(board))))[0]
    insight = board.tiles.get(insight__name="Sales").insight
    put = f"/w/acme/data/insights/{insight.public_id}/dashboards/"
    for address in (LIST, page_of(board), page_of(board, "files.zip"), page_of(board, "choose/"), put, ask):
        answer = client_of(who).get(address)
        assert answer.status_code in (403, 404)
        assert "Sales" not in text(answer)


@pytest.mark.parametrize("who", ["member", "guest", "stranger"])
def test_every_action_refuses_and_changes_nothing(board, people, actor_of, who):
    Dashboard.objects.update(owner=people.owner)
    board.refresh_from_db()
    gone = dashboards.create_dashboard.run(actor_of("owner"), {"name": "Gone"}).value
    dashboards.delete_dashboard.run(actor_of("owner"), {}, target=gone)
    note = str(board.tiles.get(title="Note").public_id)
    sales = str(board.tiles.get(insight__name="Sales").public_id)
    tiles.remove_tile.run(actor_of("owner"), {"tile": sales}, target=board)
    links.share_dashboard.run(actor_of("owner"), {}, target=board)
    before = rows()
    actor, where = actor_of(who), {"x": 0, "y": 0, "w": 4, "h": 4}
    calls = [
        lambda: dashboards.edit_dashboard.run(actor, {"name": "x"}, target=board.public_id),
        lambda: dashboards.delete_dashboard.run(actor, {}, target=board.public_id),
        lambda: dashboards.restore_dashboard.run(actor, {}, target=gone.public_id),
        lambda: tiles.add_tile.run(actor, {"text": "x"}, target=board.public_id),
        lambda: tiles.edit_tile.run(actor, {"tile": note, "text": "x"}, target=board.public_id),
        lambda: tiles.remove_tile.run(actor, {"tile": note}, target=board.public_id),
        lambda: tiles.restore_tile.run(actor, {"tile": sales}, target=board.public_id),
        lambda: tiles.arrange_tiles.run(actor, {"places": [{"tile": note, **where}]}, target=board.public_id),
        lambda: links.share_dashboard.run(actor, {}, target=board.public_id),
        lambda: links.unshare_dashboard.run(actor, {}, target=board.public_id),
    ]
    if who == "guest":
        calls.append(lambda: dashboards.create_dashboard.run(actor, {"name": "x"}))
    for call in calls:
        unchanged(call, Denied, NotFound)
    if who != "member":
        unchanged(
            lambda: dashboards.duplicate_dashboard.run(actor, {"dashboard": board.public_id}), Denied, Invalid
        )
    assert rows() == before


def test_nothing_of_another_workspace_comes_onto_a_dashboard(board, people, actor_of):
    theirs = save_insight.run(actor_of("stranger"), {"name": "Theirs", "question": PAID}).value
    unchanged(
        lambda: tiles.add_tile.run(actor_of("member"), {"insight": theirs.public_id}, target=board), Invalid
    )
    other = dashboards.create_dashboard.run(actor_of("owner"), {"name": "Other"}).value
    note = tiles.add_tile.run(actor_of("owner"), {"text": "Other's"}, target=other).value
    for call in (
        lambda: tiles.edit_tile.run(actor_of("member"), {"tile": note.public_id, "text": "x"}, target=board),
        lambda: tiles.remove_tile.run(actor_of("member"), {"tile": note.public_id}, target=board),
    ):
        unchanged(call, Invalid)


def test_the_server_itself_shares_nothing(board):
    """No job and no token opens a dashboard to strangers: a person answers for it."""
    before = rows()
    unchanged(lambda: dashboards.create_dashboard.run(Actor.system(board.workspace), {"name": "x"}), Denied)
    assert rows() == before
