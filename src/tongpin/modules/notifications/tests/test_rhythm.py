"""When mail comes: what may be chosen, and by whom."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from tongpin.kernel import clock
from tongpin.kernel.errors import Denied, Invalid, NotFound
from tongpin.kernel.tenancy.actor import Actor
from tongpin.lib.workdays import OwnDay, Span, WorkingCalendar
from tongpin.modules.notifications.actions.rhythm import set_rhythm
from tongpin.modules.notifications.models import MailRhythm
from tongpin.modules.notifications.rhythms import goes_on, moment, next_look

PAGE = "/w/acme/settings/notifications/"
Actors = Callable[..., Actor]


def kept() -> list[tuple[Any, ...]]:
    rows = MailRhythm.objects.select_related("member__user").order_by("pk")
    return [(r.member.user.name, r.rhythm, r.hour, r.weekday, r.direct_at_once) for r in rows]


def test_a_choice_is_kept_shown_and_taken_back(client_of: Callable[[str], Client]) -> None:
    client = client_of("member")
    first = client.get(PAGE).content.decode()
    assert '<option value="at_once" selected>' in first
    assert 'name="hour"' not in first

    sent = {"rhythm": "weekly", "hour": "18", "weekday": "4", "direct_shown": "1"}
    answer = client.post(PAGE + "mail/", sent, HTTP_HX_REQUEST="true")

    assert kept() == [("Member", "weekly", 18, 4, False)]
    page = answer.content.decode()
    for option in ("weekly", "18", "4"):
        assert f'<option value="{option}" selected>' in page
    token = json.loads(answer["HX-Trigger"])["toast"]["undo"]
    assert client.post("/undo/", {"token": token}).status_code == 204
    assert kept() == [("Member", "at_once", 9, 0, True)]
    assert MailRhythm.objects.get().next_at is None


def test_what_the_form_does_not_show_stays(client_of: Callable[[str], Client], actor_of: Actors) -> None:
    set_rhythm.run(actor_of("member"), {"rhythm": "weekly", "hour": 7, "weekday": 2, "direct_at_once": False})
    answer = client_of("member").post(PAGE + "mail/", {"rhythm": "daily"})
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert kept() == [("Member", "daily", 7, 2, False)]


@pytest.mark.parametrize(
    "data", [{"rhythm": "hourly"}, {"rhythm": "daily", "hour": 24}, {"rhythm": "daily", "weekday": -1}, {}]
)
def test_what_there_is_not_cannot_be_chosen(people: Any, actor_of: Actors, data: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        set_rhythm.run(actor_of("member"), data)
    assert kept() == []


@pytest.mark.parametrize("who", ["owner", "stranger", "nobody"])
def test_nobody_chooses_for_another(people: Any, client_of: Callable[[str], Client], who: str) -> None:
    status = client_of(who).post(PAGE + "mail/", {"rhythm": "never"}).status_code
    assert (status, kept()) == ((302, [("Owner", "never", 9, 0, True)]) if who == "owner" else (status, []))
    assert status in {302, 404}


def test_denied_set_changes_nothing(people: Any) -> None:
    for actor, error in (
        (Actor.of(people.member.user), NotFound),
        (Actor.system(people.workspace), Denied),
    ):
        with pytest.raises(error):
            set_rhythm.run(actor, {"rhythm": "never"})
    assert kept() == []


def test_the_first_look_is_the_next_such_hour_of_the_members_zone(people: Any, actor_of: Actors) -> None:
    people.member.user.time_zone = "Asia/Kolkata"
    with clock.frozen_at(datetime(2026, 11, 26, 3, 30, tzinfo=UTC)):  # nine o'clock there, exactly
        set_rhythm.run(actor_of("member"), {"rhythm": "daily"})
    assert MailRhythm.objects.get().next_at == datetime(2026, 11, 27, 3, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "hour", "day", "utc"),
    [
        # Berlin's clocks skip two o'clock on 29 March 2026 and have it twice on 25 October.
        ("Europe/Berlin", 2, date(2026, 3, 28), datetime(2026, 3, 28, 1, tzinfo=UTC)),
        ("Europe/Berlin", 2, date(2026, 3, 29), datetime(2026, 3, 29, 1, tzinfo=UTC)),
        ("Europe/Berlin", 2, date(2026, 3, 30), datetime(2026, 3, 30, 0, tzinfo=UTC)),
        ("Europe/Berlin", 2, date(2026, 10, 25), datetime(2026, 10, 25, 0, tzinfo=UTC)),
        ("Europe/Berlin", 9, date(2026, 3, 29), datetime(2026, 3, 29, 7, tzinfo=UTC)),
        # Beirut's skip midnight itself.
        ("Asia/Beirut", 0, date(2026, 3, 29), datetime(2026, 3, 28, 22, tzinfo=UTC)),
        ("Asia/Shanghai", 0, date(2026, 3, 29), datetime(2026, 3, 28, 16, tzinfo=UTC)),
    ],
)
def test_the_hour_is_the_members_also_where_clocks_change(
    zone: str, hour: int, day: date, utc: datetime
) -> None:
    assert moment(MailRhythm(hour=hour), day, ZoneInfo(zone)) == utc


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Beirut", "America/St_Johns", "Pacific/Apia"])
@pytest.mark.parametrize("hour", [0, 1, 2, 3, 23])
def test_a_year_of_looks_has_one_a_day(zone: str, hour: int) -> None:
    row, at, seen = MailRhythm(rhythm="daily", hour=hour), datetime(2026, 1, 1, tzinfo=UTC), []
    while at.year == 2026:
        at = next_look(row, ZoneInfo(zone), at) or at
        seen.append(at.astimezone(ZoneInfo(zone)).date())
    assert len(seen) == len(set(seen))
    assert (seen[-1] - seen[0]).days == len(seen) - 1


@pytest.mark.parametrize("rhythm", ["at_once", "never"])
def test_without_a_digest_there_is_nothing_to_look_for(rhythm: str) -> None:
    row = MailRhythm(rhythm=rhythm)
    assert next_look(row, ZoneInfo("UTC"), datetime(2026, 1, 1, tzinfo=UTC)) is None


def week(own: dict[date, OwnDay] | None = None) -> WorkingCalendar:
    """Monday to Friday, in no country."""
    office = (Span(time(9), time(18)),)
    hours = tuple(office if day < 5 else () for day in range(7))
    return WorkingCalendar(zone="Asia/Shanghai", country="", hours=hours, own=own or {})


MONDAY = date(2026, 11, 23)


def days(row: MailRhythm, calendar: WorkingCalendar) -> list[int]:
    """Which days of the fortnight from 23 November 2026, a Monday, it goes out on."""
    return [n for n in range(14) if goes_on(row, date.fromordinal(MONDAY.toordinal() + n), calendar)]


def test_a_daily_digest_keeps_to_working_days() -> None:
    own = {date(2026, 11, 25): OwnDay(False, "Off"), date(2026, 11, 28): OwnDay(True, "Make-up")}
    assert days(MailRhythm(rhythm="daily"), week(own)) == [0, 1, 3, 4, 5, 7, 8, 9, 10, 11]


def test_a_weekly_digest_waits_for_the_next_working_day() -> None:
    assert days(MailRhythm(rhythm="weekly", weekday=2), week()) == [2, 9]
    off = {date(2026, 11, 25): OwnDay(False, "Off"), date(2026, 11, 26): OwnDay(False, "Off")}
    assert days(MailRhythm(rhythm="weekly", weekday=2), week(off)) == [4, 9]
    assert days(MailRhythm(rhythm="weekly", weekday=6), week()) == [0, 7]


def test_two_weeks_off_make_one_digest() -> None:
    off = {date.fromordinal(MONDAY.toordinal() + n): OwnDay(False, "Off") for n in range(10)}
    assert days(MailRhythm(rhythm="weekly", weekday=3), week(off)) == [10]
