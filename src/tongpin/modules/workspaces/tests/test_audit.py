from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from tongpin.kernel import clock
from tongpin.kernel.events.models import Event
from tongpin.kernel.events.recording import coming_from, emit, recording
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Via
from tongpin.lib.ids import new_id
from tongpin.modules.workspaces import public
from tongpin.modules.workspaces.actions.audit import KEPT_AN_HOUR, export_audit
from tongpin.modules.workspaces.actions.invitation import invite_member
from tongpin.modules.workspaces.actions.member import change_role
from tongpin.modules.workspaces.actions.token import create_token
from tongpin.modules.workspaces.queries.audit import Filters, _sets, everything, page
from tongpin.modules.workspaces.token_events import TokenRevoked

from .denied import denied

pytestmark = pytest.mark.django_db

LOG = "/w/acme/settings/audit/"
EXPORT = f"{LOG}export/"


def names(actor, **filters) -> list[str]:
    return [entry.event.name for entry in everything(actor, Filters(**filters))]


def signed_in(person, password: str) -> Client:
    browser = Client()
    browser.post("/accounts/login/", {"login": person.user.email, "password": password})
    return browser


def test_owners_and_admins_read_it_nobody_else(client_of):
    for who, status in (("owner", 200), ("admin", 200), ("member", 403), ("guest", 403), ("stranger", 404)):
        assert client_of(who).get(LOG).status_code == status
        assert client_of(who).post(EXPORT, {"form": "csv"}).status_code == status


@pytest.mark.parametrize("who", ["member", "guest"])
def test_the_export_is_denied(actor_of, who):
    denied(export_audit, actor_of(who), {"form": "csv"})


def test_it_says_who_what_and_from_where(people, actor_of, client_of):
    actor = Actor.for_member(people.admin, ip="10.1.2.3")
    change_role.run(actor, {"role": "guest"}, target=people.member)
    shown = client_of("owner").get(LOG).content.decode()
    assert "changed a role from Member to Guest" in shown
    assert "10.1.2.3" in shown
    assert "<dt><code>after</code></dt><dd>guest</dd><dt><code>before</code></dt><dd>member</dd>" in shown


def test_sign_ins_and_failed_ones_of_members_are_in_it(people, actor_of):
    signed_in(people.member, "wrong horse battery")
    signed_in(people.member, "correct horse battery")
    signed_in(people.stranger, "wrong horse battery")
    assert names(actor_of("owner"), kind="sign_in") == ["workspaces.signed_in", "workspaces.sign_in_failed"]
    failed = next(e for e in everything(actor_of("owner"), Filters()) if e.event.name.endswith("failed"))
    assert failed.said == "tried to sign in as Member and failed"
    assert (failed.event.actor, failed.event.ip) == (None, "127.0.0.1")
    assert names(actor_of("stranger"), kind="sign_in") == ["workspaces.sign_in_failed"]


def test_an_unknown_address_is_noted_without_the_address(people, actor_of):
    Client().post("/accounts/login/", {"login": "my-password@x.example", "password": "whatever it was"})
    row = Event.objects.get(name="workspaces.sign_in_failed")
    assert (row.payload, row.workspace) == ({"name": ""}, None)
    assert names(actor_of("owner")) == []


def test_what_an_account_did_before_it_joined_is_nobody_elses_business(people, actor_of):
    signed_in(people.member, "correct horse battery")
    people.member.joined_at = clock.now() + timedelta(minutes=1)
    people.member.save()
    assert names(actor_of("owner")) == []


def test_a_refusal_is_noted_but_not_without_end(people, client_of, actor_of):
    guest = client_of("guest")
    for _try in range(KEPT_AN_HOUR + 3):
        guest.get("/w/acme/settings/")
    refused = list(everything(actor_of("owner"), Filters(kind="access")))
    assert len(refused) == KEPT_AN_HOUR
    assert refused[0].said == "was refused /w/acme/settings/"
    assert refused[0].event.actor == people.guest.user


