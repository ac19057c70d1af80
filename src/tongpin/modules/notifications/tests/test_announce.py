"""Who hears of what: from an event in the stream to a line in the inbox and a mail."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from tongpin.kernel import news as kinds
from tongpin.kernel.actions.door import run_named
from tongpin.kernel.errors import Denied, NotFound
from tongpin.kernel.events import payloads, recording
from tongpin.kernel.events.models import Event, ParkedEvent
from tongpin.kernel.mail.models import OutboxMail
from tongpin.kernel.news import Delivery, Kind, Wording, rule
from tongpin.kernel.realtime import audience
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Language, Role
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.notifications.actions.announce import announce
from tongpin.modules.notifications.actions.preference import set_preference
from tongpin.modules.notifications.handlers import on_events
from tongpin.modules.notifications.models import Notification, Preference

pytestmark = pytest.mark.django_db
Actors = Callable[..., Actor]


@payloads.event("testing.noted")
@dataclass(frozen=True)
class Noted:
    what: str


def inbox() -> list[tuple[str, str, str]]:
    """Recipient, title, body of every line there is."""
    rows = Notification.objects.select_related("recipient__user").order_by("pk")
    return [(row.recipient.user.name, row.title, row.body) for row in rows]


def mails() -> list[tuple[str, str]]:
    return list(OutboxMail.objects.order_by("pk").values_list("to", "subject"))


def noted(people: Any, subject: Any = None, actor: Actor | None = None) -> Event:
    with recording.recording(actor or Actor.system(people.workspace), "testing.note") as made:
        recording.emit(Noted("something"), subject or people.admin)
    return made.written[0]


@pytest.fixture
def _rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """No rules but the test's own."""
    monkeypatch.setattr(kinds, "_rules", {})
    monkeypatch.setattr(kinds, "_kinds", {})


def everyone_is_told(people: Any, **more: Any) -> Kind:
    """A rule naming everybody there is, strangers included."""
    kind = Kind("testing.news", "News", default=more.pop("default", Delivery.MAIL))
    rule(
        "testing.noted",
        kind=kind,
        recipients=lambda event: Membership.objects.select_related("user").order_by("pk"),
        wording=lambda event, language: Wording(f"News in {language}", "Body", "/w/acme/"),
        **more,
    )
    return kind


def test_a_new_role_is_told_to_the_member_in_their_language(
    people: Any, actor_of: Actors, drain: Callable[[], int]
) -> None:
    people.member.user.language = Language.CHINESE
    people.member.user.save()

    run_named("workspaces.member.change_role", actor_of("owner"), {"role": "admin"}, target=people.member)
    drain()

    assert inbox() == [("Member", "Your role is now Admin", "Owner changed it from Member.")]
    (row,) = Notification.objects.all()
    assert row.words["zh-hans"] == {
        "title": "你的角色已改为“管理员”",
        "body": "由 Owner 修改，原为“成员”。",
    }
    assert row.url == f"/w/acme/members/{people.member.public_id}/"
    (mail,) = OutboxMail.objects.all()
    assert (mail.to, mail.subject, mail.language) == (
        "member@acme.example",
        "你的角色已改为“管理员”",
        "zh-hans",
    )
    assert f"/w/acme/inbox/{row.public_id}/" in mail.text
    assert "/w/acme/settings/notifications/#kind-workspaces-access" in mail.text
    assert "/w/acme/settings/notifications/#kind-workspaces-access" in mail.html


def test_whoever_invited_hears_that_it_was_accepted(
    people: Any, actor_of: Actors, drain: Callable[[], int]
) -> None:
    invitation = run_named(
        "workspaces.member.invite", actor_of("admin"), {"email": "stranger@acme.example"}
    ).value
    OutboxMail.objects.all().delete()
    run_named("workspaces.invitation.accept", Actor.of(people.stranger.user), {"token": invitation.secret})
    drain()

    assert inbox() == [("Admin", "Stranger accepted your invitation", "Joined Acme as Member.")]
    assert mails() == [("admin@acme.example", "Stranger accepted your invitation")]


