"""What the server does by itself: names that follow, uploads forgotten."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest

from tongpin.kernel import clock
from tongpin.kernel.actions.door import run_named
from tongpin.kernel.files import public as files
from tongpin.kernel.files.models import StoredFile
from tongpin.kernel.search import query
from tongpin.modules.discussions import actions, jobs
from tongpin.modules.discussions.models import Discussion
from tongpin.modules.discussions.tests.steps import denied, forget, told

pytestmark = pytest.mark.django_db


def test_a_discussion_is_called_what_its_object_is_called(say, actor_of, drain, project):
    comment = say("member", "企微排班提醒 has to wait")
    drain()
    run_named("workspaces.project.edit", actor_of("owner"), {"name": "店长端 2.0"}, target=project)
    drain()
    assert Discussion.objects.get().title == "店长端 2.0"
    assert [hit.title for hit in query.find(actor_of("admin"), "企微排班")] == ["店长端 2.0"]
    forget()
    actions.edit_comment.run(actor_of("member"), {"text": "done"}, target=comment)
    say("admin", "good", thread=comment.public_id)
    drain()
    assert {subject for _name, subject in told()} == {"Admin replied: 店长端 2.0"}


def test_the_name_it_had_stays_when_the_object_is_gone(say, actor_of, drain, project):
    say("member")
    run_named("workspaces.project.delete", actor_of("owner"), {}, target=project)
    drain()
    assert Discussion.objects.get().title == "店长端"


def test_an_upload_that_no_comment_shows_is_forgotten_after_a_week(say, actor_of, on, people):
    member = actor_of("member")

    def add(name: str) -> StoredFile:
        return actions.add_file.run(member, {**on, "name": name, "content": b"bytes"}).value

    shown, edited_out, unused = add("shown.txt"), add("edited out.txt"), add("unused.txt")
    say("member", f"[shown](file:{shown.public_id})")
    comment = say("member", f"[old](file:{edited_out.public_id})")
    actions.edit_comment.run(member, {"text": "without it"}, target=comment)
    other = files.store(member, io.BytesIO(b"x"), "of another module.txt")
    later = clock.now() + timedelta(days=7, minutes=1)
    with clock.frozen_at(later):
        draft = add("a draft's.txt")
        assert unused in StoredFile.objects.all()
        jobs.forget_unused_files(0)
    assert set(StoredFile.objects.values_list("name", flat=True)) == {
        row.name for row in (shown, edited_out, other, draft)
    }


@pytest.mark.parametrize("who", ["owner", "member", "stranger"])
def test_only_the_server_does_it(say, actor_of, on, who):
    comment = say("member")
    actions.add_file.run(actor_of("member"), {**on, "name": "a.txt", "content": b"x"})
    denied(actions.follow_title, actor_of(who), target=comment.discussion)
    with clock.frozen_at(clock.now() + timedelta(days=8)):
        denied(actions.forget_unused, actor_of(who))
