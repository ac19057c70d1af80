from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from tongpin.kernel import clock
from tongpin.kernel.errors import Conflict, Denied, Invalid, NotFound, Throttled
from tongpin.kernel.mail.models import OutboxMail
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership, User
from tongpin.modules.workspaces.actions import invitation
from tongpin.modules.workspaces.actions.invitation import (
    PAUSE,
    accept_invitation,
    create_link,
    invite_member,
    reopen_invitation,
    resend_invitation,
    revoke_invitation,
)
from tongpin.modules.workspaces.actions.member import change_role, deactivate_member
from tongpin.modules.workspaces.actions.workspace import leave_workspace
from tongpin.modules.workspaces.models import Acceptance, Invitation

from .denied import denied, unchanged

pytestmark = pytest.mark.django_db


@pytest.fixture
def newcomer(db):
    return User.objects.create_user("new@example.com", "correct horse battery", name="New")


def accept(user, secret):
    return accept_invitation.run(Actor.of(user), {"token": secret}).value


def test_by_mail_in_the_workspace_language(people, actor_of):
    people.workspace.language = "zh-hans"
    people.workspace.save()
    outcome = invite_member.run(actor_of("admin"), {"email": "New@Example.com", "role": "member"})
    mail = OutboxMail.objects.get()
    assert mail.to == "new@example.com"
    assert mail.language == "zh-hans"
    assert f"/invite/{outcome.value.secret}/" in mail.text
    assert outcome.value.secret not in str(Invitation.objects.values().get())
    assert outcome.undo.action == "workspaces.invitation.revoke"


def test_accepting_makes_a_member_once(people, actor_of, newcomer):
    row = invite_member.run(actor_of("admin"), {"email": newcomer.email, "role": "guest"}).value
    joined = accept(newcomer, row.secret)
    assert joined.role == Role.GUEST
    assert accept(newcomer, row.secret) == joined
    assert Acceptance.objects.filter(invitation=row).count() == 1
    assert Invitation.objects.get(pk=row.pk).state == "used"


def test_a_mail_invitation_is_for_its_address(people, actor_of, newcomer):
    row = invite_member.run(actor_of("admin"), {"email": "other@example.com"}).value
    denied(accept_invitation, Actor.of(newcomer), {"token": row.secret})


@pytest.mark.parametrize("who", ["member", "guest", "stranger"])
def test_only_admins_invite(who, people, actor_of):
    row = create_link.run(actor_of("admin"), {}).value
    for action, data, target in (
        (invite_member, {"email": "x@example.com"}, None),
        (create_link, {}, None),
        (resend_invitation, {}, row),
        (revoke_invitation, {}, row),
        (reopen_invitation, {}, row),
    ):
        if who == "stranger" and target is None:
            continue  # in their own workspace they may
        denied(action, actor_of(who), data, target)


def test_an_admin_invites_no_owner_and_nobody_does_by_link(actor_of):
    denied(invite_member, actor_of("admin"), {"email": "x@example.com", "role": "owner"})
    denied(create_link, actor_of("owner"), {"role": "owner"})
    assert (
        invite_member.run(actor_of("owner"), {"email": "x@example.com", "role": "owner"}).value.role
        == Role.OWNER
    )


def test_an_admin_cannot_touch_an_owners_invitation_of_an_owner(actor_of):
    row = invite_member.run(actor_of("owner"), {"email": "x@example.com", "role": "owner"}).value
    denied(resend_invitation, actor_of("admin"), {}, row)
    denied(revoke_invitation, actor_of("admin"), {}, row)
    denied(invite_member, actor_of("admin"), {"email": "x@example.com", "role": "guest"})


def test_who_is_in_is_not_invited(people, actor_of):
    unchanged(lambda: invite_member.run(actor_of("admin"), {"email": people.member.user.email}), Conflict)
    unchanged(lambda: invite_member.run(actor_of("admin"), {"email": "no address"}), Invalid)


