"""Importing members: reading files, the preview, inviting in pieces, taking all of it back."""

from __future__ import annotations

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from tongpin.kernel.actions.door import run_named
from tongpin.kernel.errors import Conflict, Invalid
from tongpin.kernel.mail.models import OutboxMail
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership, User
from tongpin.modules.workspaces import import_jobs
from tongpin.modules.workspaces.actions import member_import as actions
from tongpin.modules.workspaces.actions.department import create_department
from tongpin.modules.workspaces.actions.invitation import accept_invitation, invite_member
from tongpin.modules.workspaces.actions.member import change_role, deactivate_member
from tongpin.modules.workspaces.actions.project import create_project
from tongpin.modules.workspaces.enums import ImportState, ProjectRole, RowState
from tongpin.modules.workspaces.models import (
    Department,
    DepartmentMember,
    Invitation,
    MemberImport,
    ProjectMember,
)
from tongpin.modules.workspaces.queries import member_import as query

from .denied import denied, unchanged

pytestmark = pytest.mark.django_db

HEAD = ["邮箱", "姓名", "角色", "部门", "项目"]


def made(actor, *rows, head=HEAD) -> MemberImport:
    lines = [{"number": n, "cells": list(cells)} for n, cells in enumerate([head, *rows], 1)]
    return actions.create_import.run(actor, {"name": "people.csv", "lines": lines}).value


def started(actor, *rows, **data) -> MemberImport:
    row = made(actor, *rows)
    actions.start_import.run(actor, data, target=row)
    return row


def work(row: MemberImport) -> None:
    import_jobs.import_members(str(row.public_id), str(row.workspace.public_id))
    row.refresh_from_db()


def states(row: MemberImport) -> list[str]:
    return [r.state for r in query.results(row)]


def people_of(n: int) -> list[list[str]]:
    return [[f"p{i}@acme.example", f"人{i}", "", "", ""] for i in range(n)]


def test_everyone_is_invited_into_their_places(people, actor_of):
    admin = actor_of("admin")
    project = create_project.run(admin, {"name": "团购", "key": "STO"}).value
    create_department.run(admin, {"name": "研发"})
    row = started(
        admin,
        ["Yi@Acme.example", "沈一诺", "管理员", "研发／后端；市场", "sto：只读"],
        ["kim@acme.example", "Kim 🎉", "guest", "", "团购"],
    )
    assert row.created_by == admin.user
    work(row)
    assert states(row) == [RowState.INVITED, RowState.INVITED]
    assert row.state == ImportState.DONE
    assert list(OutboxMail.objects.order_by("pk").values_list("to", flat=True)) == [
        "yi@acme.example",
        "kim@acme.example",
    ]
    paths = {(d.parent.name if d.parent else "", d.name) for d in Department.objects.all()}
    assert paths == {("", "研发"), ("研发", "后端"), ("", "市场")}

    user = User.objects.create_user("yi@acme.example", "correct horse battery", name="沈一诺")
    secret = OutboxMail.objects.get(to=user.email).text.split("/invite/")[1].split("/")[0]
    joined = accept_invitation.run(Actor.of(user), {"token": secret}).value
    assert joined.role == Role.ADMIN
    names = DepartmentMember.objects.filter(membership=joined).values_list("department__name", flat=True)
    assert set(names) == {"后端", "市场"}
    assert ProjectMember.objects.get(membership=joined, project=project).role == ProjectRole.VIEWER


def test_twice_adds_nobody_twice(people, actor_of):
    rows = people_of(3)
    work(started(actor_of("admin"), *rows))
    again = started(actor_of("owner"), *rows)
    assert states(again) == [RowState.KNOWN] * 3
    work(again)
    assert Invitation.objects.count() == OutboxMail.objects.count() == 3


def test_a_bad_row_holds_nobody_back(people, actor_of):
    admin = actor_of("admin")
    invite_member.run(admin, {"email": "asked@acme.example"})
    deactivate_member.run(admin, {}, target=people.guest)
    rows = [
        ["", "Nobody", "", "", ""],
        ["not an address", "", "", "", ""],
        ["good@acme.example", "", "", "", ""],
        ["GOOD@acme.example", "", "", "", ""],
        ["a@acme.example", "", "boss", "", ""],
        ["b@acme.example", "", "owner", "", ""],
        ["c@acme.example", "", "", "", "NOPE"],
        ["d@acme.example", "字" * 81, "", "", ""],
        ["e@acme.example", "", "", "/".join("abcdefghijk"), ""],
        [people.member.user.email, "", "", "", ""],
        [people.guest.user.email, "", "", "", ""],
        ["asked@acme.example", "", "", "", ""],
    ]
    row = started(admin, *rows)
    work(row)
    assert [(r.state, r.reason) for r in query.results(row)] == [
        ("refused", "no_email"),
        ("refused", "bad_email"),
        ("invited", ""),
        ("refused", "twice"),
        ("refused", "unknown_role"),
        ("refused", "no_owner"),
        ("refused", "unknown_project"),
        ("refused", "long_name"),
        ("refused", "bad_department"),
        ("member", ""),
        ("refused", "deactivated"),
        ("known", ""),
    ]


