"""The list as a program asks for it: through its address, with a token."""

from __future__ import annotations

from tongpin.kernel.actions.door import run_named
from tongpin.modules.goals.tests.steps import create


def test_the_workspace_stands_in_the_address_alone(client_of, actor_of):
    row = create(actor_of("member"))
    data = {"name": "CI", "scopes": ["goals:read"]}
    token = run_named("workspaces.token.create", actor_of("member"), data).value
    head = {"HTTP_AUTHORIZATION": f"Bearer {token.secret}"}
    address = "/api/v1/workspaces/acme/goals/lookbacks"
    listed = client_of("nobody").get(address, **head).json()
    assert [item["id"] for item in listed["items"]] == [str(row.public_id)]
    assert client_of("nobody").get(f"{address}/{row.public_id}", **head).json()["title"] == row.title
