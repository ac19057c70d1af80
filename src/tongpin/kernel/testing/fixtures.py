"""The three people of every permission test (owner, member, stranger), two more roles, and the relay by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

if TYPE_CHECKING:  # models cannot be imported before Django is set up, and pytest loads this file before that
    from tongpin.kernel.tenancy.actor import Actor
    from tongpin.kernel.tenancy.enums import Via
    from tongpin.kernel.tenancy.models import Membership, Workspace

__all__ = ["actor_of", "client_of", "drain", "people"]

ROLES = ("owner", "admin", "member", "guest", "stranger")


@dataclass(frozen=True)
class People:
    """Workspace ``acme`` with one active member of each role; ``stranger`` owns the workspace ``elsewhere``."""

    workspace: Workspace
    elsewhere: Workspace
    owner: Membership
    admin: Membership
    member: Membership
    guest: Membership
    stranger: Membership

    def of(self, who: str) -> Membership:
        """The membership called ``who``: one of ROLES."""
        found: Membership = getattr(self, who)
        return found


def make_people() -> People:
    """Write the fixture's rows, straight to the database: these are not what is being tested."""
    from tongpin.kernel.tenancy.enums import Role
    from tongpin.kernel.tenancy.models import Membership, User, Workspace

    acme = Workspace.objects.create(slug="acme", name="Acme")
    elsewhere = Workspace.objects.create(slug="elsewhere", name="Elsewhere")
    made = {}
    for who in ROLES:
        user = User.objects.create_user(f"{who}@acme.example", "correct horse battery", name=who.title())
        made[who] = Membership.objects.create(
            workspace=elsewhere if who == "stranger" else acme,
            user=user,
            role=Role.OWNER if who == "stranger" else Role(who),
        )
    return People(acme, elsewhere, **made)


@pytest.fixture
def people(db: None) -> People:
    return make_people()


@pytest.fixture
def actor_of(people: People) -> Callable[..., Actor]:
    """``actor_of("member")``: the actor in acme. The stranger's actor is in their own workspace."""

    from tongpin.kernel.tenancy.actor import Actor
    from tongpin.kernel.tenancy.enums import Via

    def actor(who: str, via: Via = Via.WEB) -> Actor:
        return Actor.for_member(people.of(who), via)

    return actor


@pytest.fixture
def client_of(people: People) -> Callable[[str], Client]:
    """``client_of("guest")``: a Django client signed in as that person; ``client_of("nobody")`` is signed out."""

    def client(who: str) -> Client:
        made = Client()
        if who != "nobody":
            made.force_login(people.of(who).user)
        return made

    return client


@pytest.fixture
def drain() -> Callable[[], int]:
    """Run the relay until nothing is left, seeing this test's own uncommitted events."""
    from tongpin.kernel.events import relay

    def run() -> int:
        total = 0
        while handled := relay.run_once(own_uncommitted=True):
            total += handled
        return total

    return run


def refused(run: Callable[[], Any]) -> bool:
    """Whether the door turned the call away as denied or not found."""
    from tongpin.kernel.errors import Denied, NotFound

    try:
        run()
    except (Denied, NotFound):
        return True
    return False