def test_the_first_use_of_a_token_on_a_day_and_from_elsewhere_is_noted(actor_of):
    made = create_token.run(actor_of("member"), {"name": "robot", "scopes": ["workspaces:read"]}).value
    for ip in ("10.0.0.1", "10.0.0.1", "10.0.0.2", "10.0.0.2"):
        assert public.authenticate(made.secret, ip=ip) is not None
    used = list(everything(actor_of("owner"), Filters(via="api")))
    assert [(e.event.ip, e.said) for e in used] == [
        ("10.0.0.2", "used the API token “robot”"),
        ("10.0.0.1", "used the API token “robot”"),
    ]


def test_filters_narrow_it(people, actor_of):
    change_role.run(Actor.for_member(people.admin, ip="10.1.2.3"), {"role": "guest"}, target=people.member)
    cli = Actor.for_member(people.owner, Via.CLI, ip="2001:db8::7")
    invite_member.run(cli, {"email": "x@example.com"})
    owner, role, invited = (
        actor_of("owner"),
        "workspaces.member_role_changed",
        "workspaces.invitation_created",
    )
    now = clock.now()
    assert names(owner) == [invited, role]
    assert names(owner, who=str(people.admin.user.public_id)) == [role]
    assert names(owner, who="system") == []
    assert names(owner, via="cli") == [invited]
    assert names(owner, ip="10.0.0.0/8") == [role]
    assert names(owner, ip="2001:db8::/32") == [invited]
    assert names(owner, ip="10.1.2.4/32") == []
    assert names(owner, kind="people") == [invited, role]
    assert names(owner, kind="work") == names(owner, kind="settings") == []
    assert names(owner, since=now) == []
    assert names(owner, until=now) == [invited, role]


def test_a_filter_that_makes_no_sense_is_explained_and_kept(client_of):
    answer = client_of("owner").get(LOG, {"ip": "10.1.2", "since": "never"})
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "Write an address such as 10.1.2.3 or 10.1.0.0/16." in shown
    assert 'value="10.1.2"' in shown
    assert 'value="never"' in shown


def test_pages_follow_each_other_without_loss(actor_of):
    for n in range(7):
        invite_member.run(actor_of("admin"), {"email": f"n{n}@example.com"})
    seen, cursor = [], None
    while True:
        entries, cursor = page(actor_of("owner"), Filters(), cursor, limit=3)
        seen += [entry.event.payload["email"] for entry in entries]
        if cursor is None:
            break
    assert seen == [f"n{n}@example.com" for n in reversed(range(7))]


def test_nothing_of_another_workspace(people, actor_of):
    invite_member.run(actor_of("stranger"), {"email": "x@example.com"})
    assert names(actor_of("owner")) == []


def test_the_csv_opens_in_a_spreadsheet_and_is_noted(people, actor_of, client_of):
    people.admin.user.name = "=cmd|' /C calc'!A0"
    people.admin.user.save()
    change_role.run(Actor.for_member(people.admin, ip="10.1.2.3"), {"role": "guest"}, target=people.member)
    answer = client_of("owner").post(EXPORT, {"form": "csv", "kind": "people"})
    text = b"".join(answer).decode()
    assert text.startswith("\ufeffTime,Who,")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(rows) == 2
    assert rows[1][1] == "'=cmd|' /C calc'!A0"
    assert rows[1][3:9] == [
        "changed a role from Member to Guest", "Member", "Web", "10.1.2.3", "", "workspaces.member.change_role",
    ]  # fmt: skip
    assert answer["Content-Disposition"].startswith('attachment; filename="acme-audit-')
    noted = page(actor_of("owner"), Filters(kind="access"), None)[0][0]
    assert noted.said == "exported a part of the audit log as CSV"
    assert noted.event.payload == {"form": "csv", "filters": {"kind": "people"}}


