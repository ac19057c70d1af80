"""The panel and what is done in it: through HTTP."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tongpin.kernel.actions.door import run_named
from tongpin.kernel.files.models import StoredFile
from tongpin.modules.discussions import actions, queries
from tongpin.modules.discussions.models import Comment, Nudge, Watch
from tongpin.modules.discussions.tests.steps import mention

pytestmark = pytest.mark.django_db

PAGE = "/w/acme/projects/STO/"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


@pytest.fixture
def base(project: Any) -> str:
    return f"/w/acme/discussions/workspaces.project/{project.public_id}/"


def text_of(response: Any) -> str:
    return response.content.decode()


def test_the_panel_stands_on_the_project_s_page(client_of, say):
    say("member", "**hello**")
    page = text_of(client_of("admin").get(PAGE))
    assert 'id="discussion"' in page
    assert "<strong>hello</strong>" in page
    assert "discussions.discussion:" in page


def test_the_panel_stands_on_a_look_back_but_not_on_a_member(client_of, actor_of, people):
    from tests.security.places import SERIES

    row = run_named("goals.lookback.create", actor_of("guest"), {"text": SERIES, "title": "Mine"}).value
    assert 'id="discussion"' in text_of(client_of("guest").get(f"/w/acme/lookback/{row.public_id}/"))
    assert 'id="discussion"' not in text_of(
        client_of("owner").get(f"/w/acme/members/{people.admin.public_id}/")
    )


@pytest.mark.parametrize("count", [1, 3])
def test_the_panel_s_queries_do_not_grow(
    client_of, say, base, actor_of, people, django_assert_num_queries, count
):
    for n in range(count):
        thread = say("member", f"{mention(people.admin)} {n} ![x](file:{uuid.uuid4()})")
        say("owner", f"answer {n}", thread=thread.public_id)
        actions.react.run(actor_of("admin"), {"emoji": "👍"}, target=thread)
    client = client_of("member")
    client.get(base)
    with django_assert_num_queries(11):
        page = text_of(client.get(base))
    assert page.count('class="comment"') == 2 * count
    with django_assert_num_queries(17):
        assert text_of(client.get(PAGE)).count('class="comment"') == 2 * count


def test_a_comment_is_posted_and_a_refused_one_says_why_beside_it(client_of, base, people):
    client = client_of("member")
    answer = client.post(f"{base}write/", {"text": "你好 👋", "once": "a"})
    assert answer.status_code == 200
    assert "你好 👋" in text_of(answer)
    assert client.post(f"{base}write/", {"text": "你好 👋", "once": "a"}).status_code == 200
    assert Comment.objects.count() == 1
    refused = client.post(f"{base}write/", {"text": f"{mention(people.guest)} x", "once": "b"})
    assert refused.status_code == 422
    assert refused["HX-Retarget"] == "#composer-new-error"
    assert "Guest cannot see this" in text_of(refused)
    assert Comment.objects.count() == 1


def test_only_a_page_begins_with_the_newest_and_more_are_asked_for(client_of, say, base, monkeypatch):
    monkeypatch.setattr(queries, "THREADS", 2)
    comments = [say("member", f"word{n}") for n in range(5)]
    client = client_of("member")
    page = text_of(client.get(PAGE))
    assert re.findall(r"<p>(word\d)</p>", page) == ["word3", "word4"]
    assert "Load earlier (3)" in page
    assert re.findall(r"<p>(word\d)</p>", text_of(client.get(f"{base}?show=4"))) == [
        "word1",
        "word2",
        "word3",
        "word4",
    ]
    # its own address shows as many as it takes
    lead = client.get(f"/w/acme/comments/{comments[0].public_id}/")
    assert lead["Location"] == f"{PAGE}?at={comments[0].public_id}#c-{comments[0].public_id}"
    around = text_of(client.get(lead["Location"]))
    assert re.findall(r"<p>(word\d)</p>", around) == ["word0", "word1"]
    assert "Show the newest (3 later)" in around
    assert f"{base}?show=2&amp;at={comments[0].public_id}" in around  # and stays there when it renews itself
    gone = text_of(client.get(f"{base}?at={uuid.uuid4()}"))
    assert re.findall(r"<p>(word\d)</p>", gone) == ["word3", "word4"]
    answer = say("owner", "late", thread=comments[4].public_id)
    late = client.get(f"/w/acme/comments/{answer.public_id}/")
    assert late["Location"] == f"{PAGE}#c-{answer.public_id}"


def test_a_deleted_thread_leaves_a_mark_only_while_something_answers_it(client_of, say, base):
    client = client_of("owner")
    thread = say("member", "gone")
    answer = say("owner", "kept", thread=thread.public_id)
    page = text_of(client.post(f"/w/acme/comments/{thread.public_id}/delete/"))
    assert "<p>gone</p>" not in page
    assert "This comment was deleted." in page
    assert "kept" in page
    page = text_of(client.post(f"/w/acme/comments/{answer.public_id}/delete/"))
    assert "This comment was deleted." not in page
    assert "Nothing has been said yet" in page


def test_edit_shows_its_history(client_of, say):
    client = client_of("member")
    comment = say("member", "before")
    own = f"/w/acme/comments/{comment.public_id}/"
    assert "before</textarea>" in text_of(client.get(f"{own}edit/"))
    answer = client.post(f"{own}edit/", {"text": "after"})
    assert "<p>after</p>" in text_of(answer)
    assert json.loads(answer["HX-Trigger"])["toast"]["undo"]
    history = text_of(client.get(f"{own}history/"))
    assert '<p class="version"><del>before</del><ins>after</ins></p>' in history
    assert '<p class="version">before</p>' in history
    assert client_of("owner").get(f"{own}edit/").status_code == 403
    empty = client.post(f"{own}edit/", {"text": " "})
    assert (empty.status_code, empty["HX-Retarget"]) == (422, f"#composer-edit-{comment.public_id}-error")


def test_the_history_of_a_comment_is_read_edit_by_edit(client_of, say, actor_of, people, monkeypatch):
    comment = say("member", "渠道码 6 个")
    for text in (f"渠道码 8 个 {mention(people.admin)}", "渠道码 8 个 <b>"):
        actions.edit_comment.run(actor_of("member"), {"text": text}, target=comment)
    page = text_of(client_of("owner").get(f"/w/acme/comments/{comment.public_id}/history/"))
    assert re.findall(r'class="version">(.*?)</p>', page) == [
        "渠道码 8 个 <del>@Admin</del><ins>&lt;b&gt;</ins>",
        "渠道码 <del>6</del><ins>8</ins> 个<ins> @Admin</ins>",
        "渠道码 6 个",
    ]
    monkeypatch.setattr(queries, "CHANGES", 1)
    page = text_of(client_of("owner").get(f"/w/acme/comments/{comment.public_id}/history/"))
    assert page.count('class="version"') == 1


def test_a_quote_leads_to_what_it_quotes(client_of, say):
    comment = say("member", "> older\n\nline one\nline two")
    box = text_of(client_of("owner").get(f"/w/acme/comments/{comment.public_id}/reply/?quote=1"))
    assert f"&gt; [Member](#c-{comment.public_id})\n&gt;\n&gt; line one\n&gt; line two\n\n</textarea>" in box
    assert f'name="thread" value="{comment.public_id}"' in box


def test_reactions_and_settling(client_of, say):
    comment = say("member")
    own = f"/w/acme/comments/{comment.public_id}/"
    client = client_of("owner")
    assert 'aria-label="👍 1: Owner"' in text_of(client.post(f"{own}react/", {"emoji": "👍"}))
    assert 'class="reaction"' not in text_of(client.post(f"{own}react/", {"emoji": "👍"}))
    assert client.post(f"{own}react/", {"emoji": "no"}).status_code == 422
    assert "Resolved by Owner" in text_of(client.post(f"{own}resolve/", {"on": "1"}))
    assert "Resolved by Owner" not in text_of(client.post(f"{own}resolve/", {"on": "0"}))


def test_who_is_offered_sees_the_object(client_of, base, actor_of, project, people):
    def names(q: str) -> list[str]:
        return [item["title"] for item in client_of("owner").get(f"{base}people/?q={q}").json()["items"]]

    people.member.user.name, people.member.user.pinyin = "沈一诺", "shen yi nuo"
    people.member.user.save()
    assert names("") == ["Owner", "Admin", "沈一诺"]
    assert names("syn") == ["沈一诺"]
    run_named("workspaces.project.edit", actor_of("owner"), {"visibility": "private"}, target=project)
    assert names("") == ["Owner", "Admin"]


def test_a_file_hangs_on_the_object(client_of, base, say, actor_of, project, secret):
    member = client_of("member")
    answer = member.post(f"{base}files/", {"file": SimpleUploadedFile("截图 [1].png", PNG)})
    stored = StoredFile.objects.get()
    assert answer.json() == {"markdown": f"![截图 (1).png](file:{stored.public_id})"}
    page = text_of(member.post(f"{base}write/", {"text": answer.json()["markdown"]}))
    src = re.search(r'<img src="([^"]+)"', page)[1]
    assert member.get(src).status_code == 200
    assert client_of("guest").get(src).status_code == 404
    # another object's discussion does not show it, not even its name
    there = {"about_type": "workspaces.project", "about_id": secret.public_id}
    actions.write_comment.run(actor_of("owner"), {**there, "text": f"[x](file:{stored.public_id})"})
    elsewhere = text_of(client_of("owner").get(f"/w/acme/discussions/workspaces.project/{secret.public_id}/"))
    assert "<p>x</p>" in elsewhere
    assert "截图" not in elsewhere
    assert member.post(f"{base}files/", {"file": SimpleUploadedFile("a.txt", b"")}).status_code == 422
    assert member.post(f"{base}files/").json() == {"message": "Choose a file."}


def test_preview_is_what_will_be_shown(client_of, base, people):
    answer = client_of("member").post(f"{base}preview/", {"text": f"**a** {mention(people.member)} <i>"})
    assert "<strong>a</strong>" in text_of(answer)
    assert 'class="mention mention-me"' in text_of(answer)
    assert "<i>" not in text_of(answer)


def test_watch_nudge_and_copy_from_the_panel(client_of, base, people, say):
    client = client_of("owner")
    assert "Hear of every comment here" not in text_of(client.get(base))  # the lead follows from the start
    assert "Hear of every comment here" in text_of(client.post(f"{base}watch/", {"on": "0"}))
    assert "Click to stop" in text_of(client.post(f"{base}watch/", {"on": "1"}))
    nudged = client.post(f"{base}nudge/", {"member": str(people.member.public_id), "message": "快"})
    assert "Member was nudged 1 time" in text_of(nudged)
    again = client.post(f"{base}nudge/", {"member": str(people.member.public_id)})
    assert (again.status_code, again["HX-Retarget"]) == (422, "#nudge-error")
    assert "Choose who is meant" in text_of(client.post(f"{base}nudge/", {"message": "x"}))
    assert "Choose who is meant" in text_of(client.post(f"{base}cc/", {"message": "x"}))
    assert client.post(f"{base}cc/", {"members": [str(people.admin.public_id)]}).status_code == 200
    assert Nudge.objects.count() == 1
    assert set(Watch.objects.filter(watching=True).values_list("member", flat=True)) == {
        people.owner.pk,
        people.admin.pk,
    }


@pytest.mark.parametrize("who", ["guest", "stranger"])
def test_the_pages_are_closed_to_whoever_does_not_see_the_object(client_of, base, say, who):
    comment = say("member")
    client = client_of(who)
    for verb in ("", "people/"):
        assert client.get(f"{base}{verb}").status_code == 404
    for verb in ("write", "preview", "files", "watch", "nudge", "cc"):
        assert client.post(f"{base}{verb}/", {"text": "x"}).status_code in (403, 404)
    own = f"/w/acme/comments/{comment.public_id}/"
    for verb in ("", "reply/", "edit/", "history/"):
        assert client.get(f"{own}{verb}").status_code == 404
    for verb in ("delete", "resolve", "react", "edit"):
        assert client.post(f"{own}{verb}/", {"emoji": "👍", "on": "1", "text": "x"}).status_code == 404


def test_a_program_reads_what_is_said(client_of, say, actor_of, project):
    thread = say("member", "one")
    say("owner", "two", thread=thread.public_id)
    actions.react.run(actor_of("admin"), {"emoji": "🎉"}, target=thread)
    token = run_named(
        "workspaces.token.create", actor_of("member"), {"name": "CI", "scopes": ["discussions:read"]}
    ).value
    api = f"/api/v1/workspaces/acme/discussions/workspaces.project/{project.public_id}/comments"
    head = {"HTTP_AUTHORIZATION": f"Bearer {token.secret}"}
    answer = client_of("nobody").get(f"{api}?limit=1", **head)
    assert answer.status_code == 200, answer.content
    first = answer.json()
    assert [(c["text"], c["thread"], c["reactions"]) for c in first["items"]] == [("one", None, {"🎉": 1})]
    second = client_of("nobody").get(f"{api}?cursor={first['next']}", **head).json()
    assert [(c["text"], c["thread"]) for c in second["items"]] == [("two", str(thread.public_id))]
    assert second["next"] is None
