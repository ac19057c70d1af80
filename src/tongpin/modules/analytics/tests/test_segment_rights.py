"""Who may read, make, change, delete and take away segments; a refusal changes nothing. Rings are refused."""

from __future__ import annotations

import pytest

from tongpin.kernel.errors import Invalid
from tongpin.kernel.events.models import Event
from tongpin.modules.analytics.actions.segment import (
    create_segment,
    delete_segment,
    edit_segment,
    export_segment,
    list_segment,
    restore_segment,
    upload_segment,
)
from tongpin.modules.analytics.models import PersonalLook, Segment
from tongpin.modules.analytics.tests.test_insight_pages import HTMX
from tongpin.modules.analytics.tests.test_segment_pages import (
    BUILDER,
    LIST,
    PAYERS,
    RULE,
    kept,
    page_of,
    text,
    world,
)
from tongpin.modules.workspaces.tests.denied import unchanged

__all__ = ["kept", "world"]

pytestmark = pytest.mark.django_db


def rows():
    """Every segment, and what was written of them (a refusal is noted elsewhere)."""
    of_segments = Event.objects.filter(name__startswith="analytics.")
    return list(Segment._base_manager.order_by("pk").values()), of_segments.count()


ACTS = [("change/", {"name": "Taken"}), ("change/", RULE | {"who.of.0.event": "seen"}), ("delete/", {})]
MAKES = [
    ("save/", RULE | {"name": "Mine"}),
    ("upload/", {"name": "Mine", "unit": "user", "pasted": "ann"}),
    ("keep/", {"kind": "trends", "series.0.event": "paid", "point": '{"series": "A"}', "name": "Mine"}),
]


@pytest.mark.parametrize("who", ["guest", "stranger"])
def test_those_without_analytics_change_nothing(kept, client_of, who):
    before = rows()
    for part, data in ACTS:
        assert client_of(who).post(page_of(kept, part), data).status_code in (403, 404)
    for part, data in MAKES:
        assert client_of(who).post(LIST + part, data).status_code in (403, 404)
    assert rows() == before


@pytest.mark.parametrize(("part", "data"), ACTS)
def test_a_member_changes_their_own_and_nobody_else_s(world, actor_of, client_of, part, data):
    theirs = create_segment.run(actor_of("owner"), {"name": "Of the owner", "rule": PAYERS}).value
    before = rows()
    assert client_of("member").post(page_of(theirs, part), data).status_code == 403
    assert client_of("member").get(page_of(theirs, "rule/")).status_code == 403
    assert rows() == before
    html = text(client_of("member").get(page_of(theirs)))
    assert 'data-dialog="rename"' not in html
    assert "delete/" not in html


@pytest.mark.parametrize("who", ["member", "admin", "owner"])
@pytest.mark.parametrize(("part", "data"), ACTS)
def test_whoever_answers_for_it_and_admins_may(kept, client_of, who, part, data):
    before = rows()
    assert client_of(who).post(page_of(kept, part), data, **HTMX).status_code == 200
    assert rows() != before


@pytest.mark.parametrize("who", ["guest", "stranger"])
def test_guests_and_strangers_read_nothing(kept, client_of, who):
    for address in (
        LIST,
        BUILDER,
        LIST + "upload/",
        page_of(kept),
        page_of(kept, "rule/"),
        page_of(kept, "members.csv"),
    ):
        answer = client_of(who).get(address)
        assert answer.status_code in (403, 404)
        assert "Payers" not in text(answer)
    assert not PersonalLook.objects.exists()


@pytest.mark.parametrize("who", ["member", "guest", "stranger"])
def test_every_action_refuses_and_changes_nothing(world, actor_of, who):
    theirs = create_segment.run(actor_of("owner"), {"name": "Of the owner", "rule": PAYERS}).value
    gone = create_segment.run(actor_of("owner"), {"name": "Gone", "rule": PAYERS}).value
    delete_segment.run(actor_of("owner"), {}, target=gone)
    before = rows()
    calls = [
        lambda: edit_segment.run(actor_of(who), {"name": "x"}, target=theirs.public_id),
        lambda: delete_segment.run(actor_of(who), {}, target=theirs.public_id),
        lambda: restore_segment.run(actor_of(who), {}, target=gone.public_id),
    ]
    if who == "guest":
        calls += [
            lambda: create_segment.run(actor_of(who), {"name": "x", "rule": PAYERS}),
            lambda: list_segment.run(actor_of(who), {"name": "x", "ids": ["ann"]}),
            lambda: upload_segment.run(actor_of(who), {"name": "x", "lines": ["ann"]}),
        ]
    if who != "member":
        calls.append(lambda: export_segment.run(actor_of(who), {}, target=theirs.public_id))
    for call in calls:
        unchanged(call)
    assert rows() == before


def test_a_stranger_makes_them_in_their_own_workspace_alone(people, actor_of):
    create_segment.run(actor_of("stranger"), {"name": "x", "rule": PAYERS})
    assert not Segment.objects.filter(workspace=people.workspace).exists()


def of(*rows, op="in"):
    return {"who": [{"segment": str(row.public_id), "op": op} for row in rows]}


def test_segments_never_go_round_in_a_ring(kept, actor_of):
    actor = actor_of("member")
    second = create_segment.run(actor, {"name": "Second", "rule": of(kept)}).value
    third = create_segment.run(actor, {"name": "Third", "rule": of(second, kept)}).value
    before = rows()
    for rule in (of(kept), of(third), {"who": [{"event": "paid", "where": of(second)["who"]}]}):
        with pytest.raises(Invalid) as found:
            edit_segment.run(actor, {"rule": rule}, target=kept)
        assert found.value.code == "segment_ring"
    assert rows() == before


def test_segments_ask_about_one_another_five_deep(kept, actor_of):
    actor, last = actor_of("member"), kept
    for n in range(4):
        last = create_segment.run(actor, {"name": f"S{n}", "rule": of(last)}).value
    with pytest.raises(Invalid):
        create_segment.run(actor, {"name": "Too deep", "rule": of(last)})


def test_users_are_not_asked_to_be_among_customers(kept, actor_of):
    with pytest.raises(Invalid) as found:
        create_segment.run(actor_of("member"), {"name": "x", "rule": {"unit": "customer", **of(kept)}})
    assert found.value.code == "segment_of_others"


def test_a_segment_of_others_or_of_nobody_is_not_asked_about(kept, actor_of):
    theirs = create_segment.run(actor_of("stranger"), {"name": "Theirs", "rule": PAYERS}).value
    before = rows()
    with pytest.raises(Invalid) as found:
        create_segment.run(actor_of("member"), {"name": "x", "rule": of(theirs)})
    assert found.value.code == "segment_unknown"
    delete_segment.run(actor_of("owner"), {}, target=kept)
    with pytest.raises(Invalid) as found:
        create_segment.run(actor_of("member"), {"name": "x", "rule": of(kept)})
    assert found.value.code == "segment_deleted"
    assert rows()[0][1:] == before[0][1:]
