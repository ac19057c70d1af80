"""Many pieces of news in one mail: who gets it, when, what it says, and that it is sent once."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from tongpin.kernel import clock
from tongpin.kernel.actions.door import run_named
from tongpin.kernel.errors import Denied, NotFound
from tongpin.kernel.mail import compose
from tongpin.kernel.mail.models import OutboxMail
from tongpin.kernel.news import Delivery
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.notifications.actions.digest import send_digest
from tongpin.modules.notifications.actions.preference import set_preference
from tongpin.modules.notifications.actions.rhythm import set_rhythm
from tongpin.modules.notifications.jobs import send_digests
from tongpin.modules.notifications.models import MailRhythm, Notification

Actors = Callable[..., Actor]
#: The members' zone is Asia/Shanghai: Thursday 26 November 2026, eight o'clock, and the hour of the digest.
EIGHT = datetime(2026, 11, 26, 0, tzinfo=UTC)
NINE = EIGHT + timedelta(hours=1)


@pytest.fixture
def _daily(people: Any, actor_of: Actors) -> None:
    with clock.frozen_at(EIGHT):
        set_rhythm.run(actor_of("member"), {"rhythm": "daily"})


def project(actor: Actor, name: str, **more: Any) -> Any:
    return run_named("workspaces.project.create", actor, {"name": name, **more}).value


def line(member: Membership, about: Any, title: str, **more: Any) -> Notification:
    """Unread news about a row in that member's inbox."""
    place = about._meta.label_lower, about.public_id
    return Notification.objects.create(
        workspace=member.workspace,
        recipient=member,
        event=uuid.uuid4(),
        kind=more.pop("kind", "workspaces.invitation"),
        subject_type=place[0],
        subject_id=place[1],
        about_type=place[0],
        about_id=place[1],
        words={
            "en": {"title": title, "body": more.pop("body", "")},
            "zh-hans": {"title": f"中文：{title}", "body": ""},
        },
        url="/w/acme/",
        happened_at=more.pop("at", EIGHT),
        surfaced_at=more.pop("surfaced_at", EIGHT),
        **more,
    )


def sent_at(at: datetime) -> int:
    with clock.frozen_at(at):
        return send_digests()


def only() -> OutboxMail:
    (mail,) = OutboxMail.objects.all()
    return mail


@pytest.mark.usefixtures("_daily")
def test_unread_news_comes_by_object_in_the_members_language(people: Any, actor_of: Actors) -> None:
    people.member.user.language = "zh-hans"
    people.member.user.save()
    first, second = project(actor_of("owner"), "Alpha"), project(actor_of("owner"), "Beta")
    for number in range(5):
        line(people.member, first, f"A{number}", surfaced_at=EIGHT + timedelta(minutes=number))
    newest = line(people.member, second, "B <b>", surfaced_at=EIGHT + timedelta(minutes=9), body="x" * 300)

    assert sent_at(NINE) == 1

    mail = only()
    assert (mail.to, mail.language) == ("member@acme.example", "zh-hans")
    assert "中文：B <b>" in mail.subject
    assert mail.text.index("* Beta") < mail.text.index("* Alpha")
    assert [f"中文：A{n}" in mail.text for n in range(5)] == [False, False, True, True, True]
    assert f"/w/acme/inbox/{newest.public_id}/" in mail.text
    assert f"/w/acme/inbox/{newest.public_id}/" in mail.html
    assert "中文：B &lt;b&gt;" in mail.html
    assert "<b>" not in mail.html
    assert "x" * 140 not in mail.text
    assert "08:00" in mail.html
    assert '<html lang="zh-Hans">' in mail.html
    assert mail.unsubscribe in mail.text
    assert mail.unsubscribe in mail.html


@pytest.mark.usefixtures("_daily")
def test_nothing_unread_is_no_mail(people: Any, actor_of: Actors) -> None:
    place = project(actor_of("owner"), "Alpha")
    line(people.member, place, "Read", read_at=EIGHT)
    line(people.member, place, "Archived", archived_at=EIGHT)
    line(people.member, place, "Snoozed", snoozed_until=NINE + timedelta(hours=5))
    line(people.owner, place, "Another's")
    muted = project(actor_of("owner"), "Loud")
    line(people.member, muted, "Muted")
    about = {"about_type": "workspaces.project", "about_id": muted.public_id}
    run_named("notifications.thread.mute", actor_of("member"), about)

    assert sent_at(NINE) == 0
    assert OutboxMail.objects.count() == 0