def test_a_dead_worker_s_work_goes_on(people, actor_of, monkeypatch):
    monkeypatch.setattr(actions, "CHUNK", 2)
    row = started(actor_of("admin"), *people_of(5))
    actions.advance_import.run(actor_of("admin"), {}, target=row)
    assert states(row).count(RowState.INVITED) == 2
    work(row)
    work(row)
    assert states(row) == [RowState.INVITED] * 5
    assert Invitation.objects.count() == 5


def test_mails_beyond_the_day_s_number_follow(people, actor_of, monkeypatch):
    monkeypatch.setattr(actions, "MAILS_A_DAY", 2)
    row = started(actor_of("admin"), *people_of(3))
    work(row)
    assert row.state == ImportState.DONE
    assert states(row) == [RowState.INVITED, RowState.INVITED, RowState.MAIL]
    import_jobs.send_waiting(0)
    assert OutboxMail.objects.count() == 2
    monkeypatch.setattr(actions, "MAILS_A_DAY", 200)
    import_jobs.send_waiting(0)
    assert states(row) == [RowState.INVITED] * 3
    assert OutboxMail.objects.count() == 3


def test_without_mail_links_are_made_and_vouch_for_no_address(people, actor_of):
    admin = actor_of("admin")
    row = started(admin, *people_of(2), by_mail=False)
    work(row)
    assert OutboxMail.objects.count() == 0
    assert set(Invitation.objects.values_list("email", flat=True)) == {""}
    first = actions.make_links.run(admin, {}, target=row).value.links
    links = actions.make_links.run(admin, {}, target=row).value.links
    assert [(email, name) for email, name, _link in links] == [
        ("p0@acme.example", "人0"),
        ("p1@acme.example", "人1"),
    ]
    user = User.objects.create_user("other@acme.example", "correct horse battery", name="Other")
    old, new = (found[0][2].rstrip("/").rsplit("/", 1)[1] for found in (first, links))
    with pytest.raises(Exception, match="no such invitation"):
        accept_invitation.run(Actor.of(user), {"token": old})
    assert accept_invitation.run(Actor.of(user), {"token": new}).value.role == Role.MEMBER
    assert len(actions.make_links.run(admin, {}, target=row).value.links) == 1


def test_taking_it_back_leaves_who_came_and_what_is_used(people, actor_of):
    admin = actor_of("admin")
    rows = [
        ["a@acme.example", "", "", "研发/后端", ""],
        ["b@acme.example", "", "", "市场", ""],
    ]
    row = made(admin, *rows)
    outcome = actions.start_import.run(admin, {}, target=row)
    work(row)
    user = User.objects.create_user("a@acme.example", "correct horse battery", name="A")
    secret = OutboxMail.objects.get(to=user.email).text.split("/invite/")[1].split("/")[0]
    accept_invitation.run(Actor.of(user), {"token": secret})
    run_named(outcome.undo.action, admin, outcome.undo.data, target=outcome.undo.target)
    row.refresh_from_db()
    assert row.state == ImportState.UNDONE
    assert set(Department.objects.filter(deleted_at=None).values_list("name", flat=True)) == {"研发", "后端"}
    assert Membership.objects.active().filter(user=user).exists()
    assert [i.state for i in Invitation.objects.order_by("pk")] == ["used", "revoked"]
    work(row)
    assert Invitation.objects.open().count() == 0


def test_who_may_not_invite_any_more_invites_nobody(people, actor_of):
    row = started(actor_of("admin"), *people_of(2))
    change_role.run(actor_of("owner"), {"role": "member"}, target=people.admin)
    work(row)
    assert states(row) == [RowState.REFUSED] * 2
    assert row.state == ImportState.DONE
    assert Invitation.objects.count() == 0


def test_a_draft_only_starts_once_and_needs_addresses(people, actor_of):
    admin = actor_of("admin")
    row = made(admin, ["x", "y"], head=["Foo", "Bar"])
    unchanged(lambda: actions.start_import.run(admin, {}, target=row), Invalid)
    unchanged(lambda: actions.map_columns.run(admin, {"columns": {"email": 9}}, target=row), Invalid)
    unchanged(
        lambda: actions.map_columns.run(admin, {"columns": {"email": 0, "name": 0}}, target=row), Invalid
    )
    unchanged(lambda: actions.undo_import.run(admin, {}, target=row), Conflict)
    actions.map_columns.run(admin, {"columns": {"email": 0}}, target=row)
    actions.start_import.run(admin, {}, target=row)
    unchanged(lambda: actions.start_import.run(admin, {}, target=row), Conflict)
    unchanged(lambda: actions.map_columns.run(admin, {"columns": {}}, target=row), Conflict)


