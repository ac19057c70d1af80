"""The working calendar: what it is before anyone touches it, who changes it, how it is undone and shown."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from tongpin.kernel import clock
from tongpin.kernel.actions.door import run_named
from tongpin.kernel.errors import Invalid
from tongpin.kernel.events.models import Event
from tongpin.kernel.tenancy.models import Workspace
from tongpin.lib.workdays import Kind, Span
from tongpin.modules.workspaces import public
from tongpin.modules.workspaces.actions.calendar import edit_calendar, mark_days
from tongpin.modules.workspaces.models import MarkedDay, WorkCalendar
from tongpin.modules.workspaces.queries.calendar import year_of

from .denied import denied, unchanged

pytestmark = pytest.mark.django_db
PARTY = date(2026, 12, 31)
HOURS = ["10:00–19:00"] * 5 + ["", ""]


def marked(day: date = PARTY, mark: str = "off", name: str = "年会") -> dict:
    return {"days": [{"day": day.isoformat(), "mark": mark, "name": name}]}


def undo(outcome, actor) -> None:
    run_named(outcome.undo.action, actor, outcome.undo.data)


def test_until_it_is_changed_the_zone_says_whose_holidays_count(people):
    calendar = public.calendar_of(people.workspace)
    assert (calendar.zone, calendar.country) == ("Asia/Shanghai", "CN")
    assert not calendar.is_working_day(date(2026, 10, 1))
    assert calendar.is_working_day(date(2026, 10, 10))
    Workspace.objects.filter(pk=people.workspace.pk).update(time_zone="Europe/Vaduz")
    people.workspace.refresh_from_db()
    assert public.calendar_of(people.workspace).country == ""
    assert not WorkCalendar.objects.exists()


def test_country_and_hours_are_changed_and_taken_back(people, actor_of):
    actor = actor_of("admin")
    outcome = edit_calendar.run(actor, {"country": "SG", "hours": HOURS})
    calendar = public.calendar_of(people.workspace)
    assert calendar.country == public.country_of(people.workspace) == "SG"
    assert calendar.hours_of(date(2026, 10, 1)) == (Span(600, 1140),)
    undo(outcome, actor)
    calendar = public.calendar_of(people.workspace)
    assert calendar.country == "CN"
    assert calendar.hours_of(date(2026, 10, 8)) == (Span(540, 720), Span(780, 1080))


def test_own_days_are_marked_changed_and_taken_back(people, actor_of):
    actor = actor_of("owner")
    first = mark_days.run(actor, marked())
    second = mark_days.run(actor, marked(mark="work", name="盘点"))
    day = public.calendar_of(people.workspace).day(PARTY)
    assert (day.kind, day.name) == (Kind.OWN_WORK, "盘点")
    undo(second, actor)
    day = public.calendar_of(people.workspace).day(PARTY)
    assert (day.kind, day.name) == (Kind.OWN_OFF, "年会")
    undo(first, actor)
    assert not MarkedDay.objects.exists()
    assert public.calendar_of(people.workspace).is_working_day(PARTY)


def test_what_changes_nothing_says_nothing(people, actor_of):
    mark_days.run(actor_of("owner"), marked())
    edit_calendar.run(actor_of("owner"), {"country": "SG"})
    said = Event.objects.count()
    mark_days.run(actor_of("owner"), marked())
    edit_calendar.run(actor_of("owner"), {"country": "SG"})
    mark_days.run(actor_of("owner"), marked(date(2026, 12, 30), mark="none"))
    assert Event.objects.count() == said


@pytest.mark.parametrize("who", ["member", "guest", "nobody's"])
def test_only_admins_change_it(who, people, actor_of):
    actor = actor_of("member" if who == "nobody's" else who)
    if who == "nobody's":
        actor = type(actor).of(people.stranger.user)
    denied(edit_calendar, actor, {"country": "SG"})
    denied(mark_days, actor, marked())


def test_a_stranger_changes_only_their_own(people, actor_of):
    mark_days.run(actor_of("stranger"), marked())
    edit_calendar.run(actor_of("stranger"), {"country": "DE"})
    assert public.calendar_of(people.workspace).own == {}
    assert public.calendar_of(people.workspace).country == "CN"
    assert public.calendar_of(people.elsewhere).country == "DE"


@pytest.mark.parametrize(
    "data",
    [
        {"hours": [""] * 7},
        {"hours": HOURS[:6]},
        {"hours": ["9-12 11-13", *HOURS[1:]]},
        {"hours": ["all day", *HOURS[1:]]},
        {"country": "XX"},
    ],
)
def test_hours_that_make_no_week_are_refused(data, actor_of):
    unchanged(lambda: edit_calendar.run(actor_of("owner"), data), Invalid)


@pytest.mark.parametrize(
    "data",
    [
        marked(date(1999, 12, 31)),
        marked(name="x" * 61),
        {"days": marked()["days"] * 2},
        {"days": [{"day": "2026-02-30", "mark": "off"}]},
    ],
)
def test_days_that_cannot_be_marked_are_refused(data, actor_of):
    unchanged(lambda: mark_days.run(actor_of("owner"), data), Invalid)


@pytest.mark.parametrize("week_start", [0, 5, 6])
def test_a_year_is_twelve_months_of_whole_weeks(people, week_start):
    year = year_of(public.calendar_of(people.workspace), 2026, week_start)
    days = [day for month in year.months for week in month.weeks for day in week if day]
    assert [day.date for day in days] == sorted(day.date for day in days)
    assert len(days) == 365
    assert {len(week) for month in year.months for week in month.weeks} == {7}
    assert {day.weekday() for day in year.weekdays} == set(range(7))
    for month in year.months:
        for week in month.weeks:
            assert all(
                day is None or day.date.weekday() == column.weekday()
                for day, column in zip(week, year.weekdays, strict=True)
            )
    assert year.working_days == 248


# -- pages ---------------------------------------------------------------------------------------------------------

PAGE = "/w/acme/settings/calendar/"


def test_everybody_of_the_workspace_sees_it_and_admins_may_click(client_of):
    for who, buttons in (("owner", True), ("admin", True), ("member", False), ("guest", False)):
        answer = client_of(who).get(PAGE, {"year": "2026"})
        assert answer.status_code == 200
        assert ('name="day" value="2026-12-31"' in answer.content.decode()) == buttons, who
    assert client_of("stranger").get(PAGE).status_code == 404
    assert client_of("member").get(f"{PAGE}day/", {"day": "2026-12-31"}).status_code == 403


def test_a_year_the_country_has_not_settled_says_so(client_of):
    assert "is not in this version" in client_of("guest").get(PAGE, {"year": "2027"}).content.decode()
    assert "is not in this version" not in client_of("guest").get(PAGE, {"year": "2026"}).content.decode()


def test_this_year_is_the_workspaces_this_year(client_of, people):
    new_year_in_shanghai = datetime.fromisoformat("2026-12-31T17:00:00+00:00")
    with clock.frozen_at(new_year_in_shanghai):
        assert 'id="year-title">2027<' in client_of("guest").get(PAGE, {"year": "0"}).content.decode()


def test_a_click_asks_and_an_answer_marks_the_days_with_undo(client_of, people):
    browser = client_of("admin")
    asked = browser.get(f"{PAGE}day/", {"day": "2026-12-30"}).content.decode()
    assert 'value="2026-12-30"' in asked
    answer = browser.post(
        f"{PAGE}mark/?year=2026", {"first": "2026-12-30", "last": "2026-12-31", "mark": "off", "name": "年会"}
    )
    assert "own day off" in answer.content.decode()
    assert '"undo"' in answer.headers["HX-Trigger"]
    assert list(MarkedDay.objects.order_by("day").values_list("day", "name")) == [
        (date(2026, 12, 30), "年会"),
        (PARTY, "年会"),
    ]


def test_an_end_before_the_beginning_is_asked_again(client_of):
    answer = client_of("admin").post(
        f"{PAGE}mark/", {"first": "2026-12-30", "last": "2026-12-29", "mark": "off"}
    )
    assert answer.status_code == 422
    assert answer.headers["HX-Retarget"] == "#day-question"
    assert not MarkedDay.objects.exists()


def test_hours_typed_wrong_stay_beside_what_is_wrong(client_of):
    data = {"country": "CN", **{f"hours_{n}": text for n, text in enumerate(HOURS)}}
    answer = client_of("owner").post(f"{PAGE}edit/", data | {"hours_2": "noon"})
    assert answer.status_code == 422
    assert 'value="noon"' in answer.content.decode()
    assert "Write hours such as" in answer.content.decode()
    assert client_of("owner").post(f"{PAGE}edit/", data).status_code == 200
    assert WorkCalendar.objects.get().week[0] == (Span(600, 1140),)


def test_the_days_off_go_into_other_calendars(client_of, people, actor_of):
    mark_days.run(actor_of("owner"), marked(name="年会, 上海"))
    people.guest.user.language = "zh-hans"
    people.guest.user.save()
    answer = client_of("guest").get(f"{PAGE}days-off.ics", {"year": "2026"})
    text = answer.content.decode().replace("\r\n ", "")
    assert answer.headers["Content-Type"].startswith("text/calendar")
    assert "SUMMARY:国庆节\r\n" in text
    assert "DTSTART;VALUE=DATE:20261001\r\nDTEND;VALUE=DATE:20261008" in text
    assert "SUMMARY:年会\\, 上海（自定义休息日）" in text
    assert text.count("SUMMARY:调休补班") == 6


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_whatever_is_marked(rows, client_of, actor_of, django_assert_num_queries):
    for n in range(rows):
        mark_days.run(actor_of("owner"), marked(date(2026, 11, 2 + n)))
    browser = client_of("owner")
    browser.get(PAGE)
    with django_assert_num_queries(8):
        browser.get(PAGE)
