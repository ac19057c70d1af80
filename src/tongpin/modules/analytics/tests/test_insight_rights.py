"""Who may read, keep, change and delete insights; a refusal changes nothing."""

from __future__ import annotations

import pytest

from tongpin.kernel.events.models import Event
from tongpin.modules.analytics.actions.insight import (
    delete_insight,
    edit_insight,
    restore_insight,
    save_insight,
)
from tongpin.modules.analytics.models import Insight, PersonalLook
from tongpin.modules.analytics.tests.test_insight_pages import (
    FIELDS,
    HTMX,
    LIST,
    NEW,
    PAID,
    SAVE,
    kept,
    page_of,
    text,
    world,
)
from tongpin.modules.workspaces.tests.denied import unchanged

__all__ = ["kept", "world"]

pytestmark = pytest.mark.django_db


def rows():
    """Every insight, and what was written of them (a refusal is noted elsewhere)."""
    of_insights = Event.objects.filter(name__startswith="analytics.")
    return list(Insight._base_manager.order_by("pk").values()), of_insights.count()


ACTS = [
    ("change/", {"name": "Taken"}),
    ("change/", FIELDS | {"series.0.event": "seen"}),
    ("delete/", {}),
]


@pytest.mark.parametrize(("part", "data"), ACTS)
@pytest.mark.parametrize("who", ["guest", "stranger"])
def test_those_without_analytics_change_nothing(kept, client_of, who, part, data):
    before = rows()
    assert client_of(who).post(page_of(kept, part), data).status_code in (403, 404)
    assert client_of(who).post(SAVE, FIELDS | {"name": "Mine"}).status_code in (403, 404)
    assert rows() == before


@pytest.mark.parametrize(("part", "data"), ACTS)
def test_a_member_changes_their_own_and_nobody_else_s(people, actor_of, client_of, part, data):
    theirs = save_insight.run(actor_of("owner"), {"name": "Of the owner", "question": PAID}).value
    before = rows()
    assert client_of("member").post(page_of(theirs, part), data).status_code == 403
    assert rows() == before
    html = text(client_of("member").get(page_of(theirs)))
    assert 'data-dialog="rename"' not in html
    assert "delete/" not in html


@pytest.mark.parametrize("who", ["member", "admin", "owner"])
@pytest.mark.parametrize(("part", "data"), ACTS)
def test_whoever_answers_for_it_and_admins_may(kept, store, client_of, who, part, data):
    before = rows()
    assert client_of(who).post(page_of(kept, part), data, **HTMX).status_code == 200
    assert rows() != before


@pytest.mark.parametrize("who", ["guest", "stranger"])
@pytest.mark.parametrize(
    "address", [LIST, NEW, "/w/acme/data/people/?kind=trends&series.0.event=paid", "row"]
)
def test_guests_and_strangers_read_nothing(kept, world, client_of, who, address):
    answer = client_of(who).get(page_of(kept) if address == "row" else address)
    assert answer.status_code in (403, 404)
    assert "Sales" not in text(answer)
    assert not PersonalLook.objects.exists()


@pytest.mark.parametrize("who", ["member", "guest", "stranger"])
def test_every_action_refuses_and_changes_nothing(people, actor_of, who):
    theirs = save_insight.run(actor_of("owner"), {"name": "Of the owner", "question": PAID}).value
    gone = save_insight.run(actor_of("owner"), {"name": "Gone", "question": PAID}).value
    delete_insight.run(actor_of("owner"), {}, target=gone)
    before = rows()
    calls = [
        lambda: edit_insight.run(actor_of(who), {"name": "x"}, target=theirs.public_id),
        lambda: delete_insight.run(actor_of(who), {}, target=theirs.public_id),
        lambda: restore_insight.run(actor_of(who), {}, target=gone.public_id),
    ]
    if who == "guest":
        calls.append(lambda: save_insight.run(actor_of(who), {"name": "x", "question": PAID}))
    for call in calls:
        unchanged(call)
    assert rows() == before


def test_a_stranger_saves_into_their_own_workspace_alone(people, actor_of):
    save_insight.run(actor_of("stranger"), {"name": "x", "question": PAID})
    assert not Insight.objects.filter(workspace=people.workspace).exists()