@pytest.mark.parametrize("who", ["member", "guest", "stranger"])
def test_denied(who, people, actor_of):
    row = started(actor_of("admin"), *people_of(1))
    actor = actor_of(who)
    if who != "stranger":
        data = {"name": "x.csv", "lines": [{"number": 1, "cells": ["z@acme.example"]}]}
        denied(actions.create_import, actor, data)
    denied(actions.map_columns, actor, {"columns": {}}, row)
    for action in (
        actions.start_import,
        actions.advance_import,
        actions.stop_import,
        actions.undo_import,
        actions.make_links,
    ):
        denied(action, actor, {}, row)


# -- pages ---------------------------------------------------------------------------------------------------------

TEXT = "邮箱,姓名,部门\nyi@acme.example,沈一诺,研发/后端\n坏地址,何予安,市场\n"


def workbook() -> bytes:
    book, out = Workbook(), io.BytesIO()
    for line in TEXT.splitlines():
        book.active.append(line.split(","))
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", TEXT.encode()),
        ("a.csv", TEXT.encode("utf-8-sig")),
        ("a.csv", TEXT.encode("gb18030")),
        ("a.csv", TEXT.replace(",", ";").encode()),
        ("a.txt", TEXT.replace(",", "\t").encode("utf-16")),
        ("a.xlsx", workbook()),
    ],
)
def test_files_as_people_have_them(name, content, people, client_of):
    client = client_of("admin")
    answer = client.post("/w/acme/members/import/", {"file": SimpleUploadedFile(name, content)}, follow=True)
    page = answer.content.decode()
    assert "yi@acme.example" in page
    assert "“坏地址” is not an e-mail address." in page
    assert "研发 / 后端" in page
    row = MemberImport.objects.get()
    assert row.columns == {"email": 0, "name": 1, "departments": 2}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "There is nobody in the file."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1xxx", "old Excel file"),
        (b"%PDF-1.7 abc", "not a table"),
        (b"PK\x03\x04 broken", "Save it again"),
        ("邮箱,姓名".encode(), "a heading and no people"),
        (b"a@b.example\n" * 6000, "at most 5 MB and 5,000 people"),
    ],
)
def test_files_that_cannot_be_read_say_why(content, said, people, client_of):
    answer = client_of("admin").post(
        "/w/acme/members/import/", {"file": SimpleUploadedFile("x.csv", content)}
    )
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not MemberImport.objects.exists()


def test_the_rows_not_imported_can_be_corrected_and_chosen_again(people, actor_of, client_of):
    row = started(actor_of("admin"), ["=bad", "沈一诺", "", "", ""], ["ok@acme.example", "", "", "", ""])
    answer = client_of("admin").get(f"/w/acme/members/import/{row.public_id}/refused.csv")
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert lines == [
        [*HEAD, "Why not imported"],
        ["'=bad", "沈一诺", "", "", "", "“=bad” is not an e-mail address."],
    ]


def test_a_double_click_starts_once(people, actor_of, client_of):
    row, client = made(actor_of("admin"), *people_of(1)), client_of("admin")
    url = f"/w/acme/members/import/{row.public_id}/start/"
    for _click in range(2):
        answer = client.post(url, {"by": "mail"}, headers={"HX-Request": "true"})
        assert answer.status_code == 200
    assert row.rows.count() == 1


def test_the_template_can_be_imported_as_it_is(people, client_of):
    client = client_of("admin")
    content = client.get("/w/acme/members/import/template.csv").content
    client.post("/w/acme/members/import/", {"file": SimpleUploadedFile("t.csv", content)})
    row = MemberImport.objects.get()
    assert query.plan(Actor.for_member(people.admin), row).counts == {"waiting": 2}


@pytest.mark.parametrize("n", [1, 3])
def test_the_preview_s_queries_do_not_grow(n, people, actor_of, client_of, django_assert_num_queries):
    row = made(actor_of("admin"), *people_of(n))
    client = client_of("admin")
    client.get(f"/w/acme/members/import/{row.public_id}/")
    with django_assert_num_queries(12):
        client.get(f"/w/acme/members/import/{row.public_id}/")
    with django_assert_num_queries(7):
        client.get("/w/acme/members/import/")


def test_two_thousand_people(people, actor_of):
    row = started(actor_of("admin"), *people_of(2000), by_mail=False)
    work(row)
    assert states(row) == [RowState.INVITED] * 2000
