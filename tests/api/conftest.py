"""Programs with tokens: each person's own token, made through the action that makes them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from tongpin.kernel import authz
from tongpin.modules.workspaces.actions.token import create_token


@dataclass(frozen=True)
class Program:
    """A caller of the API with a token, or without one."""

    token: str | None

    def get(self, path: str, **query: Any) -> Any:
        return self.send("GET", path, query)

    def do(self, action: str, target=None, data=None, *, slug="acme", version=None, headers=None) -> Any:
        """Call an action."""
        call: dict[str, Any] = {"data": data or {}}
        if target is not None:
            call["target"] = str(getattr(target, "public_id", target))
        if version is not None:
            call["version"] = version
        return self.post(f"workspaces/{slug}/actions/{action}", json.dumps(call), headers=headers)

    def post(self, path: str, body: str | bytes, *, content_type="application/json", headers=None) -> Any:
        return self.send("POST", path, body, content_type=content_type, headers=headers)

    def send(self, method: str, path: str, data: Any = None, *, content_type=None, headers=None) -> Any:
        headers = {**({"Authorization": f"Bearer {self.token}"} if self.token else {}), **(headers or {})}
        more = {"content_type": content_type} if content_type else {}
        # As a real server: an error that nothing caught is a 500, not a traceback in the test.
        client = Client(raise_request_exception=False)
        return getattr(client, method.lower())(f"/api/v1/{path}", data, headers=headers, **more)


@pytest.fixture
def program_of(actor_of):
    """``program_of("member")``: a program with that person's token; ``scopes`` None gives it all there are."""

    def program(who, scopes=None):
        if who == "nobody":
            return Program(None)
        made = create_token.run(actor_of(who), {"name": "test", "scopes": scopes or authz.scopes()})
        return Program(made.value.secret)

    return program


def problem(answer, status, code):
    """The problem in the answer, after checking what every problem has."""
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    found = answer.json()
    assert found["status"] == status
    assert found["code"] == code
    assert found["detail"]
    return found
