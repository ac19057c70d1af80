"""Reports: a dashboard goes out when it is due, once, to those who may see it, with figures and a picture."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from tongpin.kernel import clock
from tongpin.kernel.actions.door import run_named
from tongpin.kernel.errors import Conflict, Denied, Invalid, NotFound
from tongpin.kernel.events.models import Event
from tongpin.kernel.mail.models import OutboxMail
from tongpin.modules.analytics.tests.conftest import _store, store  # noqa: F401  fixtures
from tongpin.modules.analytics.tests.events import arrive, event
from tongpin.modules.digests import jobs, reporting, sending
from tongpin.modules.digests.actions import report as actions
from tongpin.modules.digests.actions import report_queue
from tongpin.modules.digests.enums import ReportWhy, VendorName
from tongpin.modules.digests.models import DeletedReport, Message, Report, ReportRun, Update
from tongpin.modules.notifications.models import Notification

WATCHED = (Report, ReportRun, Update, OutboxMail, Event)
TREND = {"kind": "trends", "from": "2026-03-01", "to": "2026-03-02", "series": [{"event": "paid"}]}
MONDAY = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # ten in Shanghai
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def dashboard(people, store, actor_of):  # noqa: F811
    """The owner's: five payments of three people, a text, and an insight that was deleted."""
    arrive(people.workspace, *(event(who, "paid", n) for n, who in enumerate(["a", "a", "b", "c", "c"])))
    owner = actor_of("owner")
    row = run_named("analytics.dashboard.create", owner, {"name": "增长周会"}).value
    for name in ("Payments", "Gone"):
        insight = run_named("analytics.insight.create", owner, {"name": name, "question": TREND}).value
        run_named("analytics.dashboard.add_tile", owner, {"insight": insight.public_id}, target=row)
    run_named("analytics.insight.delete", owner, {}, target=insight)
    run_named("analytics.dashboard.add_tile", owner, {"text": "Look here"}, target=row)
    return row


@pytest.fixture
def make_report(dashboard, people, actor_of, time):
    """A report of Monday ten in Shanghai, as that person: every working day at half past ten to the member."""

    def make(who="owner", **data):
        given = {
            "dashboard": dashboard.public_id,
            "every": "workday",
            "at": "10:30",
            "readers": [people.member.public_id],
        }
        with time.held():
            return actions.create_report.run(actor_of(who), {**given, **data}).value

    return make


def due(time, minutes=30):
    time.pass_(minutes=minutes)
    with time.held():
        return reporting.run_due()


def snapshot():
    return [list(model.objects.order_by("pk").values()) for model in WATCHED]


def refused(call, *errors):
    before = snapshot()
    with pytest.raises(errors or (Denied, NotFound)):
        call()
    assert snapshot() == before


ON_REPORT = [
    (actions.edit_report, {"every": "day"}),
    (actions.pause_report, {}),
    (actions.resume_report, {}),
    (actions.delete_report, {}),
]


