from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import authenticate as sign_in
from django.test import Client

from tongpin.kernel import authz, clock
from tongpin.kernel.actions.door import run_named
from tongpin.kernel.errors import Conflict, Denied, Invalid
from tongpin.kernel.events.models import Event
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.entry import AddressNotAllowed
from tongpin.kernel.tenancy.enums import Role, Via
from tongpin.kernel.tenancy.models import Membership, User
from tongpin.modules.workspaces import public
from tongpin.modules.workspaces.actions.member import deactivate_member
from tongpin.modules.workspaces.actions.token import create_token, revoke_token
from tongpin.modules.workspaces.actions.workspace import purge_deleted
from tongpin.modules.workspaces.actions.workspace_token import (
    create_workspace_token,
    revoke_workspace_token,
    rotate_workspace_token,
)
from tongpin.modules.workspaces.models import ApiToken, Project, ProjectMember, WorkspaceToken

from .denied import denied, unchanged

pytestmark = pytest.mark.django_db
ASKED = {"name": "CI 部署", "scopes": ["workspaces:read", "goals:write"]}
PAGE = "/w/acme/settings/tokens/"


@pytest.fixture
def token(actor_of):
    return create_workspace_token.run(actor_of("admin"), ASKED).value


def acts(token) -> Actor:
    actor = public.authenticate(token.secret, ip="10.0.0.1")
    assert actor is not None
    return actor


def full(people, role="admin") -> Actor:
    """A workspace token with every scope it can have."""
    asked = {"name": f"All {role}", "role": role, "scopes": authz.scopes_of_workspace_tokens(), "days": None}
    return acts(create_workspace_token.run(Actor.for_member(people.owner), asked).value)


def test_it_acts_under_its_own_name_in_its_workspace(token, people):
    actor = acts(token)
    assert (actor.workspace, actor.via, actor.role, actor.is_token) == (
        people.workspace, Via.API, Role.MEMBER, True,
    )  # fmt: skip
    assert actor.user.get_short_name() == "Token CI 部署"
    assert authz.can(actor, "workspaces.member.view")
    assert not authz.can(actor, "workspaces.workspace.edit")


def test_only_digests_are_kept_and_the_checksum_is_asked_first(token, django_assert_num_queries):
    assert token.secret not in str(list(ApiToken.objects.values()))
    assert token.secret.startswith("tpw_")
    with django_assert_num_queries(0):
        assert public.authenticate(token.secret[:-1] + ("a" if token.secret[-1] != "a" else "b")) is None


def test_it_outlasts_who_made_it(token, people, actor_of, client_of):
    deactivate_member.run(actor_of("owner"), {}, target=people.admin)
    assert acts(token).user == token.user
    assert "made by Admin, who has left" in client_of("owner").get(PAGE).content.decode()


def test_it_stops_when_revoked_or_ended_or_the_workspace_is_gone(token, actor_of, people):
    with clock.shifted_by(timedelta(days=91)):
        assert public.authenticate(token.secret) is None
    run_named("workspaces.workspace.delete", actor_of("owner"), {"name": "Acme"}, target=people.workspace)
    assert public.authenticate(token.secret) is None
    run_named("workspaces.workspace.restore", actor_of("owner"), {"workspace": people.workspace.public_id})
    assert public.authenticate(token.secret)
    revoke_workspace_token.run(actor_of("owner"), {}, target=token)
    assert public.authenticate(token.secret) is None
    again = create_workspace_token.run(actor_of("owner"), ASKED).value  # its name is free again
    assert acts(again).user != token.user


@pytest.mark.parametrize("grace", [0, 24])
def test_a_new_secret_and_the_old_one_for_a_day_or_not_at_all(grace, token, actor_of):
    old = token.secret
    row = rotate_workspace_token.run(actor_of("owner"), {"grace_hours": grace}, target=token).value
    assert row.secret != old
    assert (acts(row).user, acts(row).token) == (token.user, token.public_id)
    assert bool(public.authenticate(old)) == bool(grace)
    with clock.shifted_by(timedelta(hours=23)):
        assert bool(public.authenticate(old)) == bool(grace)
    with clock.shifted_by(timedelta(hours=25)):
        assert public.authenticate(old) is None
        assert public.authenticate(row.secret)
    again = rotate_workspace_token.run(actor_of("owner"), {"grace_hours": 24}, target=token).value
    assert public.authenticate(old) is None  # of the secrets before only the last one is let in
    revoke_workspace_token.run(actor_of("owner"), {}, target=token)
    assert [public.authenticate(secret) for secret in (row.secret, again.secret)] == [None, None]


