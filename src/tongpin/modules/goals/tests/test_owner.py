"""Who answers for a look back: its author, until it is handed over; the author's name stays."""

from __future__ import annotations

import pytest

from tongpin.kernel.actions.door import run_named
from tongpin.kernel.errors import Conflict, Invalid
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.goals import actions
from tongpin.modules.goals.models import LookBack
from tongpin.modules.goals.queries import Search, lookbacks
from tongpin.modules.goals.tests.steps import create, denied
from tongpin.modules.notifications.public import unread


def mine(actor) -> list[LookBack]:
    return lookbacks(actor, search=Search(mine=True)).items


def undo(outcome, actor):
    step = outcome.undo
    return run_named(step.action, actor, step.data, target=step.target, version=step.version)


def test_the_author_answers_for_it(actor_of, people):
    row = create(actor_of("member"))
    assert (row.owner, row.author) == (people.member.user, people.member.user)


def test_it_goes_to_another_and_back(actor_of, people):
    row = create(actor_of("member"))
    outcome = actions.give_lookback.run(actor_of("member"), {"owner": people.admin.public_id}, target=row)
    row.refresh_from_db()
    assert (row.owner, row.author) == (people.admin.user, people.member.user)
    assert mine(actor_of("admin")) == [row]
    assert mine(actor_of("member")) == []
    undo(outcome, actor_of("member"))
    row.refresh_from_db()
    assert row.owner == people.member.user


@pytest.mark.parametrize("who", ["guest", "stranger"])
def test_others_give_nothing_away(actor_of, people, who):
    row = create(actor_of("owner"))
    denied(actions.give_lookback, actor_of(who), {"owner": people.of(who).public_id}, row.public_id)


def test_a_member_gives_only_what_is_theirs(actor_of, people):
    row = create(actor_of("owner"))
    data = {"owner": people.member.public_id}
    denied(actions.give_lookback, actor_of("member"), data, row.public_id)
    actions.give_lookback.run(actor_of("owner"), data, target=row)
    actions.rename_lookback.run(actor_of("member"), {"title": "Mine now"}, target=row)
    row.refresh_from_db()
    assert row.title == "Mine now"


@pytest.mark.parametrize("who", ["stranger", "left"])
def test_only_a_member_who_is_there_gets_it(actor_of, people, who):
    row = create(actor_of("owner"))
    if who == "left":
        run_named("workspaces.member.deactivate", actor_of("owner"), {}, target=people.member)
    to = people.member if who == "left" else people.stranger
    with pytest.raises(Invalid):
        actions.give_lookback.run(actor_of("owner"), {"owner": to.public_id}, target=row)
    row.refresh_from_db()
    assert row.owner == people.owner.user


def test_a_guest_sees_what_it_was_given(actor_of, people):
    row = create(actor_of("owner"))
    assert not LookBack.objects.visible_to(actor_of("guest")).exists()
    actions.give_lookback.run(actor_of("owner"), {"owner": people.guest.public_id}, target=row)
    assert list(LookBack.objects.visible_to(actor_of("guest"))) == [row]


def test_the_result_is_told_to_who_answers_for_it(actor_of, people, result, drain):
    row = create(actor_of("member"))
    actions.evaluate_lookback.run(actor_of("member"), target=row)
    actions.give_lookback.run(actor_of("owner"), {"owner": people.admin.public_id}, target=row)
    server = Actor.system(people.workspace)
    actions.start_lookback.run(server, {"run": 1}, target=row)
    actions.record_result.run(server, {"run": 1, "result": result}, target=row)
    drain()
    assert {who: unread(actor_of(who)) for who in ("admin", "member")} == {"admin": 1, "member": 0}


def test_whoever_leaves_hands_them_over_and_undo_brings_them_back(actor_of, people, client_of):
    kept, gone = create(actor_of("owner")), create(actor_of("member"), title="弱网打卡")
    page = client_of("owner").get(f"/w/acme/members/{people.member.public_id}/leaving/").content.decode()
    assert "弱网打卡" in page
    outcome = run_named(
        "workspaces.member.hand_over",
        actor_of("owner"),
        {"successors": {"goals.lookbacks": str(people.admin.public_id)}},
        target=people.member,
    )
    gone.refresh_from_db()
    kept.refresh_from_db()
    assert (gone.owner, gone.author) == (people.admin.user, people.member.user)
    assert kept.owner == people.owner.user
    undo(outcome, actor_of("owner"))
    gone.refresh_from_db()
    people.member.refresh_from_db()
    assert gone.owner == people.member.user
    assert people.member.deactivated_at is None


def test_undo_leaves_alone_what_was_given_on_meanwhile(actor_of, people):
    row = create(actor_of("member"))
    outcome = run_named(
        "workspaces.member.hand_over",
        actor_of("owner"),
        {"successors": {"goals.lookbacks": str(people.admin.public_id)}},
        target=people.member,
    )
    actions.give_lookback.run(actor_of("owner"), {"owner": people.owner.public_id}, target=row)
    with pytest.raises(Conflict):
        undo(outcome, actor_of("owner"))
    row.refresh_from_db()
    assert row.owner == people.owner.user