def test_ended_access_is_told_by_mail_without_links_that_no_longer_open(
    people: Any, actor_of: Actors, drain: Callable[[], int]
) -> None:
    run_named("workspaces.member.deactivate", actor_of("owner"), {}, target=people.member)
    drain()

    (mail,) = OutboxMail.objects.all()
    assert (mail.to, mail.subject) == ("member@acme.example", "Your access to Acme has ended")
    assert "/w/acme/" not in mail.text + mail.html

    run_named("workspaces.member.reactivate", actor_of("owner"), {}, target=people.member)
    drain()
    assert [title for _, title, _ in inbox()] == ["Your access to Acme has ended", "You are back in Acme"]
    assert len(mails()) == 2


def test_ones_own_doing_is_no_news(people: Any, actor_of: Actors, drain: Callable[[], int]) -> None:
    run_named("workspaces.member.change_role", actor_of("owner"), {"role": "owner"}, target=people.admin)
    people.admin.refresh_from_db()
    drain()
    Notification.objects.all().delete()

    run_named(
        "workspaces.member.change_role",
        Actor.for_member(people.admin),
        {"role": "admin"},
        target=people.admin,
    )
    drain()

    assert inbox() == []


@pytest.mark.usefixtures("_rules")
def test_members_of_this_workspace_are_told_and_nobody_else(people: Any) -> None:
    Membership.objects.filter(pk=people.owner.pk).update(deactivated_at="2026-01-01T00:00Z")
    type(people.admin.user).objects.filter(pk=people.admin.user_id).update(is_active=False)
    everyone_is_told(people)

    on_events([noted(people, people.member)])

    # not the stranger, not the guest (who cannot see it), not the deactivated, not the closed account
    assert [who for who, _, _ in inbox()] == ["Member"]


@pytest.mark.usefixtures("_rules")
def test_a_private_projects_news_stays_with_those_who_see_it(people: Any, actor_of: Actors) -> None:
    data = {"name": "Secret", "key": "SEC", "visibility": "private"}
    project = run_named("workspaces.project.create", actor_of("owner"), data).value
    everyone_is_told(people)

    on_events([noted(people, project)])
    assert [who for who, _, _ in inbox()] == ["Owner", "Admin"]

    Notification.objects.all().delete()
    place = {"member": people.member.public_id, "role": "member"}
    run_named("workspaces.project.set_members", actor_of("owner"), {"members": [place]}, target=project)
    on_events([noted(people, project)])
    assert [who for who, _, _ in inbox()] == ["Owner", "Admin", "Member"]


@pytest.mark.usefixtures("_rules")
def test_a_guest_is_told_of_what_a_guest_may_see(people: Any) -> None:
    everyone_is_told(people)

    on_events([noted(people, people.admin)])
    assert "Guest" in {who for who, _, _ in inbox()}
    Notification.objects.all().delete()
    on_events([noted(people, people.member)])
    assert "Guest" not in {who for who, _, _ in inbox()}


@pytest.mark.usefixtures("_rules")
def test_an_event_handed_over_twice_tells_once(people: Any) -> None:
    everyone_is_told(people)
    event = noted(people)

    on_events([event])
    on_events([event, event])

    assert [who for who, _, _ in inbox()] == ["Owner", "Admin", "Member", "Guest"]
    assert len(mails()) == 4


@pytest.mark.usefixtures("_rules")
def test_of_two_rules_of_one_event_the_first_speaks(people: Any) -> None:
    kind = Kind("testing.first", "First")
    rule(
        "testing.noted",
        kind=kind,
        recipients=lambda event: [people.member],
        wording=lambda event, language: Wording("First"),
    )
    everyone_is_told(people)

    on_events([noted(people)])

    assert {who: title for who, title, _ in inbox()}["Member"] == "First"
    assert len(inbox()) == 4