@pytest.mark.usefixtures("_daily")
def test_what_names_one_is_told_through_a_muted_thread(people: Any, actor_of: Actors) -> None:
    place = project(actor_of("owner"), "Loud")
    line(people.member, place, "Quiet")
    line(people.member, place, "Named", kind="workspaces.projects")
    about = {"about_type": "workspaces.project", "about_id": place.public_id}
    run_named("notifications.thread.mute", actor_of("member"), about)

    assert sent_at(NINE) == 1
    assert ("Named" in only().text, "Quiet" in only().text) == (True, False)


@pytest.mark.usefixtures("_daily")
def test_only_kinds_wanted_by_mail_are_told(people: Any, actor_of: Actors) -> None:
    line(people.member, project(actor_of("owner"), "Alpha"), "Told")
    set_preference.run(actor_of("member"), {"kind": "workspaces.invitation", "delivery": Delivery.BELL})
    assert sent_at(NINE) == 0


@pytest.mark.usefixtures("_daily")
def test_it_comes_at_the_hour_and_not_again(people: Any, actor_of: Actors) -> None:
    place = project(actor_of("owner"), "Alpha")
    line(people.member, place, "First")

    assert sent_at(NINE - timedelta(seconds=1)) == 0
    assert sent_at(NINE) == 1
    assert sent_at(NINE) == 0
    assert sent_at(NINE + timedelta(hours=8)) == 0
    assert sent_at(NINE + timedelta(days=1)) == 0, "it was told; still unread is no news"

    line(people.member, place, "Second", surfaced_at=NINE + timedelta(days=1, hours=2))
    assert sent_at(NINE + timedelta(days=2)) == 0, "a Saturday"
    assert sent_at(NINE + timedelta(days=4)) == 1
    assert "First" not in OutboxMail.objects.latest("pk").text


@pytest.mark.usefixtures("_daily")
def test_a_worker_that_was_away_sends_it_late_and_once(people: Any, actor_of: Actors) -> None:
    line(people.member, project(actor_of("owner"), "Alpha"), "First")
    assert sent_at(NINE + timedelta(days=1, hours=6)) == 1
    assert MailRhythm.objects.get().next_at == NINE + timedelta(days=4) - timedelta(days=2)


@pytest.mark.usefixtures("_daily")
def test_a_snoozed_line_that_is_back_is_told_again(people: Any, actor_of: Actors) -> None:
    row = line(people.member, project(actor_of("owner"), "Alpha"), "Later")
    assert sent_at(NINE) == 1
    Notification.objects.filter(pk=row.pk).update(snoozed_until=NINE + timedelta(hours=1), read_at=NINE)
    with clock.frozen_at(NINE + timedelta(hours=2)):
        run_named("notifications.inbox.wake", Actor.system(people.workspace), {})
    assert sent_at(NINE + timedelta(days=1)) == 1


@pytest.mark.usefixtures("_daily")
def test_a_member_who_moved_gets_it_at_the_hour_there(people: Any, actor_of: Actors) -> None:
    line(people.member, project(actor_of("owner"), "Alpha"), "First")
    people.member.user.time_zone = "Europe/Berlin"
    people.member.user.save()
    assert sent_at(NINE) == 0, "two at night in Berlin"
    assert sent_at(NINE + timedelta(hours=7)) == 1


@pytest.mark.usefixtures("_daily")
@pytest.mark.parametrize("gone", ["deactivated", "closed", "workspace"])
def test_whoever_has_no_access_any_more_gets_none(people: Any, actor_of: Actors, gone: str) -> None:
    line(people.member, project(actor_of("owner"), "Alpha"), "First")
    if gone == "deactivated":
        Membership.objects.filter(pk=people.member.pk).update(deactivated_at=EIGHT)
    elif gone == "closed":
        type(people.member.user).objects.filter(pk=people.member.user_id).update(is_active=False)
    else:
        type(people.workspace).objects.filter(pk=people.workspace.pk).update(deleted_at=EIGHT)
    assert sent_at(NINE) == 0
    assert OutboxMail.objects.count() == 0


@pytest.mark.usefixtures("_daily")
def test_an_object_that_may_not_be_seen_any_more_is_left_out(people: Any, actor_of: Actors) -> None:
    shown, hidden = project(actor_of("owner"), "Alpha"), project(actor_of("owner"), "Secret")
    line(people.member, shown, "Shown")
    line(people.member, hidden, "Told too late")
    run_named("workspaces.project.edit", actor_of("owner"), {"visibility": "private"}, target=hidden)

    assert sent_at(NINE) == 1

    assert "Shown" in only().text
    for words in ("Secret", "Told too late", str(hidden.public_id)):
        assert words not in only().text + only().html + only().subject


