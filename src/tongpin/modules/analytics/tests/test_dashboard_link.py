"""A dashboard behind its secret link: figures and nothing else, for as long as somebody wants it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from tongpin.kernel import clock, keyring
from tongpin.kernel.events.models import Event
from tongpin.modules.analytics.actions.dashboard import delete_dashboard, duplicate_dashboard
from tongpin.modules.analytics.actions.dashboard_link import share_dashboard, unshare_dashboard
from tongpin.modules.analytics.actions.tile import remove_tile
from tongpin.modules.analytics.models import DashboardLink, PersonalLook
from tongpin.modules.analytics.tests.events import arrive, event
from tongpin.modules.analytics.tests.test_dashboard_pages import LIST, asked_by, board, page_of
from tongpin.modules.analytics.tests.test_insight_pages import HTMX, text, totals, world

__all__ = ["board", "world"]

pytestmark = pytest.mark.django_db


def path(link):
    return re.sub(r"^https?://[^/]+", "", link.shown_once)


@pytest.fixture
def link(board, actor_of):
    return share_dashboard.run(actor_of("member"), {}, target=board).value


@pytest.fixture
def anybody():
    return Client()


def test_whoever_has_it_sees_the_figures_and_nobody_behind_them(link, board, anybody):
    page = anybody.get(path(link))
    assert page.status_code == 200
    html = text(page)
    assert all(words in html for words in ("Growth", "Sales", "<strong>Look</strong>"))
    answers = [anybody.get(address + "?") for address in shared_tiles(html)]
    assert [totals(each) for each in answers] == [["3"], ["2"]]
    for answer in (page, *answers):
        assert "/w/" not in text(answer), "no address of the workspace"
        assert "/data/" not in text(answer)
        assert answer.headers["X-Robots-Tag"].startswith("noindex")
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "no-store" in answer.headers["Cache-Control"]
    assert 'name="robots" content="noindex' in html
    assert not PersonalLook.objects.exists()
    assert not any("session" in name for name in page.cookies)


def shared_tiles(html):
    return re.findall(r'hx-get="(/share/[^"]+)"', html)


def test_every_path_from_there_is_shut(link, board, anybody):
    """What somebody could try who knows how the addresses are made."""
    token = path(link).split("/")[3]
    sales = board.tiles.get(insight__name="Sales")
    tries = [
        page_of(board), LIST, page_of(board, "files.zip"), page_of(board, f"tiles/{sales.public_id}/"),
        f"/w/acme/data/insights/{sales.insight.public_id}/", "/w/acme/data/people/?kind=trends&series.0.event=paid",
    ]  # fmt: skip
    for address in tries:
        assert anybody.get(address).status_code == 302, "to sign-in"
    for address in (
        f"/share/dashboards/{token[:-1]}/", f"/share/dashboards/{board.public_id}/", "/share/dashboards/x/",
        f"/share/dashboards/{token}/tiles/{board.public_id}/", f"/share/dashboards/{token}/files.zip",
        f"/share/dashboards/{link.token_hash}/",
    ):  # fmt: skip
        assert anybody.get(address).status_code == 404
    for address in (path(link), f"{path(link)}tiles/{sales.public_id}/"):
        assert anybody.post(address).status_code == 405


def test_a_tile_of_another_dashboard_is_not_in_it(link, board, actor_of, anybody):
    copy = duplicate_dashboard.run(actor_of("owner"), {"dashboard": board.public_id}).value
    for tile in copy.tiles.all():
        assert anybody.get(f"{path(link)}tiles/{tile.public_id}/").status_code == 404
    sales = board.tiles.get(insight__name="Sales")
    remove_tile.run(actor_of("member"), {"tile": sales.public_id}, target=board)
    assert anybody.get(f"{path(link)}tiles/{sales.public_id}/").status_code == 404


def test_nothing_in_its_address_changes_what_is_asked_or_asks_again(link, board, world, anybody, client_of):
    first = shared_tiles(text(anybody.get(path(link))))[0]
    assert totals(anybody.get(first)) == ["3"]
    arrive(world.workspace, event("dee", "paid", 100))
    for more in (
        "?fresh=1",
        "?from=2026-03-02&to=2026-03-03",
        "?where.of.0.property=plan&where.of.0.value=free",
    ):
        assert totals(anybody.get(first + more)) == ["3"]
    member = asked_by(text(client_of("member").get(page_of(board))))[0]
    client_of("member").get(member + "&fresh=1")
    assert totals(anybody.get(first)) == ["4"], "what a member asks anew is new for all"


def test_it_has_the_dates_and_conditions_kept_with_the_dashboard(link, board, client_of, anybody):
    query = "?from=2026-02-27&to=2026-03-03&where.of.0.property=plan&where.of.0.value=free"
    client_of("member").post(page_of(board, "change/") + query, {"override": "1"}, **HTMX)
    assert totals(anybody.get(shared_tiles(text(anybody.get(path(link))))[0])) == ["1"]


def test_turned_off_replaced_expired_or_deleted_it_leads_nowhere(link, board, actor_of, anybody):
    old = path(link)
    new = path(share_dashboard.run(actor_of("member"), {"days": 7}, target=board).value)
    assert anybody.get(old).status_code == 404
    assert anybody.get(new).status_code == 200
    with clock.shifted_by(timedelta(days=7, minutes=1)):
        assert anybody.get(new).status_code == 404
    unshare_dashboard.run(actor_of("member"), {}, target=board)
    assert anybody.get(new).status_code == 404
    again = path(share_dashboard.run(actor_of("member"), {}, target=board).value)
    delete_dashboard.run(actor_of("member"), {}, target=board)
    assert anybody.get(again).status_code == 404


def test_from_outside_the_workspace_s_networks_it_leads_nowhere(link, board, anybody):
    board.workspace.allowed_networks = ["10.0.0.0/8"]
    board.workspace.save()
    assert anybody.get(path(link), REMOTE_ADDR="192.0.2.1").status_code == 404
    assert anybody.get(path(link), REMOTE_ADDR="10.1.2.3").status_code == 200


def test_one_address_asks_only_so_often(link, anybody, monkeypatch):
    monkeypatch.setattr("tongpin.modules.analytics.views.dashboard_link.MOST_A_MINUTE", 2)
    with clock.frozen_at(clock.now()):
        assert [anybody.get(path(link)).status_code for _ in range(3)] == [200, 200, 429]
        assert anybody.get("/share/dashboards/guess/").status_code == 429, "guesses count too"
        assert anybody.get(path(link), REMOTE_ADDR="192.0.2.9").status_code == 200


def test_every_turn_is_in_the_audit_log_and_none_tells_the_secret(link, board, actor_of):
    secret = path(link).split("/")[3]
    unshare_dashboard.run(actor_of("member"), {}, target=board)
    told = Event.objects.filter(name__in=["analytics.dashboard_shared", "analytics.dashboard_unshared"])
    assert [each.actor_id for each in told.order_by("id")] == [actor_of("member").user.pk] * 2
    assert not any(secret in str(each.payload) for each in Event.objects.all())


def test_the_secret_is_kept_encrypted_survives_new_keys_and_goes_with_the_link(
    link, board, actor_of, settings
):
    secret = path(link).split("/")[3]
    assert secret not in str(DashboardLink.objects.values().get())
    keyring.rotate(forget=True)
    link.refresh_from_db()
    assert path(link).split("/")[3] == secret
    unshare_dashboard.run(actor_of("member"), {}, target=board)
    assert DashboardLink.objects.get().sealed == ""


def test_its_owner_copies_it_again_and_others_do_not_see_it(link, board, people, client_of):
    assert link.shown_once in text(client_of("member").get(page_of(board)))
    board.owner = people.owner
    board.save()
    assert link.shown_once in text(client_of("admin").get(page_of(board)))
    assert path(link).split("/")[3] not in text(client_of("member").get(page_of(board)))
