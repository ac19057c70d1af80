"""Joining by the domain of a confirmed address."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from tongpin.kernel import clock, news
from tongpin.kernel.actions.door import run_named
from tongpin.kernel.errors import Denied, Invalid, NotFound
from tongpin.kernel.events.models import Event
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership, User
from tongpin.modules.workspaces.actions.domain_access import edit_domain_access, join_by_domain
from tongpin.modules.workspaces.actions.member import deactivate_member
from tongpin.modules.workspaces.models import DomainAccess

from .denied import denied, unchanged

pytestmark = pytest.mark.django_db


def confirm(user, *, verified=True) -> User:
    EmailAddress.objects.create(user=user, email=user.email, verified=verified, primary=True)
    return user


def somebody(email, *, verified=True) -> User:
    return confirm(User.objects.create_user(email, "correct horse battery", name="何予安"), verified=verified)


@pytest.fixture
def access(people, actor_of):
    confirm(people.admin.user)
    return edit_domain_access.run(actor_of("admin"), {"domains": ["@Acme.Example"], "role": "guest"}).value


def join(user, people):
    return join_by_domain.run(Actor.of(user), {"workspace": people.workspace.public_id}).value


def test_a_confirmed_colleague_joins_and_admins_hear_of_it(access, people):
    user = somebody("new@acme.example")
    member = join(user, people)
    assert member.role == Role.GUEST
    assert join(user, people) == member
    event = Event.objects.get(name="workspaces.member_joined")
    rule = next(r for r in news.rules_for(event.name) if r.kind.key == "workspaces.joined")
    assert {m.role for m in rule.recipients(event)} == {"owner", "admin"}
    said = rule.wording(event, "en")
    assert (said.title, said.body) == ("何予安 joined", "By an address at acme.example, as Guest.")


@pytest.mark.parametrize(
    ("email", "verified"),
    [
        ("new@acme.example", False),
        ("new@other.example", True),
        ("new@sub.acme.example", True),
        ("new@evilacme.example", True),
    ],
)
def test_nobody_else_does(email, verified, access, people):
    user = somebody(email, verified=verified)
    unchanged(lambda: join(user, people), NotFound)


def test_not_once_it_is_off_nor_after_a_deactivation(access, people, actor_of):
    user = somebody("new@acme.example")
    member = join(user, people)
    deactivate_member.run(actor_of("admin"), {}, target=member)
    unchanged(lambda: join(user, people), Denied)
    outcome = edit_domain_access.run(actor_of("admin"), {"domains": []})
    other = somebody("other@acme.example")
    unchanged(lambda: join(other, people), NotFound)
    run_named(outcome.undo.action, actor_of("admin"), outcome.undo.data, target=outcome.undo.target)
    assert join(other, people).role == Role.GUEST


@pytest.mark.parametrize(
    ("domain", "said"),
    [
        ("gmail.com", "Anybody can have an address at gmail.com"),
        ("QQ.com", "Anybody can have an address at qq.com"),
        ("163.com", "Anybody can have an address at 163.com"),
        ("nonsense", "is not a mail domain"),
        ("a@b.com", "is not a mail domain"),
        ("other.example", "No owner or admin here has a confirmed address"),
    ],
)
def test_domains_that_are_not_ours(domain, said, people, actor_of, client_of):
    confirm(people.admin.user)
    unchanged(lambda: edit_domain_access.run(actor_of("admin"), {"domains": [domain]}), Invalid)
    answer = client_of("admin").post("/w/acme/members/domains/", {"domains": domain, "role": "member"})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert f'value="{domain}"' in answer.content.decode()
    assert not DomainAccess.objects.exists()


@pytest.mark.parametrize("role", ["admin", "owner"])
def test_it_gives_no_power(role, people, actor_of):
    confirm(people.owner.user)
    data = {"domains": ["acme.example"], "role": role}
    unchanged(lambda: edit_domain_access.run(actor_of("owner"), data), Invalid)


@pytest.mark.parametrize("who", ["member", "guest"])
def test_denied(who, people, actor_of):
    denied(edit_domain_access, actor_of(who), {"domains": []})


def test_the_front_page_offers_it(access, people):
    client = Client()
    user = somebody("new@acme.example")
    client.force_login(user)
    assert "Join Acme" in client.get("/workspaces/").content.decode()
    url = f"/workspaces/{people.workspace.public_id}/join/"
    assert client.post(url).url == "/w/acme/"
    assert Membership.objects.filter(user=user, workspace=people.workspace).count() == 1
    assert "Join Acme" not in client.get("/workspaces/").content.decode()


def test_the_front_page_does_not_offer_it_unconfirmed(access, people):
    client = Client()
    client.force_login(somebody("new@acme.example", verified=False))
    assert "Join Acme" not in client.get("/workspaces/").content.decode()
    assert client.post(f"/workspaces/{people.workspace.public_id}/join/").status_code == 404


def test_the_sign_up_page_says_that_a_work_address_helps_but_not_whose(access, people, client):
    page = client.get("/accounts/signup/").content.decode()
    assert "With your work address" in page
    assert "acme" not in page.lower()
    people.workspace.deleted_at = clock.now()
    people.workspace.save()
    assert "With your work address" not in client.get("/accounts/signup/").content.decode()
