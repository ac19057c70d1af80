"""Following the company's directory: people come in with their department, and go, with a real slapd."""

from __future__ import annotations

import dataclasses

import pytest
from allauth.socialaccount.models import SocialAccount

from tongpin.kernel.events.models import Event
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership, User
from tongpin.modules.workspaces import jobs, public
from tongpin.modules.workspaces.actions.department_member import set_department_members
from tongpin.modules.workspaces.actions.member import deactivate_member
from tongpin.modules.workspaces.actions.token import create_token
from tongpin.modules.workspaces.ldap.directory import Unavailable
from tongpin.modules.workspaces.ldap.sync import Followed, follow
from tongpin.modules.workspaces.models import Department, DepartmentMember

from . import slapd
from .signing_in import is_in
from .test_ldap import configured, sign_in

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(slapd.SLAPD is None, reason="slapd is not installed (bin/install-directory)"),
]


@pytest.fixture
def directory(tmp_path, settings, people):
    with slapd.running(tmp_path) as server:
        server.nuo = server.add("nuo", "沈一诺", "nuo@corp.example", units=("产品部", "增长组"))
        server.add("yuan", "周远", "yuan@corp.example", units=("产品部",))
        server.add("kim", "Kim", "kim@corp.example")
        server.add("nomail", "No Mail")
        settings.LDAP = configured(server, workspace="acme", departments=True)
        yield server


def member(login: str) -> Membership:
    return Membership.objects.get(user__email=f"{login}@corp.example")


def places(login: str) -> list[str]:
    rows = DepartmentMember.objects.filter(membership=member(login), department__deleted_at=None)
    return sorted(row.department.name for row in rows.select_related("department"))


def test_everyone_comes_in_with_their_department_and_once_only(directory, people):
    assert follow() == Followed(people=4, left_out=1)
    assert {login: places(login) for login in ("nuo", "yuan", "kim")} == {
        "nuo": ["增长组"], "yuan": ["产品部"], "kim": [],
    }  # fmt: skip
    assert Department.objects.get(name="增长组").parent.name == "产品部"
    assert member("nuo").role == "member"
    before = (User.objects.count(), Membership.objects.count(), Event.objects.count())
    jobs.follow_directory(0)
    assert (User.objects.count(), Membership.objects.count(), Event.objects.count()) == before


def test_who_signs_in_before_the_next_look_is_a_member_at_once(directory, people, settings):
    settings.SIGN_UP = "invited"
    browser, _page = sign_in("nuo")
    assert browser.get("/w/acme/members/").status_code == 200


def test_who_goes_loses_access(directory, people):
    follow()
    browser, _page = sign_in("nuo")
    actor = Actor.for_member(member("nuo"))
    token = create_token.run(actor, {"name": "Import", "scopes": ["workspaces:read"]}).value
    assert browser.get("/w/acme/members/").status_code == 200

    directory.remove(directory.nuo)
    assert follow() == Followed(people=3, left_out=1, ended=1)
    assert browser.get("/w/acme/members/").headers["Location"].startswith("/accounts/login/")
    assert public.authenticate(token.secret) is None
    assert member("nuo").deactivated_at is not None
    names = list(Event.objects.filter(subject_id=member("nuo").user.public_id).values_list("name", flat=True))
    assert names[-1] == "workspaces.account_ended"
    assert follow() == Followed(people=3, left_out=1)


def test_who_is_locked_there_loses_access_and_gets_it_again(directory, people, monkeypatch):
    """As Active Directory and 389 switch accounts off; slapd needs an overlay for it, so the reading is turned."""
    follow()
    browser, _page = sign_in("kim")
    disabled = lambda self: [  # noqa: E731
        dataclasses.replace(entry, disabled=entry.login == "kim") for entry in whole(self)
    ]
    from tongpin.modules.workspaces.ldap.directory import Directory

    whole = Directory.people
    with monkeypatch.context() as turned:
        turned.setattr(Directory, "people", disabled)
        assert follow().ended == 1
    assert browser.get("/w/acme/members/").status_code == 302
    refused, page = sign_in("kim")
    assert not is_in(refused)
    assert page.headers["Location"] == "/accounts/inactive/"
    assert follow().restored == 1
    assert member("kim").deactivated_at is None
    assert sign_in("kim")[0].get("/w/acme/members/").status_code == 200
    assert SocialAccount.objects.get(user=member("kim").user).extra_data == {
        "name": "Kim (kim)",
        "login": "kim",
    }


def test_who_was_deactivated_here_stays_so(directory, people, actor_of):
    follow()
    deactivate_member.run(actor_of("admin"), target=member("kim"))
    follow()
    assert member("kim").deactivated_at is not None
    assert sign_in("kim")[0].get("/w/acme/members/").status_code == 404


def test_many_gone_at_once_are_held_back_until_somebody_says_so(directory, people, settings):
    for number in range(6):
        directory.add(f"p{number}", f"P{number}", f"p{number}@corp.example", units=("销售部",))
    follow()
    settings.LDAP = dataclasses.replace(settings.LDAP, base=f"ou=产品部,{slapd.PEOPLE}")
    assert follow() == Followed(people=2, held_back=7)
    assert User.objects.filter(is_active=False).count() == 0
    assert follow(force=True) == Followed(people=2, ended=7)
    assert set(User.objects.filter(is_active=False).values_list("name", flat=True)) == {
        "Kim", *(f"P{number}" for number in range(6)),
    }  # fmt: skip


def test_the_owner_of_the_server_keeps_their_access(directory, people):
    directory.add("boss", "Boss", people.owner.user.email)
    follow()
    people.owner.user.owns_server = True
    people.owner.user.save()
    dn = f"uid=boss,{slapd.PEOPLE}"
    directory.remove(dn)
    assert follow().ended == 0
    people.owner.user.refresh_from_db()
    assert people.owner.user.is_active


def test_who_moves_there_moves_here_but_not_who_was_put_by_hand(directory, people, actor_of):
    follow()
    hand = Department.objects.get(name="产品部")
    set_department_members.run(actor_of("admin"), {"add": [member("kim").public_id]}, target=hand)
    group = Department.objects.get(name="增长组")
    set_department_members.run(actor_of("admin"), {"remove": [member("nuo").public_id]}, target=group)
    follow()
    assert (places("kim"), places("nuo")) == (["产品部"], [])
    directory.change(
        f"dn: uid=yuan,ou=产品部,{slapd.PEOPLE}\nchangetype: modrdn\nnewrdn: uid=yuan\ndeleteoldrdn: 1\n"
        f"newsuperior: ou=增长组,ou=产品部,{slapd.PEOPLE}\n"
    )
    follow()
    assert places("yuan") == ["增长组"]
    assert SocialAccount.objects.filter(user=member("yuan").user).count() == 1


def test_a_directory_that_does_not_answer_ends_nobody(directory, people, settings):
    follow()
    settings.LDAP = dataclasses.replace(settings.LDAP, port=9)
    with pytest.raises(Unavailable):
        follow()
    jobs.follow_directory(0)  # the next hour comes
    assert not User.objects.filter(is_active=False).exists()


def test_without_a_workspace_only_who_has_an_account_is_followed(directory, people, settings):
    settings.LDAP = dataclasses.replace(settings.LDAP, workspace="")
    assert follow() == Followed(people=4)
    assert not User.objects.filter(email__endswith="@corp.example").exists()
    sign_in("nuo")
    directory.remove(directory.nuo)
    assert follow().ended == 1
    assert User.objects.get(email="nuo@corp.example").is_active is False
