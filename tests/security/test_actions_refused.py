"""Every registered action, tried by everyone who may not: refused, and nothing changed."""

from __future__ import annotations

import pytest
from django.db import transaction

from tongpin.kernel import authz
from tongpin.kernel.actions import door
from tongpin.kernel.actions.registry import registry
from tongpin.kernel.errors import Denied, NotFound
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Role, Via
from tongpin.modules.analytics.models import Tile

from .places import make
from .watching import fingerprint

ACTIONS = sorted(name for name in registry if not name.startswith("testing."))


def taken(names, actor, targets) -> list[str]:
    """The actions that were not refused, or changed something. Each gets input that is taken as it is: the refusal
    must come before anything reads it.
    """
    found, before = [], fingerprint()
    for name in names:
        action = registry[name]
        target = targets[action.target] if action.target else None
        try:
            with transaction.atomic():
                door.run(action, actor, action.input.model_construct(), target=target)
            found.append(name)
        except (Denied, NotFound):
            pass
        if fingerprint() != before:
            found.append(f"{name} changed something")
            before = fingerprint()
    return found


def test_every_kind_of_target_is_tried(people):
    targets = make(people)
    assert {registry[name].target for name in ACTIONS} - {None} == set(targets) - {
        Tile
    }  # a dashboard is what is changed


def test_a_stranger_with_the_ids_of_another_workspace(people, actor_of):
    targets = make(people)
    assert taken([n for n in ACTIONS if registry[n].target], actor_of("stranger"), targets) == []


def test_nobody_however_the_workspace_was_named(people):
    targets = make(people)
    assert taken(ACTIONS, Actor(user=None, workspace=people.workspace, via=Via.WEB), targets) == []


def test_an_owner_s_token_without_the_scope(people):
    targets = make(people)
    token = Actor(
        user=people.owner.user,
        workspace=people.workspace,
        membership=people.owner,
        via=Via.API,
        scopes=frozenset({"nothing:read"}),
    )
    assert taken(ACTIONS, token, targets) == []


@pytest.mark.parametrize("who", ["guest", "member", "admin"])
def test_a_role_without_the_permission_on_what_belongs_to_the_owner(people, actor_of, who):
    declared = authz.permissions()

    def tried(name):
        action, permission = registry[name], declared[registry[name].permission]
        own_rows_only = action.target is None and permission.when is not None
        return not action.account and Role(who) not in permission.roles and not own_rows_only

    names = [name for name in ACTIONS if tried(name)]
    targets = make(people)
    assert taken(names, actor_of(who), targets) == []


def test_no_action_escapes_the_roles_sweep_unseen():
    """Guests are tried with all but account actions, what guests may do, and what is refused by the row alone."""
    declared = authz.permissions()
    by_row_alone = {
        name
        for name in ACTIONS
        if registry[name].target is None
        and declared[registry[name].permission].when is not None
        and not registry[name].account
        and Role.GUEST not in declared[registry[name].permission].roles
    }
    assert by_row_alone == set()
