"""Every registered action, tried by everyone who may not: refused, and nothing changed."""

from __future__ import annotations

import pytest

from tongpin.kernel import authz
from tongpin.kernel.actions import door
from tongpin.kernel.actions.registry import registry
from tongpin.kernel.errors import Denied, NotFound
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Role, Via

from .places import make
from .watching import fingerprint

ACTIONS = sorted(name for name in registry if not name.startswith("testing."))


def attempt(name, actor, targets):
    """Run with input that is taken as it is: the refusal must come before anything reads it."""
    action = registry[name]
    target = targets[action.target] if action.target else None
    door.run(action, actor, action.input.model_construct(), target=target)


def refused(name, actor, targets):
    before = fingerprint()
    with pytest.raises((Denied, NotFound)):
        attempt(name, actor, targets)
    assert fingerprint() == before


@pytest.mark.parametrize("name", [n for n in ACTIONS if registry[n].target])
def test_a_stranger(people, actor_of, name):
    """From their own workspace, with the id of a row of acme."""
    refused(name, actor_of("stranger"), make(people))


@pytest.mark.parametrize("name", ACTIONS)
def test_nobody(people, name):
    """Signed out, however the workspace was named."""
    refused(name, Actor(user=None, workspace=people.workspace, via=Via.WEB), make(people))


@pytest.mark.parametrize("name", ACTIONS)
def test_a_token_without_the_scope(people, name):
    actor = Actor(
        user=people.owner.user,
        workspace=people.workspace,
        membership=people.owner,
        via=Via.API,
        scopes=frozenset({"nothing:read"}),
    )
    refused(name, actor, make(people))


@pytest.mark.parametrize("who", ["guest", "member", "admin"])
@pytest.mark.parametrize("name", [n for n in ACTIONS if not registry[n].account])
def test_a_role_without_the_permission(people, actor_of, name, who):
    """Whoever's role does not hold the permission, on a row that belongs to the owner."""
    permission = authz.permissions()[registry[name].permission]
    if Role(who) in permission.roles:
        pytest.skip("this role holds it")
    if registry[name].target is None and permission.when is not None:
        pytest.skip("this permission depends on the row")
    targets = make(people)
    refused(name, actor_of(who), targets)