@pytest.mark.usefixtures("_daily")
def test_five_hundred_unread_are_a_short_mail_that_says_how_many_more(
    people: Any, actor_of: Actors, django_assert_max_num_queries: Any
) -> None:
    places = [project(actor_of("owner"), f"Place {n:03d}") for n in range(25)]
    for number in range(500):
        line(
            people.member,
            places[number % 25],
            f"News {number}",
            surfaced_at=EIGHT + timedelta(seconds=number),
        )

    with django_assert_max_num_queries(45):
        assert sent_at(NINE) == 1

    mail = only()
    assert mail.text.count("* Place ") == 20
    assert mail.text.count("17 more lines") == 20
    assert "5 more are unread in your inbox." in mail.text
    assert len(mail.html) < 60_000
    assert Notification.objects.filter(mailed_at=None).count() == 0


def test_of_what_names_one_the_member_chooses(
    people: Any, actor_of: Actors, drain: Callable[[], int]
) -> None:
    """Being given a role names one (direct); that an invitation was accepted does not."""
    for at_once, mails in ((True, 1), (False, 0)):
        OutboxMail.objects.all().delete()
        with clock.frozen_at(EIGHT):
            set_rhythm.run(actor_of("member"), {"rhythm": "daily", "direct_at_once": at_once})
        role = "guest" if at_once else "member"
        run_named("workspaces.member.change_role", actor_of("owner"), {"role": role}, target=people.member)
        drain()
        assert OutboxMail.objects.count() == mails
    assert [row.mailed_at is None for row in Notification.objects.order_by("pk")] == [False, True]


@pytest.mark.parametrize("rhythm", ["daily", "weekly", "never"])
def test_other_news_waits_and_without_mail_none_comes(
    people: Any, actor_of: Actors, drain: Callable[[], int], rhythm: str
) -> None:
    set_rhythm.run(actor_of("admin"), {"rhythm": rhythm})
    invitation = run_named(
        "workspaces.member.invite", actor_of("admin"), {"email": "stranger@acme.example"}
    ).value
    OutboxMail.objects.all().delete()
    run_named("workspaces.invitation.accept", Actor.of(people.stranger.user), {"token": invitation.secret})
    drain()
    assert Notification.objects.count() == 1
    assert OutboxMail.objects.count() == 0


@pytest.mark.parametrize(("rhythm", "mails"), [("daily", 1), ("never", 0)])
def test_that_access_has_ended_waits_for_no_digest(
    people: Any, actor_of: Actors, drain: Callable[[], int], rhythm: str, mails: int
) -> None:
    set_rhythm.run(actor_of("member"), {"rhythm": rhythm, "direct_at_once": False})
    run_named("workspaces.member.deactivate", actor_of("owner"), {}, target=people.member)
    drain()
    assert OutboxMail.objects.count() == mails


@pytest.mark.usefixtures("_daily")
def test_a_failure_keeps_all_of_it_for_the_next_try(
    people: Any, actor_of: Actors, monkeypatch: pytest.MonkeyPatch
) -> None:
    line(people.member, project(actor_of("owner"), "Alpha"), "First")
    written = compose.Message.send

    def broken(*args: Any, **more: Any) -> Any:
        written(*args, **more)
        raise RuntimeError("killed here")

    with monkeypatch.context() as patched:
        patched.setattr(compose.Message, "send", broken)
        assert sent_at(NINE) == 0
    assert OutboxMail.objects.count() == 0
    assert sent_at(NINE + timedelta(minutes=1)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_one(actor_of: Actors, people: Any) -> None:
    with clock.frozen_at(EIGHT):
        set_rhythm.run(actor_of("member"), {"rhythm": "daily"})
    for number in range(6):
        line(people.member, project(actor_of("owner"), f"Place {number}"), "First")
    begin, sent = threading.Barrier(4), []

    def work() -> None:
        begin.wait()
        try:
            sent.append(sent_at(NINE))
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(sent) == [0, 0, 0, 1]
    assert OutboxMail.objects.count() == 1


@pytest.mark.usefixtures("_daily")
@pytest.mark.parametrize("who", ["owner", "member", "guest"])
def test_sending_is_the_servers_alone(people: Any, actor_of: Actors, who: str) -> None:
    line(people.member, project(actor_of("owner"), "Alpha"), "First")
    row = MailRhythm.objects.get()
    with clock.frozen_at(NINE), pytest.raises((Denied, NotFound)):
        send_digest.run(actor_of(who), target=row)
    with clock.frozen_at(NINE), pytest.raises(NotFound):
        send_digest.run(Actor.system(people.elsewhere), target=row)
    assert OutboxMail.objects.count() == 0
    assert MailRhythm.objects.get().next_at == NINE