def test_the_old_secret_does_not_outlive_its_own_end(actor_of):
    short = create_workspace_token.run(actor_of("owner"), {**ASKED, "days": 1}).value
    old = short.secret
    with clock.shifted_by(timedelta(hours=20)):
        rotate_workspace_token.run(actor_of("owner"), {"grace_hours": 24}, target=short)
    with clock.shifted_by(timedelta(hours=25)):
        assert public.authenticate(old) is None


def test_a_revoked_one_is_not_rotated(token, actor_of):
    revoke_workspace_token.run(actor_of("owner"), {}, target=token)
    unchanged(lambda: rotate_workspace_token.run(actor_of("owner"), {}, target=token), Conflict)


@pytest.mark.parametrize("who", ["member", "guest", "stranger"])
def test_only_owners_and_admins_have_to_do_with_them(who, token, actor_of, client_of):
    actor, browser = actor_of(who), client_of(who)
    for action in (rotate_workspace_token, revoke_workspace_token):
        denied(action, actor, {}, token)
    if who != "stranger":  # who makes one of their own workspace's
        denied(create_workspace_token, actor, {**ASKED, "name": "Mine"})
    assert browser.get(PAGE).status_code in (403, 404)
    for part in ("rotate", "revoke"):
        assert browser.post(
            f"{PAGE}{token.public_id}/{part}/", {"grace_hours": 0, "days": 0}
        ).status_code in (403, 404)
    assert acts(token)


def test_a_personal_token_is_none_of_the_workspaces_and_the_other_way_round(token, actor_of):
    personal = create_token.run(actor_of("member"), {"name": "Mine", "scopes": ["goals:read"]}).value
    for action in (rotate_workspace_token, revoke_workspace_token):
        denied(action, actor_of("owner"), {}, personal)
    denied(revoke_token, actor_of("owner"), {}, token)


def test_no_secret_makes_or_changes_a_secret(token, people, actor_of):
    mine = create_token.run(actor_of("owner"), {"name": "Mine", "scopes": authz.scopes()}).value
    for actor in (acts(mine), full(people)):
        unchanged(lambda actor=actor: create_workspace_token.run(actor, {**ASKED, "name": "More"}), Denied)
        unchanged(lambda actor=actor: rotate_workspace_token.run(actor, {}, target=token), Denied)
    unchanged(lambda: revoke_workspace_token.run(full_again(people), {}, target=token), Denied)
    unchanged(lambda: create_token.run(full_again(people), {"name": "x", "scopes": ["goals:read"]}), Denied)


def full_again(people) -> Actor:
    return Actor.for_member(Membership.actors.get(user__name="All admin"), Via.API)


def test_names_tell_them_apart(token, actor_of):
    unchanged(lambda: create_workspace_token.run(actor_of("owner"), ASKED), Invalid)


def test_scopes_it_could_not_use_are_not_offered(actor_of):
    offered = authz.scopes_of_workspace_tokens()
    assert "goals:write" in offered
    assert "notifications:read" not in offered  # nobody reads its inbox
    for scopes in (["notifications:read"], ["moon:write"], []):
        unchanged(
            lambda s=scopes: create_workspace_token.run(actor_of("owner"), {**ASKED, "scopes": s}), Invalid
        )
    unchanged(lambda: create_workspace_token.run(actor_of("owner"), {**ASKED, "role": "owner"}), Invalid)


#: What no workspace token may do with any scope, whoever made it.
NEVER = {
    "workspaces.security.edit", "workspaces.member.edit", "workspaces.member.invite",
    "workspaces.member_import.edit", "workspaces.token.create", "workspaces.token.revoke",
    "workspaces.workspace_token.create", "workspaces.workspace_token.edit", "digests.robot.create",
    "digests.robot.edit", "notifications.notification.edit", "workspaces.workspace.delete",
    "workspaces.workspace.leave", "workspaces.profile.edit", "workspaces.server.manage",
    "analytics.person.export", "analytics.person.erase",
}  # fmt: skip


