"""Actions through the API: the same door, the same rights, an answer a program can act on."""

from __future__ import annotations

import json
import uuid

import pytest

from tests.api.conftest import problem
from tongpin.config.api import limits
from tongpin.kernel.actions.registry import registry
from tongpin.kernel.events.models import Event
from tongpin.kernel.tenancy.enums import Via
from tongpin.kernel.tenancy.models import Membership, Workspace

pytestmark = pytest.mark.django_db

ROLE = "workspaces.member.change_role"
EDIT = "workspaces.workspace.edit"


def role_of(member):
    return Membership.objects.get(pk=member.pk).role


def test_an_action_answers_with_what_it_did(people, program_of):
    answer = program_of("owner").do(ROLE, people.member, {"role": "guest"})
    assert answer.status_code == 200, answer.content
    done = answer.json()
    assert role_of(people.member) == "guest"
    assert done["card"]["id"] == str(people.member.public_id)
    assert done["card"]["url"].startswith("http")
    assert done["repeated"] is False
    event = Event.objects.get(action=ROLE)
    assert (event.via, event.actor, event.ip) == (Via.API, people.owner.user, "127.0.0.1")


def test_a_link_to_come_in_by_is_in_the_answer_that_made_it_and_no_other(people, program_of, client):
    program, once = program_of("admin"), {"Idempotency-Key": "k"}
    made = program.do("workspaces.invitation.create_link", data={"role": "guest"}, headers=once).json()
    assert made["shown_once"].startswith("http://127.0.0.1:8400/invite/")
    assert client.get(made["shown_once"]).status_code == 200
    again = program.do("workspaces.invitation.create_link", data={"role": "guest"}, headers=once).json()
    assert (again["repeated"], again["shown_once"]) == (True, None)
    # A mailed link proves that its reader has the address: not for the inviter's eyes.
    assert (
        program.do("workspaces.member.invite", data={"email": "a@example.com"}).json()["shown_once"] is None
    )


def test_an_invitation_too_many_says_when_to_go_on(people, program_of):
    program = program_of("admin")
    assert program.do("workspaces.member.invite", data={"email": "a@example.com"}).status_code == 200
    answer = program.do("workspaces.member.invite", data={"email": "a@example.com"})
    problem(answer, 429, "invited_just_now")
    assert 590 <= int(answer.headers["Retry-After"]) <= 600


def test_what_was_done_can_be_taken_back(people, program_of):
    program = program_of("owner")
    undo = program.do(ROLE, people.member, {"role": "guest"}).json()["undo"]
    assert program.do(undo["action"], undo["target"], undo["data"]).status_code == 200
    assert role_of(people.member) == "member"


@pytest.mark.parametrize(
    ("who", "status", "code"),
    [
        ("member", 403, "denied"),
        ("guest", 404, "not_found"),  # a guest does not see other members
        ("stranger", 404, "not_found"),
        ("nobody", 401, "token_invalid"),
    ],
)
def test_who_may_not_changes_nothing(people, program_of, who, status, code):
    program = program_of(who)
    # That a token was used and somebody was refused is written down; nothing else may be.
    done = Event.objects.exclude(name__in=["workspaces.token_used", "workspaces.access_refused"])
    before = done.count()
    problem(program.do(ROLE, people.member, {"role": "guest"}), status, code)
    assert role_of(people.member) == "member"
    assert done.count() == before


def test_a_token_does_only_what_its_scopes_say(people, program_of):
    problem(
        program_of("owner", ["workspaces:read"]).do(ROLE, people.member, {"role": "guest"}), 403, "denied"
    )
    assert role_of(people.member) == "member"
    assert (
        program_of("owner", ["workspaces:write"]).do(ROLE, people.member, {"role": "guest"}).status_code
        == 200
    )


def test_a_token_works_in_its_own_workspace_only(people, program_of):
    """Even for someone who is a member of both."""
    Membership.objects.create(workspace=people.elsewhere, user=people.owner.user, role="owner")
    program = program_of("owner")
    problem(program.do(EDIT, people.elsewhere, {"name": "Mine"}, slug="elsewhere"), 404, "not_found")
    problem(program.do(EDIT, people.elsewhere, {"name": "Mine"}), 404, "not_found")
    assert Workspace.objects.get(slug="elsewhere").name == "Elsewhere"


