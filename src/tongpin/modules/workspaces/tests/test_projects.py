from __future__ import annotations

from datetime import timedelta

import pytest

from tongpin.kernel import clock, objects
from tongpin.kernel.actions.door import run_named
from tongpin.kernel.errors import Conflict, Invalid, NotFound
from tongpin.kernel.search import documents
from tongpin.kernel.search.query import find
from tongpin.kernel.tenancy.models import Membership, User
from tongpin.modules.workspaces import public
from tongpin.modules.workspaces.actions.project import (
    archive_project,
    create_project,
    delete_project,
    edit_project,
    purge_deleted_projects,
    restore_project,
    unarchive_project,
)
from tongpin.modules.workspaces.actions.project_member import set_members
from tongpin.modules.workspaces.models import Project
from tongpin.modules.workspaces.queries import project as query

from .denied import denied, unchanged

pytestmark = pytest.mark.django_db


def make(actor, name="店长端", **data) -> Project:
    return create_project.run(actor, {"name": name, **data}).value


def names(rows) -> list[str]:
    return sorted(row.name for row in rows)


def undo(outcome, actor):
    return run_named(outcome.undo.action, actor, outcome.undo.data, target=outcome.undo.target)


def test_a_member_makes_one_and_leads_it(people, actor_of):
    outcome = create_project.run(actor_of("member"), {"name": "新店开张季", "kind": "campaign"})
    row = outcome.value
    assert (row.key, row.icon, row.pinyin) == ("XDKZJ", "megaphone", "xin dian kai zhang ji")
    assert list(row.members.values_list("membership", "role")) == [(people.member.pk, "lead")]
    assert [e.name for e in outcome.events] == ["workspaces.project_created"]
    undo(outcome, actor_of("member"))
    assert names(query.visible(actor_of("owner"))) == []


def test_who_names_another_lead_is_a_member_of_it(people, actor_of):
    row = make(actor_of("member"), visibility="private", lead=people.admin.public_id)
    assert dict(row.members.values_list("membership", "role")) == {
        people.admin.pk: "lead",
        people.member.pk: "member",
    }
    assert query.visible(actor_of("member")).get() == row


@pytest.mark.parametrize("lead", ["guest", "stranger"])
def test_neither_a_guest_nor_a_stranger_leads(lead, people, actor_of):
    data = {"name": "X", "lead": people.of(lead).public_id}
    unchanged(lambda: create_project.run(actor_of("owner"), data), Invalid)


def test_a_guest_makes_none(actor_of):
    denied(create_project, actor_of("guest"), {"name": "X"})


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("店长端", "DZD"), ("NPS 攻坚", "NPSGJ"), ("Growth", "GRO"), ("New store opening", "NSO"), ("Go", "GO"),
        ("！", "PR"), ("新店开张季大促活动", "XDKZJD"), ("A", "AP"), ("双 11", "SHU"),
    ],
)  # fmt: skip
def test_a_key_is_proposed(name, key, people):
    assert query.propose_key(people.workspace, name) == key


def test_a_proposed_key_is_free(people, actor_of):
    keys = [make(actor_of("owner"), "店长端").key for _ in range(3)]
    assert keys == ["DZD", "DZDA", "DZDB"]
    edit_project.run(actor_of("owner"), {"key": "STO"}, target=Project.objects.get(key="DZDA"))
    assert make(actor_of("owner"), "店长端").key == "DZDC", "an old key still leads to its project"


@pytest.mark.parametrize("key", ["x", "toolong", "S1", "店长", "S-T", ""])
def test_a_key_is_two_to_six_latin_letters(key, people, actor_of):
    unchanged(lambda: create_project.run(actor_of("owner"), {"name": "X", "key": key}), Invalid)


def test_a_key_belongs_to_one_project_of_a_workspace(people, actor_of):
    make(actor_of("owner"), key="sto")
    unchanged(lambda: create_project.run(actor_of("member"), {"name": "X", "key": "STO"}), Invalid)
    assert make(actor_of("stranger"), key="STO").workspace == people.elsewhere


