"""Writing, editing, deleting and settling: through the door."""

from __future__ import annotations

import uuid

import pytest

from tongpin.kernel.actions.door import run_named
from tongpin.kernel.errors import Invalid, NotFound
from tongpin.modules.discussions import actions
from tongpin.modules.discussions.models import Comment, Discussion, Watch
from tongpin.modules.discussions.tests.steps import denied, mention, snapshot

pytestmark = pytest.mark.django_db


def test_a_comment_makes_the_discussion_and_its_author_a_watcher(say, people, project):
    comment = say("member", "  第一条 **comment** 🎉  ")
    discussion = Discussion.objects.get()
    assert (comment.text, comment.author, comment.parent) == (
        "第一条 **comment** 🎉",
        people.member.user,
        None,
    )
    assert (discussion.subject_type, discussion.subject_id) == ("workspaces.project", project.public_id)
    assert discussion.title == "店长端"
    assert list(Watch.objects.values_list("member", "watching")) == [(people.member.pk, True)]


def test_writing_is_undone_by_deleting_and_that_by_restoring(say, actor_of, on):
    outcome = actions.write_comment.run(actor_of("member"), {**on, "text": "oops"})
    gone = run_named(outcome.undo.action, actor_of("member"), outcome.undo.data, target=outcome.undo.target)
    assert not Comment.objects.visible_to(actor_of("member")).exists()
    run_named(gone.undo.action, actor_of("member"), gone.undo.data, target=gone.undo.target)
    assert Comment.objects.visible_to(actor_of("member")).get().text == "oops"


def test_a_double_click_writes_once(actor_of, on):
    for _ in range(2):
        actions.write_comment.run(actor_of("member"), {**on, "text": "once"}, once="a-form")
    assert Comment.objects.count() == 1


@pytest.mark.parametrize("text", ["", "   \n ", "x" * 20_001])
def test_an_empty_or_endless_comment_is_refused(actor_of, on, text):
    before = snapshot()
    with pytest.raises(Invalid):
        actions.write_comment.run(actor_of("member"), {**on, "text": text})
    assert snapshot() == before


def test_only_a_thread_of_the_same_object_can_be_answered(say, actor_of, on, secret):
    thread = say("member")
    answer = say("admin", "yes", thread=thread.public_id)
    assert answer.parent == thread
    for wrong in (answer.public_id, uuid.uuid4()):
        with pytest.raises(Invalid, match="not there any more"):
            say("member", "no", thread=wrong)
    other = {"about_type": "workspaces.project", "about_id": secret.public_id}
    with pytest.raises(Invalid, match="not there any more"):
        actions.write_comment.run(actor_of("owner"), {**other, "text": "no", "thread": thread.public_id})


def test_whoever_cannot_see_the_object_cannot_be_mentioned(say, people):
    before = snapshot()
    with pytest.raises(Invalid, match="Guest cannot see this") as refused:
        say("member", f"{mention(people.guest)} look")
    assert refused.value.code == "cannot_see"
    for nobody in (people.stranger, None):
        who = mention(nobody) if nobody else f"@[X](member:{uuid.uuid4()})"
        with pytest.raises(Invalid, match="not a member"):
            say("member", who)
    assert snapshot() == before
    say("member", f"`{mention(people.guest)}` in code mentions nobody")


def test_an_edit_keeps_what_was_said_before(say, actor_of, people):
    comment = say("member", f"{mention(people.admin)} one")
    outcome = actions.edit_comment.run(
        actor_of("member"), {"text": f"{mention(people.admin)} {mention(people.owner)} two"}, target=comment
    )
    comment.refresh_from_db()
    version = comment.versions.get()
    assert version.text == f"{mention(people.admin)} one"
    assert (version.since, version.until) == (comment.created_at, comment.edited_at)
    assert outcome.events[0].payload["mentioned"] == [str(people.owner.public_id)]
    run_named(outcome.undo.action, actor_of("member"), outcome.undo.data, target=outcome.undo.target)
    comment.refresh_from_db()
    assert comment.text == f"{mention(people.admin)} one"
    assert comment.versions.count() == 2


