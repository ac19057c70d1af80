"""Programs that listen: a token in place of a session."""

from __future__ import annotations

import pytest

from tongpin.kernel.actions.door import run_named
from tongpin.kernel.tenancy.actor import Actor

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def listen(server, people):
    """``listen(secret)``: a program's stream, its greeting already read."""
    opened = []

    def open_stream(secret):
        made = server.tab(None, Authorization=f"Bearer {secret}")
        opened.append(made)
        if made.status == 200:
            assert made.next().event == "hello"
        return made

    yield open_stream
    for one in opened:
        if one.status == 200:
            one.close()


def issue(people, name="CI", role="member", scopes=("workspaces:read",)):
    owner = Actor.for_member(people.owner)
    asked = {"name": name, "role": role, "scopes": list(scopes), "days": None}
    return run_named("workspaces.workspace_token.create", owner, asked).value


def change(people, role):
    run_named(
        "workspaces.member.change_role", Actor.for_member(people.owner), {"role": role}, target=people.member
    )


def test_a_workspace_token_hears_of_its_workspace(listen, people):
    stream = listen(issue(people).secret)
    change(people, "guest")
    frame = stream.next()
    assert (frame.event, frame.data["w"], frame.data["e"]) == (
        "changed",
        "acme",
        "workspaces.member_role_changed",
    )


def test_not_of_others_nor_of_what_its_scopes_do_not_open(listen, people):
    narrow = listen(issue(people, "Narrow", "admin", ["discussions:read"]).secret)
    owner, stranger = Actor.for_member(people.owner), Actor.for_member(people.stranger)
    run_named("workspaces.department.create", stranger, {"name": "Elsewhere"})
    row = run_named("workspaces.project.create", owner, {"name": "Here"}).value
    about = {"about_type": "workspaces.project", "about_id": row.public_id}
    run_named("discussions.comment.write", owner, {**about, "text": "Hello"})
    frame = narrow.next()
    assert (frame.data["w"], frame.data["e"]) == ("acme", "discussions.comment_written")


def test_a_personal_token_hears_of_its_one_workspace(listen, people):
    from tongpin.kernel.tenancy.models import Membership

    elsewhere = Membership.objects.create(workspace=people.elsewhere, user=people.member.user)
    asked = {"name": "Mine", "scopes": ["workspaces:read"]}
    stream = listen(run_named("workspaces.token.create", Actor.for_member(elsewhere), asked).value.secret)
    change(people, "guest")  # in acme, where the token is not
    run_named("workspaces.department.create", Actor.for_member(people.stranger), {"name": "Sales"})
    assert stream.next().data["w"] == "elsewhere"


def test_a_revoked_token_hears_nothing_more(listen, people):
    kept, stopped = issue(people, "Kept"), issue(people, "Stopped")
    hears, ends = listen(kept.secret), listen(stopped.secret)
    owner = Actor.for_member(people.owner)
    run_named("workspaces.workspace_token.revoke", owner, {}, target=stopped)
    change(people, "guest")
    assert ends.next().data == {"reason": "token"}
    assert ends.next() is None
    assert hears.next().data["e"] == "workspaces.member_role_changed"
    assert listen(stopped.secret).status == 401


def test_a_secret_replaced_at_once_ends_its_stream_and_one_with_grace_does_not(listen, people):
    token = issue(people)
    first = listen(token.secret)
    owner = Actor.for_member(people.owner)
    second = run_named("workspaces.workspace_token.rotate", owner, {"grace_hours": 24}, target=token).value
    change(people, "guest")
    assert first.next().event == "changed"
    run_named("workspaces.workspace_token.rotate", owner, {"grace_hours": 0}, target=token)
    assert first.next().event == "bye"
    assert listen(second.secret).status == 401


def test_nobody_s_secret_and_an_address_that_is_kept_out(listen, people, server):
    token = issue(people)
    assert listen("tpw_nothing").status == 401
    assert listen(token.secret[:-1] + "_").status == 401
    people.workspace.allowed_networks = ["192.0.2.0/24"]
    people.workspace.save()
    assert listen(token.secret).status == 403


def test_a_token_that_is_sent_counts_alone(server, session_of, people):
    made = server.tab(session_of("owner"), Authorization="Bearer tpw_nothing")
    assert made.status == 401
