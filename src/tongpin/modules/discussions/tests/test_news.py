"""Who hears of what is said."""

from __future__ import annotations

import pytest

from tongpin.kernel.actions.door import run_named
from tongpin.kernel.search import query
from tongpin.modules.discussions import actions
from tongpin.modules.discussions.models import Comment
from tongpin.modules.discussions.tests.steps import inbox, mention
from tongpin.modules.notifications.models import Notification

pytestmark = pytest.mark.django_db


def test_mentioned_and_watching_each_hear_once(say, drain, people):
    thread = say("member", "one")
    drain()
    assert inbox() == [("Owner", "discussions.comment", "Member commented: 店长端", "one")]  # the lead
    Notification.objects.all().delete()
    say("admin", f"{mention(people.member)} and {mention(people.member)} two", thread=thread.public_id)
    drain()
    assert sorted(inbox()) == [
        ("Member", "discussions.mention", "Admin mentioned you: 店长端", "@Member and @Member two"),
        ("Owner", "discussions.comment", "Admin replied: 店长端", "@Member and @Member two"),
    ]


def test_the_words_are_chinese_for_whoever_reads_chinese(say, drain):
    say("member", "看一下")
    drain()
    row = Notification.objects.get(kind="discussions.comment")
    assert row.words["zh-hans"] == {"title": "Member 发表了评论：店长端", "body": "看一下"}
    assert row.url == f"/w/acme/comments/{Comment.objects.get().public_id}/"


def test_a_no_holds_for_the_lead_too_but_not_against_a_mention(say, actor_of, on, drain, people):
    actions.unwatch.run(actor_of("owner"), on)
    say("member", "one")
    drain()
    assert inbox() == []
    say("member", f"{mention(people.owner)} two")
    drain()
    assert [(who, kind) for who, kind, _, _ in inbox()] == [("Owner", "discussions.mention")]


def test_whoever_lost_sight_of_the_object_hears_no_more(say, actor_of, drain, people, project):
    say("member", "one")
    run_named("workspaces.project.edit", actor_of("owner"), {"visibility": "private"}, target=project)
    drain()
    Notification.objects.all().delete()
    say("owner", "secret now")
    drain()
    assert [who for who, _, _, _ in inbox()] == []


def test_what_was_deleted_at_once_is_not_told(say, actor_of, drain):
    actions.delete_comment.run(actor_of("member"), target=say("member", "oops"))
    drain()
    assert inbox() == []


def test_an_edit_tells_those_it_newly_mentions(say, actor_of, drain, people):
    comment = say("owner", f"{mention(people.member)} one")
    drain()
    Notification.objects.all().delete()
    text = f"{mention(people.member)} {mention(people.admin)} two"
    actions.edit_comment.run(actor_of("owner"), {"text": text}, target=comment)
    drain()
    assert [(who, kind) for who, kind, _, _ in inbox()] == [("Admin", "discussions.mention")]


def test_a_nudge_and_a_copy_are_told_with_their_words(actor_of, on, drain, people):
    actions.nudge.run(actor_of("owner"), {**on, "member": people.member.public_id, "message": "before six"})
    actions.cc.run(actor_of("owner"), {**on, "members": [people.admin.public_id], "message": "for you"})
    drain()
    assert inbox() == [
        ("Member", "discussions.nudge", "Owner nudges you: 店长端", "before six\nNudged 1 time so far."),
        ("Admin", "discussions.cc", "Owner copied you in: 店长端", "for you"),
    ]


def test_a_discussion_is_found_by_what_was_said(say, actor_of, drain):
    say("member", "企微排班提醒 has to wait")
    drain()
    assert [hit.title for hit in query.find(actor_of("admin"), "企微排班")] == ["店长端"]
    assert query.find(actor_of("guest"), "企微排班") == []