class TestRights:
    @pytest.mark.parametrize(("action", "data"), ON_REPORT, ids=lambda v: getattr(v, "name", ""))
    @pytest.mark.parametrize("who", ["member", "guest", "stranger"])
    def test_only_whose_it_is_and_admins_change_it(self, action, data, who, make_report, actor_of):
        row = make_report()
        refused(lambda: action.run(actor_of(who), data, target=row))

    @pytest.mark.parametrize(("action", "data"), ON_REPORT, ids=lambda v: getattr(v, "name", ""))
    def test_an_admin_does(self, action, data, make_report, actor_of):
        action.run(actor_of("admin"), data, target=make_report())

    @pytest.mark.parametrize("who", ["guest", "stranger"])
    def test_others_make_none(self, who, dashboard, people, actor_of):
        given = {
            "dashboard": dashboard.public_id,
            "every": "day",
            "at": "09:00",
            "readers": [people.member.public_id],
        }
        refused(lambda: actions.create_report.run(actor_of(who), given))

    @pytest.mark.parametrize("who", ["admin", "owner", "guest", "stranger"])
    def test_only_a_reader_leaves(self, who, make_report, actor_of):
        row = make_report()
        refused(lambda: actions.leave_report.run(actor_of(who), {}, target=row))

    @pytest.mark.parametrize("who", ["member", "guest", "stranger"])
    def test_others_bring_none_back(self, who, make_report, actor_of):
        row = make_report()
        actions.delete_report.run(actor_of("owner"), {}, target=row)
        gone = DeletedReport.objects.get(pk=row.pk)
        refused(lambda: actions.restore_report.run(actor_of(who), {}, target=gone))

    @pytest.mark.parametrize("who", ["owner", "admin", "member"])
    def test_only_the_server_stops_one_by_itself(self, who, make_report, actor_of):
        row = make_report()
        refused(lambda: actions.stop_report.run(actor_of(who), {"why": ReportWhy.GONE}, target=row))

    @pytest.mark.parametrize(
        ("who", "status"),
        [("owner", 200), ("member", 200), ("guest", 403), ("stranger", 404), ("nobody", 302)],
    )
    def test_who_opens_the_pages(self, who, status, make_report, client_of):
        row = make_report()
        base = f"/w/acme/data/dashboards/{row.dashboard.public_id}/reports/"
        for page in ("", f"{row.public_id}/", f"{row.public_id}/picture.png"):
            assert client_of(who).get(base + page).status_code == status

    def test_a_robot_of_a_project_one_does_not_lead_is_refused(
        self, make_report, make_robot, project, actor_of, people
    ):
        robot = make_robot("member")
        assert make_report("member", robots=[robot.public_id]).robots.count() == 1
        places = [
            {"member": str(people.member.public_id), "role": "member"},
            {"member": str(people.owner.public_id), "role": "lead"},
        ]
        run_named("workspaces.project.set_members", actor_of("owner"), {"members": places}, target=project)
        with pytest.raises(Invalid) as found:
            make_report("member", robots=[robot.public_id])
        assert set(found.value.fields) == {"robots"}

    def test_readers_are_members_who_may_see_dashboards(self, make_report, people):
        for wrong in (people.guest, people.stranger):
            with pytest.raises(Invalid) as found:
                make_report(readers=[wrong.public_id])
            assert set(found.value.fields) == {"readers"}
        with pytest.raises(Invalid):
            make_report(readers=[])


