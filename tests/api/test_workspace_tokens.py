"""Programs of the workspace: their own name, their own keys, their own count of calls."""

from __future__ import annotations

import pytest

from tests.api.conftest import Program, problem
from tongpin.kernel import clock
from tongpin.kernel.events.models import Event
from tongpin.modules.analytics.actions.source import create_source
from tongpin.modules.workspaces.actions.workspace_token import (
    create_workspace_token,
    rotate_workspace_token,
)

pytestmark = pytest.mark.django_db


def test_a_workspace_token_is_told_as_one(people, actor_of, program_of):
    asked = {"name": "CI", "role": "admin", "scopes": ["workspaces:read", "workspaces:write"]}
    made = create_workspace_token.run(actor_of("owner"), asked).value
    program = Program(made.secret)
    me = program.get("me").json()
    assert (me["person"]["kind"], me["person"]["name"], me["person"]["email"]) == ("token", "CI", None)
    done = program.do(
        "workspaces.department.create", data={"name": "Sales"}, headers={"Idempotency-Key": "k"}
    )
    assert done.status_code == 200
    event = Event.objects.get(name="workspaces.department_created")
    assert event.actor == made.user
    # A key is one token's: another's call with it does its own work.
    other = create_workspace_token.run(actor_of("owner"), {**asked, "name": "Other"}).value
    again = Program(other.secret).do(
        "workspaces.department.create", data={"name": "Support"}, headers={"Idempotency-Key": "k"}
    )
    assert (again.status_code, again.json()["repeated"]) == (200, False)
    refused = program.do("workspaces.member.change_role", people.member, {"role": "admin"})
    assert refused.status_code == 403


def test_calls_are_counted_for_each_token_whichever_secret_comes(actor_of, settings):
    settings.API_RATE = 3
    asked = {"name": "CI", "scopes": ["workspaces:read"]}
    made = create_workspace_token.run(actor_of("owner"), asked).value
    old = made.secret
    new = rotate_workspace_token.run(actor_of("owner"), {"grace_hours": 24}, target=made).value.secret
    other = create_workspace_token.run(actor_of("owner"), {**asked, "name": "Other"}).value.secret
    with clock.frozen_at(clock.now()):
        called = [Program(secret).get("me").status_code for secret in (old, new, old, new, other)]
    assert called == [200, 200, 200, 429, 200]


def test_forwarding_to_another_company_is_begun_by_a_person(people, actor_of, program_of):
    """A key of a program, found or lent, must not be a way to lead customers' data out of the house."""
    source = create_source.run(actor_of("owner"), {"name": "Shop"}).value
    asked = {"name": "CI", "role": "admin", "scopes": ["analytics:read", "analytics:write"]}
    program = Program(create_workspace_token.run(actor_of("owner"), asked).value.secret)
    away = {"forward_to": "https://vendor.example"}
    refused = problem(
        program.do("analytics.source.edit", source, {**away, "name": "Taken"}), 403, "person_needed"
    )
    assert "person" in refused["detail"]
    source.refresh_from_db()
    assert (source.forward_to, source.name) == ("", "Shop")
    assert program.do("analytics.source.edit", source, {"name": "Site"}).status_code == 200
    assert program_of("member").do("analytics.source.edit", source, away).status_code == 403
    assert (
        program_of("admin", ["analytics:write"]).do("analytics.source.edit", source, away).status_code == 200
    )
    assert program.do("analytics.source.edit", source, {"forward_to": ""}).status_code == 200
    source.refresh_from_db()
    assert source.forward_to == ""