def test_it_never_does_what_people_decide(people):
    actor = full(people)
    held = authz.permissions()
    assert {name for name in NEVER if authz.can(actor, name)} == set()
    assert {name for name, p in held.items() if p.account and authz.can(actor, name)} == set()
    # Nor anything else that an admin may not.
    admin = Actor.for_member(people.admin)
    assert {name for name in held if authz.can(actor, name) and not authz.can(admin, name)} == set()
    assert authz.can(actor, "workspaces.project.create")


@pytest.mark.parametrize(
    ("action", "data", "on"),
    [
        ("workspaces.member.change_role", {"role": "admin"}, "member"),
        ("workspaces.member.deactivate", {}, "member"),
        ("workspaces.member.invite", {"email": "new@acme.example", "role": "admin"}, None),
        ("workspaces.invitation.create_link", {"role": "admin"}, None),
        ("workspaces.workspace.delete", {"name": "Acme"}, "workspace"),
        ("workspaces.security.edit", {}, "workspace"),
        ("analytics.person.export", {"about": "user:0123456789abcdef"}, None),
        ("analytics.person.erase", {"about": "user:0123456789abcdef", "typed": "Ann"}, None),
    ],
)
def test_the_door_turns_it_away(action, data, on, people):
    actor = full(people)
    target = getattr(people, on) if on else None
    unchanged(lambda: run_named(action, actor, data, target=target), Denied)


def test_security_settings_hold_for_it_but_a_second_step(token, people):
    people.workspace.second_factor_required = True
    people.workspace.allowed_networks = ["10.0.0.0/8"]
    people.workspace.save()
    assert acts(token)
    with pytest.raises(AddressNotAllowed):
        public.authenticate(token.secret, ip="192.0.2.1")


def test_it_cannot_sign_in(token):
    user = User.actors.get(pk=token.user_id)
    assert not user.has_usable_password()
    user.set_password("correct horse battery")
    user.save()  # even so
    assert sign_in(None, username=user.email, password="correct horse battery") is None
    assert sign_in(None, email=user.email, password="correct horse battery") is None
    for backend in settings.AUTHENTICATION_BACKENDS:  # nor does a session that somehow names it open anything
        browser = Client()
        browser.force_login(user, backend=backend)
        assert browser.get("/w/acme/").headers["Location"].startswith("/accounts/login/")
    assert not EmailAddress.objects.filter(user=user).exists()


def test_its_uses_are_noted_under_its_name(token, client_of):
    acts(token)
    used = Event.objects.get(name="workspaces.token_used")
    assert (used.actor, used.ip, used.workspace.slug) == (token.user, "10.0.0.1", "acme")
    audit = client_of("owner").get("/w/acme/settings/audit/").content.decode()
    assert "Token CI 部署</b> used the API token" in " ".join(audit.split())
    assert f'value="{token.user.public_id}"' in audit  # to choose its doings by
    page = client_of("owner").get(PAGE).content.decode()
    assert "from 10.0.0.1" in page


def test_every_change_to_it_is_in_the_audit_log(token, actor_of, client_of):
    rotate_workspace_token.run(actor_of("owner"), {"grace_hours": 24}, target=token)
    revoke_workspace_token.run(actor_of("owner"), {}, target=token)
    told = list(
        Event.objects.filter(name__startswith="workspaces.token_")
        .order_by("pk")
        .values_list("name", "actor__name")
    )
    assert told == [
        ("workspaces.token_issued", "Admin"),
        ("workspaces.token_rotated", "Owner"),
        ("workspaces.token_revoked", "Owner"),
    ]
    said = client_of("owner").get("/w/acme/settings/audit/?kind=access").content.decode()
    for words in ("made the workspace token", "the old one works for 24 more hours", "revoked the"):
        assert words in said
    lines = client_of("owner").post("/w/acme/settings/audit/export/", {"form": "jsonl"})
    body = b"".join(lines.streaming_content).decode()
    assert token.secret not in body
    assert "token.invalid" not in body