def test_an_old_key_leads_on_and_stays_taken(people, actor_of, client_of):
    row = make(actor_of("owner"), key="STO")
    outcome = edit_project.run(actor_of("owner"), {"key": "SHOP"}, target=row)
    answer = client_of("member").get("/w/acme/projects/STO/members/?x=1")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/w/acme/projects/SHOP/members/?x=1")
    assert client_of("member").get("/w/acme/projects/shop/").headers["Location"] == "/w/acme/projects/SHOP/"
    assert client_of("stranger").get("/w/acme/projects/STO/").status_code == 404
    unchanged(lambda: create_project.run(actor_of("owner"), {"name": "X", "key": "STO"}), Invalid)
    undo(outcome, actor_of("owner"))
    assert client_of("member").get("/w/acme/projects/STO/").status_code == 200
    assert client_of("member").get("/w/acme/projects/SHOP/").headers["Location"] == "/w/acme/projects/STO/"


def test_changing_it_and_back(people, actor_of):
    row = make(actor_of("member"), purpose="Shops")
    outcome = edit_project.run(actor_of("member"), {"name": "员工端", "hue": 4, "purpose": ""}, target=row)
    assert outcome.events[0].payload == {"name": "员工端", "key": "DZD", "fields": ["hue", "name", "purpose"]}
    row.refresh_from_db()
    assert row.pinyin == "yuan gong duan"
    undo(outcome, actor_of("member"))
    row.refresh_from_db()
    assert (row.name, row.hue, row.purpose, row.pinyin) == ("店长端", 1, "Shops", "dian zhang duan")


@pytest.mark.parametrize("who", ["member", "guest", "stranger"])
def test_only_its_lead_and_admins_touch_it(who, people, actor_of):
    row = make(actor_of("admin"))
    gone = make(actor_of("admin"), "Gone")
    delete_project.run(actor_of("admin"), target=gone)
    for action, data in (
        (edit_project, {"name": "Mine"}),
        (archive_project, {}),
        (unarchive_project, {}),
        (delete_project, {}),
        (set_members, {"members": [{"member": people.guest.public_id, "role": "member"}]}),
    ):
        denied(action, actor_of(who), data, row)
    denied(restore_project, actor_of(who), {}, gone)


def test_who_sees_it(people, actor_of):
    make(actor_of("admin"), "Open")
    hidden = make(actor_of("admin"), "Private", visibility="private")
    seen = {who: names(query.visible(actor_of(who))) for who in ("owner", "member", "guest", "stranger")}
    assert seen == {"owner": ["Open", "Private"], "member": ["Open"], "guest": [], "stranger": []}
    places = [{"member": people.of(who).public_id, "role": "viewer"} for who in ("member", "guest")]
    set_members.run(actor_of("admin"), {"members": places}, target=hidden)
    assert names(query.visible(actor_of("member"))) == ["Open", "Private"]
    assert names(query.visible(actor_of("guest"))) == ["Private"]


def test_a_private_one_shows_nowhere_to_who_is_not_in_it(people, actor_of, client_of, drain):
    row = make(actor_of("admin"), "秘密 Secret plan", key="HUSH", visibility="private")
    drain()
    documents.reindex()
    assert find(actor_of("owner"), "secret")[0].title == row.name
    assert find(actor_of("member"), "secret") == []
    assert objects.cards(actor_of("member"), [("workspaces.project", row.public_id)]) == {}
    browser = client_of("member")
    for address in ("", "?q=secret", "?state=archived"):
        assert "Secret plan" not in browser.get(f"/w/acme/projects/{address}").content.decode()
    for address in ("", "members/", "settings/"):
        assert browser.get(f"/w/acme/projects/HUSH/{address}").status_code == 404
    for address in ("join/", "pin/", "leave/", "archive/", "members/set/"):
        assert browser.post(f"/w/acme/projects/HUSH/{address}").status_code == 404
    # The key itself tells that something is there; what it is stays hidden.
    unchanged(lambda: create_project.run(actor_of("member"), {"name": "X", "key": "HUSH"}), Invalid)


def test_archiving_keeps_it_readable_and_closes_it(people, actor_of, client_of):
    row = make(actor_of("member"), key="STO")
    assert public.may_work_in(actor_of("member"), row)
    outcome = archive_project.run(actor_of("member"), target=row)
    row.refresh_from_db()
    assert not public.may_work_in(actor_of("owner"), row)
    browser = client_of("member")
    assert "店长端" not in browser.get("/w/acme/projects/").content.decode()
    assert "店长端" in browser.get("/w/acme/projects/?state=archived").content.decode()
    assert browser.get("/w/acme/projects/STO/").status_code == 200
    undo(outcome, actor_of("member"))
    assert "店长端" in browser.get("/w/acme/projects/").content.decode()


