"""Undo tokens and idempotency keys of another person are of no use."""

from __future__ import annotations

import json

import pytest
from django.core import signing
from django.test import Client

from tongpin.kernel.actions.models import OnceKey
from tongpin.kernel.events.models import Event
from tongpin.modules.goals.models import LookBack
from tongpin.modules.workspaces.actions.member import change_role, deactivate_member
from tongpin.modules.workspaces.actions.token import create_token
from tongpin.ui.answers import UNDO_SALT, undo_token

from .places import make
from .watching import fingerprint


@pytest.fixture
def deleted(people, client_of):
    """A look back of the owner, deleted through the page, and the undo token that came with the answer."""
    lookback = make(people)[LookBack]
    answer = client_of("owner").post(f"/w/acme/lookback/{lookback}/delete/")
    return lookback, json.loads(answer.headers["HX-Trigger"])["toast"]["undo"]


def there(lookback) -> bool:
    return LookBack.objects.filter(public_id=lookback, deleted_at=None).exists()


def test_it_works_for_the_person_it_was_made_for(deleted, client_of):
    lookback, token = deleted
    assert client_of("owner").post("/undo/", {"token": token}).status_code == 204
    assert there(lookback)


@pytest.mark.parametrize(
    ("who", "status"), [("admin", 403), ("guest", 403), ("stranger", 403), ("nobody", 302)]
)
def test_an_undo_token_of_another_person_does_nothing(deleted, client_of, who, status):
    _lookback, token = deleted
    before = fingerprint()
    assert client_of(who).post("/undo/", {"token": token}).status_code == status
    assert fingerprint() == before


def tampered(token: str) -> list[str]:
    call = signing.loads(token, salt=UNDO_SALT)
    return [
        token[:-2] + ("aa" if token[-2:] != "aa" else "bb"),
        signing.dumps({**call, "action": "workspaces.workspace.delete"}, salt="another.salt"),
        signing.dumps({**call, "action": "workspaces.workspace.delete"}, salt=UNDO_SALT, key="guessed"),
        "",
        "x" * 5000,
        token.replace(":", "", 1),
    ]


def test_a_token_changed_or_made_up_does_nothing(deleted, client_of):
    _lookback, token = deleted
    before = fingerprint()
    for wrong in tampered(token):
        assert client_of("owner").post("/undo/", {"token": wrong}).status_code == 409
    assert fingerprint() == before


def test_it_does_not_outlive_the_right_to_do_it(people, actor_of, client_of):
    """An admin changes a role and is then made a member: the undo of that change is no longer theirs."""
    outcome = change_role.run(actor_of("admin"), {"role": "guest"}, target=people.member)
    token = undo_token(actor_of("admin"), outcome.undo)
    people.admin.role = "member"
    people.admin.save()
    before = fingerprint()
    assert client_of("admin").post("/undo/", {"token": token}).status_code == 403
    people.admin.role = "admin"
    people.admin.save()
    deactivate_member.run(actor_of("owner"), {}, target=people.admin)
    assert client_of("admin").post("/undo/", {"token": token}).status_code == 404
    people.member.refresh_from_db()
    assert (people.member.role, fingerprint() == before) == ("guest", False)


def test_it_tells_no_numbers_of_the_database(deleted, people):
    """The token is signed, not sealed: whoever holds it can read it."""
    call = signing.loads(deleted[1], salt=UNDO_SALT)
    assert [name for name, value in call.items() if isinstance(value, int)] == ["version"]


def test_it_takes_back_nothing_that_others_did_later(people, actor_of, client_of):
    given = change_role.run(actor_of("owner"), {"role": "admin"}, target=people.member)
    token = undo_token(actor_of("owner"), given.undo)
    change_role.run(actor_of("admin"), {"role": "guest"}, target=people.member)
    answer = client_of("owner").post("/undo/", {"token": token}, headers={"HX-Request": "true"})
    people.member.refresh_from_db()
    assert (answer.status_code, people.member.role) == (409, "guest")


LINK = "/api/v1/workspaces/{}/actions/workspaces.invitation.create_link"


def make_link(secret: str, key: str, slug: str = "acme", **data):
    return Client().post(
        LINK.format(slug),
        {"data": data},
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": key},
    )


def test_an_idempotency_key_is_ones_own(people, actor_of):
    """The same key of two people: each gets their own work done, neither learns of the other's."""
    scopes = {"name": "CI", "scopes": ["workspaces:write"]}
    owner, admin, stranger = (
        create_token.run(actor_of(w), scopes).value.secret for w in ("owner", "admin", "stranger")
    )
    first = make_link(owner, "same-key", role="admin")
    assert (first.status_code, first.json()["repeated"]) == (200, False)
    again = make_link(owner, "same-key", role="admin")
    assert again.json()["repeated"]
    for secret, slug in ((admin, "acme"), (stranger, "elsewhere")):
        theirs = make_link(secret, "same-key", slug, role="guest")
        assert (theirs.status_code, theirs.json()["repeated"]) == (200, False)
    assert OnceKey.objects.filter(key="same-key").count() == 3


def happened() -> int:
    """How many events there are but for the audit log's note of a refusal."""
    return Event.objects.exclude(name="workspaces.access_refused").count()


def test_a_key_opens_nothing_that_became_closed(people, actor_of):
    """A repeated call learns that it was done, since its answer may have been lost; nothing opens or happens."""
    token = create_token.run(actor_of("admin"), {"name": "CI", "scopes": ["workspaces:write"]}).value.secret
    assert make_link(token, "k").status_code == 200
    people.admin.role = "guest"
    people.admin.save()
    before = happened()
    again = make_link(token, "k")
    assert (again.status_code, again.json()["repeated"], again.json()["card"]) == (200, True, None)
    assert make_link(token, "another").status_code == 403
    assert happened() == before


def test_a_key_answers_for_what_it_took_out_of_sight(people, actor_of, client):
    """The answer to a deletion got lost: asked again with its key it is done, not absent."""
    lookback = make(people)[LookBack]
    token = create_token.run(actor_of("owner"), {"name": "CI", "scopes": ["goals:write"]}).value.secret

    def delete(key):
        return client.post(
            "/api/v1/workspaces/acme/actions/goals.lookback.delete",
            {"target": str(lookback), "data": {}},
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key},
        )

    assert (delete("k").status_code, delete("k").status_code) == (200, 200)
    assert delete("k").json()["repeated"]
    assert delete("another").status_code == 404