@pytest.mark.usefixtures("_rules")
def test_each_member_is_told_as_they_chose(people: Any, actor_of: Actors) -> None:
    kind = everyone_is_told(people, default=Delivery.BELL)
    for who, delivery in (("owner", "mail"), ("member", "off"), ("guest", "bell")):
        set_preference.run(actor_of(who), {"kind": kind.key, "delivery": delivery})

    on_events([noted(people)])

    assert [who for who, _, _ in inbox()] == ["Owner", "Admin", "Guest"]
    assert mails() == [("owner@acme.example", "News in en")]


@pytest.mark.usefixtures("_rules")
def test_someone_who_switched_off_hears_nothing_later_either(people: Any, actor_of: Actors) -> None:
    kind = everyone_is_told(people)
    set_preference.run(actor_of("member"), {"kind": kind.key, "delivery": "off"})
    event = noted(people)
    on_events([event])
    Preference.objects.all().delete()

    on_events([event])

    # a second delivery of the same event is a repetition of the work, so the present choice counts
    assert [who for who, _, _ in inbox()].count("Member") == 1


@pytest.mark.usefixtures("_rules")
def test_a_rule_that_fails_parks_its_event_and_holds_up_no_other(
    people: Any, drain: Callable[[], int]
) -> None:
    def broken(event: Event, language: str) -> Wording:
        raise KeyError("title")

    rule(
        "testing.noted",
        kind=Kind("testing.broken", "Broken"),
        recipients=lambda event: [people.member] if event.subject_id == people.admin.public_id else [],
        wording=broken,
    )
    noted(people, people.owner)
    bad = noted(people, people.admin)
    drain()

    parked = ParkedEvent.objects.filter(subscriber="notifications")
    assert [row.event_id for row in parked] == [bad.pk]
    assert inbox() == []


@pytest.mark.usefixtures("_rules")
def test_two_kinds_cannot_share_a_name(people: Any) -> None:
    everyone_is_told(people)
    with pytest.raises(ValueError, match=r"testing\.news"):
        rule(
            "testing.noted",
            kind=Kind("testing.news", "Other"),
            recipients=lambda event: [],
            wording=lambda event, language: Wording(""),
        )


@pytest.mark.usefixtures("_rules")
def test_an_address_off_this_site_is_not_linked(people: Any) -> None:
    rule(
        "testing.noted",
        kind=Kind("testing.off", "Off site"),
        recipients=lambda event: [people.member],
        wording=lambda event, language: Wording("T", "B", "https://evil.example/"),
    )
    on_events([noted(people)])

    assert list(Notification.objects.values_list("url", flat=True)) == [""]


@pytest.mark.usefixtures("_rules")
def test_only_the_recipient_gets_the_live_hint(people: Any) -> None:
    everyone_is_told(people)
    on_events([noted(people)])

    arrived = list(Event.objects.filter(name="notifications.notification_arrived"))
    owners = audience.owners_of(arrived)
    assert sorted(owners.values()) == sorted(
        people.of(who).user_id for who in ("owner", "admin", "member", "guest")
    )


@pytest.mark.parametrize("who", ["owner", "member", "guest", "stranger"])
@pytest.mark.usefixtures("_rules")
def test_announce_is_the_servers_alone(people: Any, actor_of: Actors, who: str) -> None:
    everyone_is_told(people)
    event = noted(people)

    with pytest.raises(Denied):
        announce.run(actor_of(who), {"event": event.uid})

    assert inbox() == []
    assert mails() == []


def test_announcing_anothers_event_finds_nothing(people: Any) -> None:
    event = noted(people, people.admin)

    with pytest.raises(NotFound):
        announce.run(Actor.system(people.elsewhere), {"event": event.uid})
    with pytest.raises(NotFound):
        announce.run(Actor.system(people.workspace), {"event": uuid.uuid4()})


def test_a_guest_made_admin_by_api_reads_the_same(
    people: Any, client_of: Callable[[str], Client], drain: Any
) -> None:
    run_named(
        "workspaces.member.change_role",
        Actor.for_member(people.owner),
        {"role": Role.MEMBER},
        target=people.guest,
    )
    drain()

    page = client_of("guest").get("/w/acme/inbox/")
    assert "Your role is now Member" in page.content.decode()