def test_a_second_invitation_replaces_the_first(actor_of, newcomer):
    first = invite_member.run(actor_of("admin"), {"email": newcomer.email}).value
    with clock.shifted_by(PAUSE):
        outcome = invite_member.run(actor_of("admin"), {"email": newcomer.email})
    assert [(event.name, event.subject_id) for event in outcome.events] == [
        ("workspaces.invitation_revoked", first.public_id),
        ("workspaces.invitation_created", outcome.value.public_id),
    ]
    second = outcome.value
    unchanged(lambda: accept(newcomer, first.secret), Conflict)
    assert accept(newcomer, second.secret).role == Role.MEMBER


def test_sending_again_ends_the_link_sent_before(actor_of, newcomer):
    first = invite_member.run(actor_of("admin"), {"email": newcomer.email}).value
    with clock.shifted_by(PAUSE):
        again = resend_invitation.run(actor_of("admin"), {}, target=first).value
    unchanged(lambda: accept(newcomer, first.secret), NotFound)
    assert accept(newcomer, again.secret)
    assert OutboxMail.objects.count() == 2


def test_one_address_is_written_to_three_times_a_day_with_pauses(actor_of, people, client_of):
    browser = client_of("admin")

    def invite(minutes: int) -> str:
        with clock.shifted_by(timedelta(minutes=minutes)):
            said = browser.post("/w/acme/members/invite/", {"emails": "new@example.com", "role": "member"})
        return said.content.decode() if said.status_code == 422 else ""

    assert invite(0) == ""
    assert "An invitation went to new@example.com a moment ago. Try again in 6 minutes." in invite(4)
    row = Invitation.objects.get()
    with clock.shifted_by(timedelta(minutes=4)):
        answer = browser.post(f"/w/acme/invitations/{row.public_id}/resend/", headers={"hx-request": "true"})
    assert answer.status_code == 429
    assert "a moment ago" in answer.headers["HX-Trigger"]
    assert invite(11) == invite(22) == ""
    assert "new@example.com has been written to often enough today." in invite(40)
    elsewhere = {"email": "new@example.com"}
    with clock.shifted_by(timedelta(minutes=40)):  # nor by making more workspaces
        unchanged(lambda: invite_member.run(actor_of("stranger"), elsewhere), Throttled)
    assert OutboxMail.objects.count() == 3
    assert invite(24 * 60 + 1) == ""


def test_a_workspace_mails_so_many_invitations_a_day(actor_of, people, client_of, monkeypatch):
    monkeypatch.setattr(invitation, "MAILS_A_DAY", 2)
    create_link.run(actor_of("admin"), {})  # no mail, not counted
    addresses = {"emails": "a@example.com b@example.com c@example.com d@example.com", "role": "member"}
    page = client_of("admin").post("/w/acme/members/invite/", addresses).content.decode()
    assert page.count("This workspace has sent 2 invitations in a day") == 1
    assert "c@example.com\nd@example.com" in page  # kept, to be sent later
    assert OutboxMail.objects.count() == 2
    assert invite_member.run(actor_of("stranger"), {"email": "c@example.com"})


def test_a_link_lets_in_as_many_as_it_says(actor_of, newcomer, people):
    row = create_link.run(actor_of("admin"), {"max_uses": 1}).value
    accept(newcomer, row.secret)
    other = User.objects.create_user("other@example.com", name="Other")
    unchanged(lambda: accept(other, row.secret), Conflict)


def test_a_revoked_or_ended_link_lets_nobody_in_and_can_be_reopened(actor_of, newcomer):
    row = create_link.run(actor_of("admin"), {"days": 7}).value
    revoke_invitation.run(actor_of("admin"), {}, target=row)
    unchanged(lambda: accept(newcomer, row.secret), Conflict)
    reopen_invitation.run(actor_of("admin"), {}, target=row)
    with clock.shifted_by(timedelta(days=8)):
        unchanged(lambda: accept(newcomer, row.secret), Conflict)
    assert accept(newcomer, row.secret)


def test_a_link_does_not_undo_a_deactivation_but_an_invitation_made_later_does(people, actor_of):
    link = create_link.run(actor_of("admin"), {}).value
    early = Invitation(workspace=people.workspace, email=people.member.user.email, max_uses=1)
    early.renew(clock.now() + timedelta(days=1))
    early.save()
    deactivate_member.run(actor_of("admin"), {}, target=people.member)
    unchanged(lambda: accept(people.member.user, link.secret), Denied)
    unchanged(lambda: accept(people.member.user, early.secret), Denied)
    later = invite_member.run(actor_of("admin"), {"email": people.member.user.email, "role": "guest"}).value
    assert accept(people.member.user, later.secret).role == Role.GUEST