class TestSending:
    def test_when_due_a_reader_gets_the_figures_and_the_picture_once(self, make_report, time, people):
        row = make_report()
        assert row.next_at == MONDAY + timedelta(minutes=30)
        assert due(time, 29) == 0
        assert due(time, 1) == 1
        assert due(time, 0) == 0

        (mail,) = OutboxMail.objects.all()
        assert mail.to == people.member.user.email
        assert "增长周会" in mail.subject
        assert re.search(r"Payments\s+.*: 5\b", mail.text)
        assert "Look here" in mail.text
        assert 'src="cid:picture"' in mail.html
        assert bytes(mail.picture).startswith(b"\x89PNG")
        (run,) = ReportRun.objects.all()
        assert (run.due, run.mails, run.groups, run.troubled) == (MONDAY + timedelta(minutes=30), 1, 0, 0)
        row.refresh_from_db()
        assert row.next_at == MONDAY + timedelta(days=1, minutes=30)

    def test_a_worker_that_dies_sends_nothing_and_the_next_one_sends_it_once(
        self, make_report, time, monkeypatch
    ):
        make_report()
        with monkeypatch.context() as dying:
            dying.setattr(report_queue, "settle", lambda *args: (_ for _ in ()).throw(RuntimeError("died")))
            due(time)
        assert not OutboxMail.objects.exists()
        assert due(time, 1) == 0  # held by the one that died
        assert due(time, 15) == 1
        assert OutboxMail.objects.count() == ReportRun.objects.count() == 1

    def test_two_workers_with_one_claim_send_it_once(self, make_report, time):
        row = make_report()
        time.pass_(minutes=30)
        with time.held():
            taken = report_queue.claim()
            assert report_queue.claim() is None
            assert reporting.send(*taken)
            assert not reporting.send(*taken)
        assert OutboxMail.objects.count() == 1
        assert row.pk == taken[0].pk

    def test_a_server_that_was_off_sends_once_not_for_every_day(self, make_report, time):
        make_report()
        assert due(time, 60 * 24 * 9) == 1
        assert due(time, 0) == 0
        assert ReportRun.objects.count() == 1

    def test_groups_get_it_as_their_vendor_takes_pictures(self, make_report, make_robot, time, group, client):
        robots = {
            name: make_robot("owner", at=group.address) for name in ("dingtalk", "wecom", "feishu", "slack")
        }
        for name, robot in robots.items():
            robot.vendor = VendorName(name)
            robot.save(update_fields=["vendor"])
        group.ok = {"errcode": 0, "code": 0}  # as either vendor says it
        make_report(readers=[], robots=[robot.public_id for robot in robots.values()])
        due(time)
        with time.held():
            assert sending.run_once() == 5

        by_kind = {body.get("msgtype") or body.get("msg_type") or "slack": body for body in group.got}
        plain = [body for body in group.got if body.get("msgtype") == "markdown"]
        assert all(
            "Payments" in str(body) and "5" in str(body)
            for body in group.got
            if body.get("msgtype") != "image"
        )
        image = by_kind["image"]["image"]
        png = base64.b64decode(image["base64"])
        assert png.startswith(b"\x89PNG")
        assert hashlib.md5(png, usedforsecurity=False).hexdigest() == image["md5"]
        (url,) = {
            *re.findall(r"!\[\]\((\S+)\)", str(plain)),
            *(each["image_url"] for each in by_kind["slack"]["attachments"]),
        }
        with time.held():
            answer = client.get(urlsplit(url).path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
        assert answer.content == png
        assert not Message.objects.exclude(state="sent").exists()

    def test_the_address_of_a_picture_ends_and_cannot_be_guessed(self, make_report, time, client):
        make_report()
        due(time)
        path = urlsplit(ReportRun.objects.get().picture_url).path
        with time.held():
            assert client.get(path).status_code == 200
            assert client.get(path.replace(".png", "x.png")).status_code == 404
        workspace = ReportRun.objects.get().workspace
        workspace.allowed_networks = ["10.0.0.0/8"]
        workspace.save(update_fields=["allowed_networks"])
        with time.held():
            assert client.get(path).status_code == 404  # the test's client stands at 127.0.0.1
            assert client.get(path, REMOTE_ADDR="10.1.2.3").status_code == 200
        with clock.frozen_at(time.now + timedelta(days=31)):
            assert client.get(path).status_code == 404
            jobs.forget_old(0)
        assert ReportRun.objects.get().picture is None

    def test_whoever_may_see_it_no_more_gets_no_more(self, make_report, time, people, actor_of):
        make_report(readers=[people.member.public_id, people.admin.public_id])
        run_named("workspaces.member.change_role", actor_of("owner"), {"role": "guest"}, target=people.member)
        due(time)
        assert [mail.to for mail in OutboxMail.objects.filter(subject__contains="增长周会")] == [
            people.admin.user.email
        ]

    def test_one_whose_owner_left_stops_and_admins_hear_of_it(self, make_report, time, people, drain):
        row = make_report("member", readers=[people.admin.public_id])
        type(people.member).objects.filter(pk=people.member.pk).update(deactivated_at=time.now)
        with time.held():
            due(time)
            drain()
        row.refresh_from_db()
        assert (row.paused_why, row.next_at) == (ReportWhy.OWNER_LEFT, None)
        assert not OutboxMail.objects.filter(picture__isnull=False).exists()
        told = Notification.objects.filter(kind="digests.report").values_list("recipient", flat=True)
        assert set(told) == {people.owner.pk, people.admin.pk}

    def test_a_tile_without_an_answer_is_told_in_its_place(self, make_report, time, store):  # noqa: F811
        make_report()
        store.stop()
        try:
            due(time)
        finally:
            store.start()
        assert ReportRun.objects.get().troubled == 1
        assert OutboxMail.objects.get().picture


class TestPages:
    def test_it_is_set_up_changed_paused_and_deleted_with_undo(self, dashboard, people, client_of):
        client = client_of("owner")
        base = f"/w/acme/data/dashboards/{dashboard.public_id}/reports/"
        assert "Not sent yet" in client.get(base).content.decode()
        given = {"every": "week", "weekday": "2", "day": "1", "at": "09:15", "language": "zh-hans"}
        refused_page = client.post(base, given, **HTMX)
        assert refused_page.status_code == 422
        assert 'value="09:15"' in refused_page.content.decode()  # what was typed is kept
        answer = client.post(base, given | {"readers": [str(people.member.public_id)]}, **HTMX)
        assert answer.status_code == 200
        row = Report.objects.get()
        assert (row.every, row.weekday, row.language, row.next_at is not None) == ("week", 2, "zh-hans", True)
        page = f"{base}{row.public_id}/"
        client.post(
            page, given | {"every": "month", "day": "31", "readers": [str(people.admin.public_id)]}, **HTMX
        )
        row.refresh_from_db()
        assert (row.every, [m.pk for m in row.readers.all()]) == ("month", [people.admin.pk])
        client.post(page + "pause/", **HTMX)
        row.refresh_from_db()
        assert row.next_at is None
        client.post(page + "resume/", **HTMX)
        row.refresh_from_db()
        assert row.next_at is not None
        client.post(page + "delete/", **HTMX)
        assert not Report.objects.filter(deleted_at=None).exists()

    def test_undo_of_a_change_brings_readers_back(self, make_report, people, actor_of):
        row = make_report()
        me = actor_of("owner")
        changes = {
            "readers": [people.admin.public_id],
            "every": "day",
            "at": "08:00",
            "owner": people.admin.public_id,
        }
        edited = actions.edit_report.run(me, changes, target=row)
        assert [each.pk for each in row.readers.all()] == [people.admin.pk]
        run_named(edited.undo.action, me, edited.undo.data, target=edited.undo.target)
        row.refresh_from_db()
        assert [each.pk for each in row.readers.all()] == [people.member.pk]
        assert (row.every, str(row.at), row.owner) == ("workday", "10:30:00", people.owner)

    def test_a_reader_leaves_by_its_page(self, make_report, people, client_of):
        row = make_report()
        page = f"/w/acme/data/dashboards/{row.dashboard.public_id}/reports/{row.public_id}/"
        assert "No more mails to me" in client_of("member").get(page).content.decode()
        client_of("member").post(page + "leave/", **HTMX)
        assert row.readers.count() == 0
        assert "No more mails to me" not in client_of("member").get(page).content.decode()

    def test_the_picture_can_be_looked_at_before(self, make_report, client_of):
        row = make_report()
        answer = client_of("member").get(
            f"/w/acme/data/dashboards/{row.dashboard.public_id}/reports/{row.public_id}/picture.png"
        )
        assert answer.content.startswith(b"\x89PNG")

    @pytest.mark.parametrize("count", [1, 9])
    def test_the_list_costs_the_same_whatever_its_length(
        self, count, make_report, client_of, django_assert_num_queries
    ):
        made = [make_report() for _one in range(count)]
        base = f"/w/acme/data/dashboards/{made[0].dashboard.public_id}/reports/"
        client = client_of("owner")
        client.get(base)
        with django_assert_num_queries(13):
            assert client.get(base).content.decode().count('<li id="report-') == count

    def test_a_dashboard_has_twenty_at_most(self, make_report):
        for _one in range(actions.MOST_REPORTS):
            make_report()
        with pytest.raises(Conflict):
            make_report()
