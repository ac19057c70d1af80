"""Who hears of what is said."""

from __future__ import annotations

import pytest

from tongpin.kernel.actions.door import run_named
from tongpin.kernel.mail.models import OutboxMail
from tongpin.kernel.search import query
from tongpin.kernel.tenancy.enums import Language
from tongpin.modules.discussions import actions
from tongpin.modules.discussions.tests.steps import forget, mention, told

pytestmark = pytest.mark.django_db


def test_mentioned_and_watching_each_hear_once(say, drain, people):
    thread = say("member", "one")
    drain()
    assert told() == [("Owner", "Member commented: 店长端")]  # the lead
    forget()
    say("admin", f"{mention(people.member)} and {mention(people.member)} two", thread=thread.public_id)
    drain()
    assert sorted(told()) == [
        ("Member", "Admin mentioned you: 店长端"),
        ("Owner", "Admin replied: 店长端"),
    ]
    assert "@Member and @Member two" in OutboxMail.objects.first().text


def test_the_words_are_chinese_for_whoever_reads_chinese(say, drain, people):
    people.owner.user.language = Language.CHINESE
    people.owner.user.save()
    say("member", "看一下")
    drain()
    mail = OutboxMail.objects.get()
    assert mail.subject == "Member 发表了评论：店长端"
    assert "看一下" in mail.text


def test_a_no_holds_for_the_lead_too_but_not_against_a_mention(say, actor_of, on, drain, people):
    actions.unwatch.run(actor_of("owner"), on)
    say("member", "one")
    drain()
    assert told() == []
    say("member", f"{mention(people.owner)} two")
    drain()
    assert told() == [("Owner", "Member mentioned you: 店长端")]


def test_whoever_lost_sight_of_the_object_hears_no_more(say, actor_of, drain, people, project):
    say("member", "one")
    run_named("workspaces.project.edit", actor_of("owner"), {"visibility": "private"}, target=project)
    drain()
    forget()
    say("owner", "secret now")
    drain()
    assert told() == []


def test_what_was_deleted_at_once_is_not_told(say, actor_of, drain):
    actions.delete_comment.run(actor_of("member"), target=say("member", "oops"))
    drain()
    assert told() == []


def test_an_edit_tells_those_it_newly_mentions(say, actor_of, drain, people):
    comment = say("owner", f"{mention(people.member)} one")
    drain()
    forget()
    text = f"{mention(people.member)} {mention(people.admin)} two"
    actions.edit_comment.run(actor_of("owner"), {"text": text}, target=comment)
    drain()
    assert told() == [("Admin", "Owner mentioned you: 店长端")]


def test_a_nudge_and_a_copy_are_told_with_their_words(actor_of, on, drain, people):
    actions.nudge.run(actor_of("owner"), {**on, "member": people.member.public_id, "message": "before six"})
    actions.cc.run(actor_of("owner"), {**on, "members": [people.admin.public_id], "message": "for you"})
    drain()
    assert told() == [("Member", "Owner nudges you: 店长端"), ("Admin", "Owner copied you in: 店长端")]
    first, second = (mail.text for mail in OutboxMail.objects.order_by("pk"))
    assert "before six" in first
    assert "Nudged 1 time so far." in first
    assert "for you" in second


def test_a_discussion_is_found_by_what_was_said(say, actor_of, drain):
    say("member", "企微排班提醒 has to wait")
    drain()
    assert [hit.title for hit in query.find(actor_of("admin"), "企微排班")] == ["店长端"]
    assert query.find(actor_of("guest"), "企微排班") == []