def test_the_page_of_an_invitation(actor_of, people, client):
    row = create_link.run(actor_of("admin"), {}).value
    page = client.get(f"/invite/{row.secret}/")
    assert page.status_code == 200
    assert "Join Acme" in page.content.decode()
    assert client.get("/invite/nothing-like-it/").status_code == 404
    revoke_invitation.run(actor_of("admin"), {}, target=row)
    assert client.get(f"/invite/{row.secret}/").status_code == 410


def test_someone_signed_in_joins_by_a_button(actor_of, people, client_of):
    row = create_link.run(actor_of("admin"), {"role": "guest"}).value
    browser = client_of("stranger")
    assert "Join" in browser.get(f"/invite/{row.secret}/").content.decode()
    answer = browser.post(f"/invite/{row.secret}/")
    assert answer.headers["Location"] == "/w/acme/"
    assert Membership.objects.get(workspace=people.workspace, user=people.stranger.user).role == Role.GUEST


def test_several_addresses_at_once(client_of, people):
    browser: Client = client_of("admin")
    answer = browser.post(
        "/w/acme/members/invite/",
        {"emails": "a@example.com, b@example.com；bad@\nmember@acme.example", "role": "member"},
    )
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "member@acme.example is a member already." in page
    assert "bad@" in page
    assert set(Invitation.objects.values_list("email", flat=True)) == {"a@example.com", "b@example.com"}


def test_a_link_is_shown_once(client_of, settings):
    settings.SITE_URL = "https://tongpin.example"
    answer = client_of("admin").post(
        "/w/acme/members/link/", {"role": "member", "days": "7", "max_uses": "0"}
    )
    assert answer.status_code == 200
    assert "https://tongpin.example/invite/" in answer.content.decode()
    assert (
        "tongpin.example/invite/"
        not in client_of("admin").get("/w/acme/members/invitations/").content.decode()
    )


@pytest.mark.parametrize("rows", [1, 3])
def test_the_invitations_cost_the_same_whatever_the_rows(
    rows, actor_of, client_of, django_assert_num_queries
):
    for n in range(rows):
        invite_member.run(actor_of("admin"), {"email": f"n{n}@example.com"})
    browser = client_of("owner")
    browser.get("/w/acme/members/invitations/")
    with django_assert_num_queries(8):
        browser.get("/w/acme/members/invitations/")


@pytest.mark.parametrize("how", ["deactivated", "demoted", "left"])
def test_who_may_not_invite_any_more_leaves_no_door_open(how, people, actor_of, newcomer):
    """An admin on the way out could otherwise come back under another name by a link of their own."""
    link = create_link.run(actor_of("admin"), {"role": "admin"}).value
    others = create_link.run(actor_of("owner"), {"role": "admin"}).value
    if how == "deactivated":
        deactivate_member.run(actor_of("owner"), {}, target=people.admin)
    elif how == "demoted":
        change_role.run(actor_of("owner"), {"role": "member"}, target=people.admin)
    else:
        leave_workspace.run(actor_of("admin"), {}, target=people.workspace)
    with pytest.raises(Conflict):
        accept_invitation.run(Actor.of(newcomer), {"token": link.secret})
    assert accept_invitation.run(Actor.of(newcomer), {"token": others.secret}).value.role == "admin"


def test_an_owner_made_admin_keeps_only_what_an_admin_may_give(people, actor_of):
    asked = {"email": "new@example.com", "role": "owner"}
    owners = invite_member.run(actor_of("owner"), asked).value
    admins = create_link.run(actor_of("owner"), {"role": "admin"}).value
    change_role.run(actor_of("owner"), {"role": "owner"}, target=people.admin)
    change_role.run(actor_of("owner"), {"role": "admin"}, target=people.owner)
    owners.refresh_from_db()
    admins.refresh_from_db()
    assert (owners.state, admins.state) == ("revoked", "open")