@pytest.mark.parametrize("stopped", ["revoked", "deactivated", "left out"])
def test_a_token_stops_with_its_owner(people, program_of, stopped):
    program = program_of("admin")
    assert program.get("me").status_code == 200
    if stopped == "revoked":
        from tongpin.kernel.tenancy.actor import Actor
        from tongpin.modules.workspaces.actions.token import revoke_token
        from tongpin.modules.workspaces.models import ApiToken

        revoke_token.run(Actor.for_member(people.admin), {}, target=ApiToken.objects.get())
    elif stopped == "deactivated":
        people.admin.user.is_active = False
        people.admin.user.save()
    else:
        program_of("owner").do("workspaces.member.deactivate", people.admin)
    problem(program.get("me"), 401, "token_invalid")


def test_a_signed_in_browser_is_nobody_here(people, client_of):
    """No session opens the API: another site's page could use it."""
    client = client_of("owner")
    answer = client.post(
        f"/api/v1/workspaces/acme/actions/{ROLE}",
        json.dumps({"target": str(people.member.public_id), "data": {"role": "guest"}}),
        content_type="application/json",
    )
    problem(answer, 401, "token_invalid")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert client.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Basic abc",
        "Bearer a\x00b",
        "Bearer " + "a" * 5000,
        "Bearer ü" * 3,
    ],
)
def test_a_wrong_token(people, header):
    from tests.api.conftest import Program

    problem(Program(None).send("GET", "me", headers={"Authorization": header}), 401, "token_invalid")


def test_the_same_key_does_it_once(people, program_of):
    program = program_of("owner")
    key = {"Idempotency-Key": "abc-1"}
    first = program.do(
        "workspaces.member.invite", None, {"email": "new@acme.example", "role": "member"}, headers=key
    )
    assert first.status_code == 200, first.content
    again = program.do(
        "workspaces.member.invite", None, {"email": "new@acme.example", "role": "member"}, headers=key
    )
    assert again.status_code == 200, again.content
    assert again.json()["repeated"] is True
    assert Event.objects.filter(action="workspaces.member.invite").count() == 1
    other = program.do(
        "workspaces.member.invite", None, {"email": "other@acme.example", "role": "member"}, headers=key
    )
    problem(other, 409, "key_reused")


def test_a_change_someone_else_made_is_not_overwritten(people, program_of):
    program = program_of("owner")
    seen = Workspace.objects.get(pk=people.workspace.pk).version
    assert program.do(EDIT, people.workspace, {"name": "One"}, version=seen).json()["version"] == seen + 1
    found = problem(
        program.do(EDIT, people.workspace, {"name": "Two"}, version=seen), 409, "changed_meanwhile"
    )
    assert "name" in found["fields"]
    assert found["hint"]
    header = {"If-Match": f'"{seen}"'}
    problem(program.do(EDIT, people.workspace, {"name": "Two"}, headers=header), 409, "changed_meanwhile")
    assert program.do(EDIT, people.workspace, {"week_start": 6}, version=seen).status_code == 200
    problem(
        program.do(EDIT, people.workspace, {"name": "X"}, version=1, headers={"If-Match": "2"}),
        409,
        "versions_differ",
    )
    assert Workspace.objects.get(pk=people.workspace.pk).name == "One"