def test_json_lines_for_programs(people, actor_of, client_of):
    change_role.run(Actor.for_member(people.admin, ip="10.1.2.3"), {"role": "guest"}, target=people.member)
    answer = client_of("owner").post(EXPORT, {"form": "jsonl"})
    rows = [json.loads(line) for line in b"".join(answer).decode().splitlines()]
    assert [row["event"] for row in rows] == ["workspaces.audit_exported", "workspaces.member_role_changed"]
    assert rows[1]["actor"]["email"] == "admin@acme.example"
    assert rows[1]["payload"] == {"before": "member", "after": "guest"}


def test_the_file_is_in_the_readers_language(people, actor_of, client_of):
    change_role.run(actor_of("admin"), {"role": "guest"}, target=people.member)
    people.owner.user.language = "zh-hans"
    people.owner.user.save()
    text = b"".join(client_of("owner").post(EXPORT, {"form": "csv"})).decode()
    assert text.startswith("\ufeff时间,")
    assert "网页" in text


def test_an_unknown_form_is_refused(client_of):
    assert client_of("owner").post(EXPORT, {"form": "exe"}).status_code == 422
    assert not Event.objects.filter(name="workspaces.audit_exported").exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_whatever_the_rows(
    rows, people, actor_of, client_of, django_assert_num_queries
):
    for n in range(rows):
        invite_member.run(actor_of("admin"), {"email": f"n{n}@example.com"})
        change_role.run(actor_of("owner"), {"role": ("guest", "member")[n % 2]}, target=people.member)
    browser = client_of("owner")
    browser.get(LOG)
    with django_assert_num_queries(10):
        browser.get(LOG)


def test_a_hundred_thousand_entries_are_read_by_index(people, actor_of):
    """The plan of the first and of a late page goes by an index on the time: neither sorts the whole log."""
    now = clock.now()
    Event.objects.bulk_create(
        [
            Event(
                workspace=people.workspace, name="workspaces.member_left", v=1, payload={},
                subject_type="tenancy.membership", subject_id=new_id(), via=Via.WEB, action="x", ip="10.0.0.1",
                actor=people.owner.user, at=now - timedelta(seconds=n),
            )
            for n in range(20_000)
        ],
        batch_size=5000,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE events_event")
    with_cursor = (now - timedelta(seconds=15_000), 1)
    for before in (None, with_cursor):
        rows = _sets(actor_of("owner"), Filters())[0]
        if before:
            rows = rows.filter(at__lte=before[0])
        plan = rows.order_by("-at", "-pk")[:51].explain()
        assert "event_workspace_at" in plan, plan


SAFARI = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.4 Safari/605.1.15"


@pytest.mark.parametrize(
    ("agent", "words"),
    [(SAFARI, "Safari · macOS"), ("curl/8.5.0", "curl"), ("", ""), ("<script>alert(1)</script>", "")],
)
def test_it_says_which_browser_or_program(people, client_of, agent, words):
    browser = client_of("owner")
    made = {"name": "CI", "days": "0", "scopes": ["goals:read"]}
    browser.post("/w/acme/tokens/", made, headers={"User-Agent": agent})
    assert Event.objects.get(name="workspaces.token_created").agent == words
    shown = browser.get(LOG).content.decode()
    assert words in shown
    assert "alert(1)" not in shown
    (line,) = [
        row
        for row in browser.post(EXPORT, {"form": "jsonl"}).streaming_content
        if b"workspaces.token_created" in row
    ]
    assert json.loads(line)["agent"] == words


def test_what_the_server_does_by_itself_came_from_no_browser(people):
    with coming_from("Chrome"):
        with recording(Actor.system(people.workspace), "test"):
            emit(TokenRevoked(name="x"), people.workspace)
        with recording(Actor.for_member(people.owner), "test"):
            emit(TokenRevoked(name="y"), people.workspace)
    found = Event.objects.filter(action="test").order_by("pk").values_list("agent", flat=True)
    assert list(found) == ["", "Chrome"]