def test_an_edit_that_changes_nothing_leaves_no_version(say, actor_of):
    comment = say("member", "same")
    outcome = actions.edit_comment.run(actor_of("member"), {"text": " same "}, target=comment)
    assert (comment.versions.count(), outcome.events) == (0, ())


def test_a_thread_is_settled_and_taken_up_again(say, actor_of):
    thread = say("member")
    outcome = actions.resolve_thread.run(actor_of("admin"), target=thread)
    thread.refresh_from_db()
    assert thread.resolved_by == actor_of("admin").user
    run_named(outcome.undo.action, actor_of("admin"), outcome.undo.data, target=outcome.undo.target)
    thread.refresh_from_db()
    assert (thread.resolved_at, thread.resolved_by) == (None, None)
    answer = say("member", "yes", thread=thread.public_id)
    with pytest.raises(NotFound, match="whole thread"):
        actions.resolve_thread.run(actor_of("admin"), target=answer)


@pytest.mark.parametrize("who", ["guest", "stranger"])
def test_whoever_does_not_see_the_object_does_nothing(say, actor_of, on, who):
    comment = say("member")
    actor = actor_of(who)
    assert not Comment.objects.visible_to(actor).exists()
    assert not Discussion.objects.visible_to(actor).exists()
    denied(actions.write_comment, actor, {**on, "text": "x"})
    denied(actions.edit_comment, actor, {"text": "x"}, comment)
    denied(actions.delete_comment, actor, target=comment)
    denied(actions.resolve_thread, actor, target=comment)
    denied(actions.reopen_thread, actor, target=comment)
    denied(actions.react, actor, {"emoji": "👍"}, comment)
    denied(actions.unreact, actor, {"emoji": "👍"}, comment)
    denied(actions.watch, actor, on)
    denied(actions.unwatch, actor, on)
    denied(actions.nudge, actor, {**on, "member": actor_of("member").membership.public_id})
    denied(actions.cc, actor, {**on, "members": [actor_of("member").membership.public_id]})
    denied(actions.add_file, actor, {**on, "name": "a.txt", "content": b"x"})
    actions.delete_comment.run(actor_of("member"), target=comment)
    denied(actions.restore_comment, actor, target=comment)


def test_a_private_object_s_discussion_is_its_own(actor_of, secret):
    about = {"about_type": "workspaces.project", "about_id": secret.public_id}
    comment = actions.write_comment.run(actor_of("owner"), {**about, "text": "secret"}).value
    assert not Comment.objects.visible_to(actor_of("member")).exists()
    denied(actions.write_comment, actor_of("member"), {**about, "text": "x"})
    denied(actions.react, actor_of("member"), {"emoji": "👍"}, comment)
    assert Comment.objects.visible_to(actor_of("admin")).get() == comment


def test_others_words_are_not_changed(say, actor_of):
    comment = say("owner")
    for who in ("member", "admin"):
        denied(actions.edit_comment, actor_of(who), {"text": "x"}, comment)
    denied(actions.delete_comment, actor_of("member"), target=comment)
    actions.delete_comment.run(actor_of("admin"), target=comment)
    denied(actions.restore_comment, actor_of("member"), target=comment)


def test_people_and_discussions_are_not_discussed(say, actor_of, people):
    say("member")
    for kind, public_id in (
        ("tenancy.membership", people.admin.public_id),
        ("discussions.discussion", Discussion.objects.get().public_id),
        ("workspaces.nothing", people.admin.public_id),
    ):
        denied(
            actions.write_comment, actor_of("owner"), {"about_type": kind, "about_id": public_id, "text": "x"}
        )


def test_a_deleted_object_takes_its_discussion_out_of_sight(say, actor_of, project):
    say("member")
    run_named("workspaces.project.delete", actor_of("owner"), {}, target=project)
    assert not Comment.objects.visible_to(actor_of("owner")).exists()