@pytest.mark.parametrize(
    ("target", "data", "field"),
    [
        ("member", {"role": "emperor"}, "role"),
        ("member", {}, "role"),
        ("member", {"role": 3}, "role"),
        ("member", {"role": "guest", "more": 1}, "more"),
        ("no-uuid", {"role": "guest"}, "target"),
        (None, {"role": "guest"}, "target"),
        ("member", {"role": "gu\x00est"}, "data.role"),
    ],
)
def test_wrong_input_says_where(people, program_of, target, data, field):
    target = people.member if target == "member" else target
    answer = program_of("owner").do(ROLE, target, data)
    assert answer.status_code == 422, answer.content
    assert list(answer.json()["fields"]) == [field]
    assert role_of(people.member) == "member"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "invalid"),
        (b"{", 400, "not_json"),
        (b"\xff\xfe", 400, "not_json"),
        (b"null", 422, "invalid"),
        (b"[]", 422, "invalid"),
        (b'"text"', 422, "invalid"),
        (b"NaN", 400, "not_json"),
        (b'{"data": Infinity}', 400, "not_json"),
        (b"[" * 100_000, 400, "not_json"),
        (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, 400, "not_json"),
        (b"1" * 5_000, 400, "not_json"),
        (b'{"data": {"name": "\\ud800"}}', 422, "unstorable_text"),
        (b'{"data": {"name": "a\\u0000b"}}', 422, "unstorable_text"),
        (b'{"\\u0000": 1}', 422, "unstorable_text"),
        (b'{"data": {"name": "' + b"x" * (3 * 1024 * 1024) + b'"}}', 413, "too_large"),
    ],
)
def test_any_body_is_answered(people, program_of, body, status, code):
    problem(program_of("owner").post(f"workspaces/acme/actions/{EDIT}", body), status, code)


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_only_json_is_taken(people, program_of, media_type):
    answer = program_of("owner").post(
        f"workspaces/acme/actions/{EDIT}", b'{"data":{}}', content_type=media_type
    )
    problem(answer, 415, "wrong_media_type")


@pytest.mark.parametrize(
    "number", ["1e400", "-1e400", "9" * 400, "99999999999999999999", "-1", "1.5", "true", "{}"]
)
def test_any_number_is_answered(people, program_of, number):
    body = f'{{"target": "{people.workspace.public_id}", "version": {number}, "data": {{"name": "X"}}}}'
    answer = program_of("owner").post(f"workspaces/acme/actions/{EDIT}", body)
    assert answer.status_code in {200, 400, 409, 422}, answer.content
    body = f'{{"target": "{people.workspace.public_id}", "data": {{"week_start": {number}}}}}'
    answer = program_of("owner").post(f"workspaces/acme/actions/{EDIT}", body)
    assert answer.status_code in {200, 400, 422}, answer.content


@pytest.mark.parametrize("key", ["", " ", "a" * 121, "ü"])
def test_a_wrong_idempotency_key(people, program_of, key):
    answer = program_of("owner").do(ROLE, people.member, {"role": "guest"}, headers={"Idempotency-Key": key})
    problem(answer, 422, "invalid")
    assert role_of(people.member) == "member"


@pytest.mark.parametrize(
    "path", ["workspaces/acme/actions/no.such.action", "nothing", "workspaces/acme/actions/", ""]
)
def test_an_unknown_address_is_a_problem_too(people, program_of, path):
    problem(program_of("owner").post(path, "{}"), 404, "not_found")
    problem(program_of("owner").get(path), 404, "not_found")


def test_an_unknown_target_and_one_that_is_not_seen_are_alike(people, program_of):
    program = program_of("owner")
    absent = program.do(ROLE, uuid.uuid4(), {"role": "guest"})
    foreign = program.do(ROLE, people.stranger, {"role": "guest"})
    problem(absent, 404, "not_found")
    assert absent.content == foreign.content


def test_every_action_but_the_account_s_is_there(client):
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    offered = {path.rpartition("/")[2] for path in paths if "/actions/" in path}
    assert offered == {
        name for name, a in registry.items() if a.api and not a.account and not name.startswith("testing.")
    }
    assert "workspaces.token.create" not in offered


def test_too_many_requests_are_told_when_to_come_back(people, program_of, settings):
    settings.API_RATE = 3
    program, other = program_of("owner"), program_of("admin")
    assert [program.get("me").status_code for _ in range(3)] == [200, 200, 200]
    answer = program.get("me")
    problem(answer, 429, "too_many_requests")
    assert 1 <= int(answer.headers["Retry-After"]) <= limits.WINDOW
    assert other.get("me").status_code == 200


def test_refusals_speak_the_caller_s_language(people, program_of):
    program = program_of("member")
    answers = {
        language: program.send("GET", "workspaces/acme/events", headers={"Accept-Language": language}).json()[
            "detail"
        ]
        for language in ("en", "zh-CN,zh;q=0.9")
    }
    assert answers["en"] == "You don’t have access to this."
    assert answers["zh-CN,zh;q=0.9"] != answers["en"]
