from __future__ import annotations

import pytest

from tongpin.kernel.actions.door import run_named
from tongpin.kernel.errors import Invalid
from tongpin.kernel.search import documents
from tongpin.kernel.search import query as search_query
from tongpin.kernel.tenancy.models import Membership, User
from tongpin.lib import pinyin
from tongpin.modules.workspaces.actions.department import create_department, delete_department
from tongpin.modules.workspaces.actions.department_member import set_department_members, set_departments
from tongpin.modules.workspaces.actions.member import deactivate_member
from tongpin.modules.workspaces.actions.project_member import set_members
from tongpin.modules.workspaces.models import Department
from tongpin.modules.workspaces.queries import department as departments
from tongpin.modules.workspaces.queries.directory import directory

from .denied import denied, unchanged
from .test_projects import make

pytestmark = pytest.mark.django_db


def add(people, name: str, role: str = "member") -> Membership:
    spoken = pinyin.of_person(name)
    user = User.objects.create_user(f"{spoken.replace(' ', '')}@acme.example", name=name, pinyin=spoken)
    return Membership.objects.create(workspace=people.workspace, user=user, role=role)


def department(actor, name: str, *members: Membership, inside: Department | None = None) -> Department:
    data = {"name": name, "parent": inside and inside.public_id}
    row = create_department.run(actor, data).value
    set_department_members.run(actor, {"add": [m.public_id for m in members]}, target=row)
    return row


@pytest.fixture
def staff(people, actor_of):
    """沈一诺 in 运营, 单雨晨 in 活动 inside it and in 设计; 何予安 in none."""
    rows = {name: add(people, name) for name in ("沈一诺", "单雨晨", "何予安")}
    ops = department(actor_of("admin"), "运营", rows["沈一诺"])
    department(actor_of("admin"), "活动", rows["单雨晨"], inside=ops)
    department(actor_of("admin"), "设计", rows["单雨晨"])
    return rows


def names(page) -> list[str]:
    return [row.user.name for row in page.items]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("沈", ["沈一诺"]), ("shenyn", ["沈一诺"]), ("yn", ["沈一诺"]), ("yinuo@", ["沈一诺"]), ("heyu", ["何予安"]),
        ("heyuan@", ["何予安"]), ("设计", ["单雨晨"]), ("sheji", ["单雨晨"]), ("yy", ["沈一诺"]), ("hd", ["单雨晨"]),
    ],
)  # fmt: skip
def test_found_by_name_pinyin_address_and_department(typed, found, staff, actor_of):
    assert names(directory(actor_of("member"), typed)) == found


def test_a_department_holds_those_below_it(staff, actor_of):
    tree = departments.tree(actor_of("member"))
    by_name = {node.row.name: node for node in tree}
    assert names(directory(actor_of("member"), department=by_name["运营"])) == ["单雨晨", "沈一诺"]
    assert names(directory(actor_of("member"), department=by_name["活动"])) == ["单雨晨"]
    none = names(directory(actor_of("member"), in_none=True))
    assert none == ["Owner", "Admin", "Member", "何予安", "Guest"]
    delete_department.run(actor_of("admin"), target=by_name["活动"].row)
    assert names(directory(actor_of("member"), department=by_name["运营"])) == ["沈一诺"]
    assert names(directory(actor_of("member"), "活动")) == []


def test_by_role_and_state(staff, people, actor_of):
    assert names(directory(actor_of("member"), role="guest")) == ["Guest"]
    assert len(directory(actor_of("member"), role="nonsense").items) == 7
    deactivate_member.run(actor_of("admin"), target=staff["沈一诺"])
    assert names(directory(actor_of("admin"), deactivated=True)) == ["沈一诺"]
    assert "沈一诺" not in names(directory(actor_of("admin")))


def test_each_comes_with_its_departments_in_two_queries(staff, actor_of, django_assert_num_queries):
    actor = actor_of("member")
    with django_assert_num_queries(2):
        page = directory(actor)
    places = {row.user.name: [d.name for d in row.places] for row in page.items}
    assert (places["单雨晨"], places["沈一诺"], places["何予安"]) == (["活动", "设计"], ["运营"], [])


def test_pages_follow_each_other_without_loss(people, actor_of):
    for n in range(9):
        add(people, f"张{'一二三'[n % 3]}{n}")
    seen, cursor = [], ""
    while True:
        page = directory(actor_of("owner"), cursor=cursor, limit=4)
        seen += [row.pk for row in page.items]
        if page.next is None:
            break
        cursor = page.next
    assert len(seen) == len(set(seen)) == 13
    assert Membership.objects.get(pk=seen[0]) == people.owner
    with pytest.raises(Invalid):
        directory(actor_of("owner"), cursor="nonsense")


def test_a_guest_learns_nothing_of_departments(staff, people, actor_of, client_of):
    assert names(directory(actor_of("guest"))) == ["Owner", "Admin", "Guest"]
    set_departments.run(
        actor_of("admin"),
        {"departments": [Department.objects.get(name="设计").public_id]},
        target=people.admin,
    )
    assert names(directory(actor_of("guest"), "设计")) == []
    page = client_of("guest").get("/w/acme/members/").content.decode()
    assert "设计" not in page
    card = client_of("guest").get(f"/w/acme/members/{people.admin.public_id}/").content.decode()
    assert "设计" not in card