def test_deleting_can_be_taken_back_while_its_key_is_free(people, actor_of, client_of):
    row = make(actor_of("member"), key="STO")
    outcome = delete_project.run(actor_of("member"), target=row)
    assert client_of("owner").get("/w/acme/projects/STO/").status_code == 404
    other = make(actor_of("owner"), "Other", key="STO")
    unchanged(lambda: undo(outcome, actor_of("member")), Conflict)
    edit_project.run(actor_of("owner"), {"key": "OTH"}, target=other)
    unchanged(lambda: undo(outcome, actor_of("member")), Conflict)
    delete_project.run(actor_of("owner"), target=other)
    with clock.shifted_by(timedelta(days=29)):
        assert purge_deleted_projects() == 0
    with clock.shifted_by(timedelta(days=31)):
        assert purge_deleted_projects() == 2
    with pytest.raises(NotFound):
        undo(outcome, actor_of("member"))


def test_who_may_work_in_it(people, actor_of):
    row = make(actor_of("admin"))
    set_members.run(
        actor_of("admin"), {"members": [{"member": people.guest.public_id, "role": "viewer"}]}, target=row
    )
    may = {who: public.may_work_in(actor_of(who), row) for who in ("owner", "admin", "member", "guest")}
    assert may == {"owner": True, "admin": True, "member": False, "guest": False}
    assert public.role_in(actor_of("guest"), row) == "viewer"
    assert public.role_in(actor_of("member"), row) is None


@pytest.mark.parametrize(
    ("typed", "found"),
    [("店", ["店长端"]), ("dzd", ["店长端"]), ("zhangd", ["店长端"]), ("sto", ["店长端"]), ("shops", ["店长端"]),
     ("zz", []), ("nps", ["NPS 攻坚"]), ("gj", ["NPS 攻坚"])],
)  # fmt: skip
def test_they_are_found_by_name_pinyin_key_and_purpose(typed, found, people, actor_of):
    make(actor_of("owner"), key="STO", purpose="For shops")
    make(actor_of("owner"), "NPS 攻坚", kind="task_force")
    assert [row.name for row in query.projects(actor_of("member"), typed).items] == found


def test_the_palette_finds_it_by_initials(people, actor_of, drain):
    make(actor_of("owner"))
    drain()
    card = find(actor_of("member"), "dzd")[0]
    assert (card.title, card.url, str(card.hint)) == ("店长端", "/w/acme/projects/DZD/", "DZD · Product line")


def test_the_list_goes_on_where_it_stopped(people, actor_of):
    for name in ("丙", "甲", "乙", "丁", "Zeta", "alpha", "Alpha"):
        make(actor_of("owner"), name)
    seen, cursor = [], ""
    while True:
        page = query.projects(actor_of("member"), cursor=cursor, limit=2)
        seen += [row.name for row in page.items]
        if page.next is None:
            break
        cursor = page.next
    assert len(seen) == 7
    assert set(seen) == {"丙", "甲", "乙", "丁", "Zeta", "alpha", "Alpha"}
    for wrong in ("x", "W10", "WyJhIl0", "bnVsbA"):
        with pytest.raises(Invalid):
            query.projects(actor_of("member"), cursor=wrong)


def test_a_guest_knows_whom_they_work_with(people, actor_of):
    other = Membership.objects.create(
        workspace=people.workspace, user=User.objects.create_user("o@acme.example", name="Other")
    )
    row = make(actor_of("admin"))
    places = [{"member": m.public_id, "role": "member"} for m in (people.guest, people.member)]
    set_members.run(actor_of("admin"), {"members": places}, target=row)
    known = set(Membership.objects.visible_to(actor_of("guest")))
    assert known == {people.owner, people.admin, people.member, people.guest}
    assert other not in known
    delete_project.run(actor_of("admin"), target=row)
    assert people.member not in Membership.objects.visible_to(actor_of("guest"))