def test_the_page_shows_a_secret_once(client_of, people):
    browser = client_of("owner")
    assert "No workspace tokens yet" in browser.get(PAGE).content.decode()
    refused = browser.post(PAGE, {"name": "Kept", "days": "90", "role": "member"})
    assert refused.status_code == 422
    assert 'value="Kept"' in refused.content.decode()
    made = browser.post(PAGE, {"name": "CI", "days": "0", "role": "admin", "scopes": ["goals:read"]})
    secret = re.search(r"tpw_\w{49}", made.content.decode())[0]
    assert public.authenticate(secret)
    row = WorkspaceToken.objects.get()
    assert (row.expires_at, row.membership.role) == (None, "admin")
    assert secret not in browser.get(PAGE).content.decode()
    taken = browser.post(PAGE, {"name": "CI", "days": "0", "role": "member", "scopes": ["goals:read"]})
    assert taken.status_code == 422
    turned = browser.post(f"{PAGE}{row.public_id}/rotate/", {"grace_hours": "24", "days": "90"})
    assert "goes on working for a day" in turned.content.decode()
    assert "The old secret works until" in browser.get(PAGE).content.decode()
    browser.post(f"{PAGE}{row.public_id}/revoke/")
    assert "No workspace tokens yet" in browser.get(PAGE).content.decode()


@pytest.mark.parametrize("rows", [1, 4])
def test_the_list_costs_the_same_whatever_the_rows(rows, actor_of, client_of, django_assert_num_queries):
    for n in range(rows):
        create_workspace_token.run(actor_of("owner"), {**ASKED, "name": f"T{n}"})
    browser = client_of("owner")
    browser.get(PAGE)
    with django_assert_num_queries(7):
        browser.get(PAGE)


def test_it_leads_no_project_and_is_in_none(people):
    actor = full(people)
    unchanged(lambda: run_named("workspaces.project.create", actor, {"name": "Made by a program"}), Invalid)
    run_named("workspaces.project.create", actor, {"name": "P", "key": "PP", "lead": people.member.public_id})
    assert list(ProjectMember.objects.values_list("membership", flat=True)) == [people.member.pk]
    assert Project.objects.get().created_by == actor.user


def test_nothing_that_lists_or_counts_people_knows_it(token, people, actor_of, client_of, drain):
    """The default managers leave tokens out; here are the places where people meet people."""
    drain()
    names = {token.name, token.user.email}
    owner = client_of("owner")
    pages = [
        "/w/acme/members/", "/w/acme/members/?q=CI", "/w/acme/", f"/w/acme/members/{people.admin.public_id}/leaving/",
        "/w/acme/settings/security/", "/w/acme/settings/",
    ]  # fmt: skip
    for page in pages:
        answer = owner.get(page)
        assert answer.status_code == 200, page
        assert not [name for name in names if name in answer.content.decode()], page
    for source in ("/w/acme/members/pick/?q=", "/w/acme/members/pick/?q=CI"):
        found = owner.get(source)
        assert found.status_code == 200, source
        assert json.loads(found.content)["items"] is not None
        assert token.name not in found.content.decode()
    personal = create_token.run(actor_of("owner"), {"name": "x", "scopes": authz.scopes()}).value
    listed = Client().get(
        "/api/v1/workspaces/acme/members", headers={"Authorization": f"Bearer {personal.secret}"}
    )
    assert len(listed.json()["items"]) == 4
    found = Client().get(
        "/api/v1/workspaces/acme/search", {"q": "CI"}, headers={"Authorization": f"Bearer {personal.secret}"}
    )
    assert token.name not in found.content.decode()
    denied(deactivate_member, actor_of("owner"), {}, token.membership)
    assert Membership.objects.filter(workspace=people.workspace).count() == 4
    assert not User.objects.filter(pk=token.user_id).exists()


def test_the_erased_workspace_leaves_no_account_of_it(token, people, actor_of):
    acts(token)
    # The database goes by its own clock when it lets a workspace's events go: the past is played, not the future.
    with clock.shifted_by(timedelta(days=-31)):
        run_named("workspaces.workspace.delete", actor_of("owner"), {"name": "Acme"}, target=people.workspace)
    assert purge_deleted() == 1
    assert not User.actors.filter(pk=token.user_id).exists()
    assert User.objects.count() == 5
