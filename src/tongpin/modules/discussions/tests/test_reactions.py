"""Emoji, watching, nudging and copying in."""

from __future__ import annotations

import pytest

from tongpin.kernel import clock
from tongpin.kernel.actions.door import run_named
from tongpin.kernel.errors import Conflict, Invalid
from tongpin.modules.discussions import actions
from tongpin.modules.discussions.models import Nudge, Reaction, Watch
from tongpin.modules.discussions.tests.steps import denied, snapshot

pytestmark = pytest.mark.django_db


def test_an_emoji_counts_once_and_is_taken_off(say, actor_of):
    comment = say("owner")
    for _ in range(2):
        outcome = actions.react.run(actor_of("member"), {"emoji": "👍"}, target=comment)
    actions.react.run(actor_of("admin"), {"emoji": "👍"}, target=comment)
    assert Reaction.objects.count() == 2
    run_named(outcome.undo.action, actor_of("member"), outcome.undo.data, target=outcome.undo.target)
    assert [row.member for row in Reaction.objects.all()] == [actor_of("admin").membership]


@pytest.mark.parametrize("emoji", ["好", "ok", "👍👍", "<b>", "1"])
def test_what_is_no_emoji_is_refused(say, actor_of, emoji):
    comment, before = say("owner"), None
    before = snapshot()
    with pytest.raises(Invalid):
        actions.react.run(actor_of("member"), {"emoji": emoji}, target=comment)
    assert snapshot() == before


def test_an_explicit_no_outlives_a_comment_but_not_a_copy(say, actor_of, on, people):
    say("member")
    outcome = actions.unwatch.run(actor_of("member"), on)
    say("member", "again")
    assert Watch.objects.get(member=people.member).watching is False
    run_named(outcome.undo.action, actor_of("member"), outcome.undo.data)
    assert Watch.objects.get(member=people.member).watching is True
    actions.unwatch.run(actor_of("member"), on)
    actions.cc.run(actor_of("owner"), {**on, "members": [people.member.public_id]})
    assert Watch.objects.get(member=people.member).watching is True


def test_a_nudge_once_a_day_for_each_person(actor_of, on, people, monkeypatch):
    nudge = {**on, "member": people.member.public_id, "message": "今天六点前"}
    actions.nudge.run(actor_of("owner"), nudge)
    before = snapshot()
    with pytest.raises(Conflict, match="Owner nudged Member about this today"):
        actions.nudge.run(actor_of("admin"), nudge)
    assert snapshot() == before
    actions.nudge.run(actor_of("owner"), {**on, "member": people.admin.public_id})
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now.replace(year=now.year + 1))
    outcome = actions.nudge.run(actor_of("admin"), nudge)
    assert outcome.events[0].payload["times"] == 2
    assert Nudge.objects.count() == 3


def test_who_cannot_see_it_is_neither_nudged_nor_copied_in(actor_of, on, people):
    before = snapshot()
    for action, field in ((actions.nudge, "member"), (actions.cc, "members")):
        for who, why in ((people.guest, "cannot see"), (people.stranger, "not a member")):
            value = [who.public_id] if field == "members" else who.public_id
            with pytest.raises(Invalid, match=why):
                action.run(actor_of("owner"), {**on, field: value})
    with pytest.raises(Invalid, match="yourself"):
        actions.nudge.run(actor_of("owner"), {**on, "member": people.owner.public_id})
    assert snapshot() == before


def test_a_guest_of_a_project_speaks_but_does_not_nudge(actor_of, on, people, project):
    place = {"members": [{"member": people.guest.public_id, "role": "viewer"}]}
    run_named("workspaces.project.set_members", actor_of("owner"), place, target=project)
    guest = actor_of("guest")
    comment = actions.write_comment.run(guest, {**on, "text": "hi"}).value
    actions.resolve_thread.run(guest, target=comment)
    denied(actions.nudge, guest, {**on, "member": people.owner.public_id})
    denied(actions.cc, guest, {**on, "members": [people.owner.public_id]})
    theirs = actions.write_comment.run(actor_of("member"), {**on, "text": "mine"}).value
    denied(actions.resolve_thread, guest, target=theirs)