def test_setting_a_member_s_departments_is_undone_as_one(staff, actor_of):
    row, kept = staff["单雨晨"], Department.objects.get(name="设计")
    new = department(actor_of("admin"), "市场")
    wanted = {"departments": [kept.public_id, new.public_id]}
    outcome = set_departments.run(actor_of("admin"), wanted, target=row)
    told = [(e.payload["department"], e.payload["added"], e.payload["removed"]) for e in outcome.events]
    assert sorted(told) == [("市场", ["单雨晨"], []), ("活动", [], ["单雨晨"])]
    undo = outcome.undo
    run_named(undo.action, actor_of("admin"), undo.data, target=undo.target)
    assert set(row.departments.values_list("department__name", flat=True)) == {"设计", "活动"}
    delete_department.run(actor_of("admin"), target=new)
    unchanged(lambda: set_departments.run(actor_of("admin"), wanted, target=row), Invalid)


@pytest.mark.parametrize("who", ["member", "guest", "stranger"])
def test_only_admins_set_departments(who, staff, actor_of):
    denied(set_departments, actor_of(who), {"departments": []}, staff["沈一诺"])


def text(answer) -> str:
    return answer.content.decode()


def test_the_page_keeps_what_was_asked(staff, people, client_of):
    browser = client_of("admin")
    ops = Department.objects.get(name="运营")
    page = text(browser.get(f"/w/acme/members/?department={ops.public_id}&role=member&q=shen"))
    assert f'value="{ops.public_id}" selected' in page
    assert "沈一诺" in page
    assert "何予安" not in page
    assert "Nobody here" in text(browser.get(f"/w/acme/members/?department={ops.public_id}&role=guest"))
    assert "何予安" in text(browser.get("/w/acme/members/?department=none"))
    assert browser.get("/w/acme/members/?department=nonsense&peek=nonsense").status_code == 200


def test_the_page_and_the_card_of_a_person(staff, people, actor_of, client_of):
    for name, private in (("Open one", "open"), ("Hidden one", "private")):
        row = make(actor_of("admin"), name, visibility=private)
        place = {"member": staff["沈一诺"].public_id, "role": "member"}
        set_members.run(actor_of("admin"), {"members": [place]}, target=row)
    ident = staff["沈一诺"].public_id
    for address in (f"{ident}/", f"{ident}/card/", f"?peek={ident}"):
        page = text(client_of("member").get(f"/w/acme/members/{address}"))
        assert "Open one" in page
        assert "Hidden one" not in page, "not seen by who is not in it"
        assert "运营" in page
        assert "Hidden one" in text(client_of("owner").get(f"/w/acme/members/{address}"))
    assert client_of("guest").get(f"/w/acme/members/{ident}/card/").status_code == 404


def test_departments_of_a_person_on_their_page(staff, client_of):
    ident, design = staff["沈一诺"].public_id, Department.objects.get(name="设计").public_id
    browser = client_of("admin")
    answer = browser.post(f"/w/acme/members/{ident}/departments/", {"department": str(design)})
    assert f'value="{design}"' in text(answer)
    assert '"undo": "' in answer.headers["HX-Trigger"]
    assert names_of(staff["沈一诺"]) == ["设计"]
    browser.post(f"/w/acme/members/{ident}/departments/", {})
    assert names_of(staff["沈一诺"]) == []
    found = client_of("member").get("/w/acme/departments/pick/?q=hd").json()["items"]
    assert [(row["title"], row["hint"]) for row in found] == [("活动", "运营")]


def names_of(member: Membership) -> list[str]:
    return list(member.departments.values_list("department__name", flat=True))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_pages_cost_the_same_whatever_the_rows(
    rows, people, actor_of, client_of, django_assert_num_queries
):
    members = [add(people, f"张三{n}") for n in range(rows)]
    for n in range(rows):
        department(actor_of("admin"), f"D{n}", *members)
        row = make(actor_of("admin"), f"P{n}")
        places = [{"member": m.public_id, "role": "member"} for m in members]
        set_members.run(actor_of("admin"), {"members": places}, target=row)
    browser = client_of("owner")
    ident = members[0].public_id
    for address, count in (("", 10), ("?q=zs&role=member", 10), (f"?peek={ident}", 11), (f"{ident}/", 9)):
        browser.get(f"/w/acme/members/{address}")
        with django_assert_num_queries(count):
            assert browser.get(f"/w/acme/members/{address}").status_code == 200


def test_a_guest_finds_nobody_by_address(people, actor_of):
    documents.index([(people.workspace.pk, "tenancy.membership", people.admin.public_id)])
    for who, found in (("member", ["Admin"]), ("guest", [])):
        assert [card.title for card in search_query.find(actor_of(who), "admin@acme")] == found
    assert [card.title for card in search_query.find(actor_of("guest"), "Admin")] == ["Admin"]
