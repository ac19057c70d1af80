from __future__ import annotations

from datetime import timedelta

import pytest

from tongpin.kernel import clock
from tongpin.kernel.actions.door import run_named
from tongpin.kernel.errors import Conflict, Invalid, NotFound
from tongpin.kernel.search.query import find
from tongpin.modules.workspaces.actions import department as actions
from tongpin.modules.workspaces.actions.department import (
    create_department,
    delete_department,
    edit_department,
    move_department,
    purge_deleted_departments,
    restore_department,
)
from tongpin.modules.workspaces.actions.department_member import set_department_members
from tongpin.modules.workspaces.actions.member import deactivate_member
from tongpin.modules.workspaces.models import Department
from tongpin.modules.workspaces.queries import department as query

from .denied import denied, unchanged

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(actor_of):
    """研发 with 客户端 and 后端 in it, then 运营."""
    rows: dict[str, Department] = {}
    for name, inside in (("研发", None), ("客户端", "研发"), ("后端", "研发"), ("运营", None)):
        data = {"name": name, "parent": rows[inside].public_id if inside else None}
        rows[name] = create_department.run(actor_of("admin"), data).value
    return rows


def shape(actor) -> list[str]:
    return [f"{'  ' * node.depth}{node.row.name}" for node in query.tree(actor)]


def undo(outcome, actor):
    return run_named(outcome.undo.action, actor, outcome.undo.data, target=outcome.undo.target)


def move(actor, row, parent=None, before=None):
    data = {"parent": parent and parent.public_id, "before": before and before.public_id}
    return move_department.run(actor, data, target=row)


FIRST = ["研发", "  客户端", "  后端", "运营"]


def test_the_tree_is_in_the_order_it_was_made(made, actor_of):
    assert shape(actor_of("member")) == FIRST
    assert [node.path for node in query.tree(actor_of("member"))][1] == "研发 / 客户端"
    assert shape(actor_of("guest")) == shape(actor_of("stranger")) == []


@pytest.mark.parametrize(
    ("name", "parent", "before", "shaped"),
    [
        ("运营", None, "研发", ["运营", "研发", "  客户端", "  后端"]),
        ("后端", "研发", "客户端", ["研发", "  后端", "  客户端", "运营"]),
        ("客户端", None, "运营", ["研发", "  后端", "客户端", "运营"]),
        ("研发", "运营", None, ["运营", "  研发", "    客户端", "    后端"]),
        ("运营", "客户端", None, ["研发", "  客户端", "    运营", "  后端"]),
    ],
)
def test_moving_and_back(name, parent, before, shaped, made, actor_of):
    outcome = move(actor_of("admin"), made[name], made.get(parent), made.get(before))
    assert shape(actor_of("owner")) == shaped
    undo(outcome, actor_of("admin"))
    assert shape(actor_of("owner")) == FIRST


def test_moving_where_it_stands_is_nothing(made, actor_of):
    assert move(actor_of("admin"), made["客户端"], made["研发"], made["后端"]).events == ()
    assert move(actor_of("admin"), made["运营"]).events == ()


def test_no_department_stands_in_itself(made, actor_of):
    for into in ("研发", "客户端"):
        unchanged(lambda into=into: move(actor_of("admin"), made["研发"], made[into]), Conflict)


def test_a_move_beside_one_that_has_gone_elsewhere_is_refused(made, actor_of):
    unchanged(lambda: move(actor_of("admin"), made["运营"], made["研发"], made["研发"]), Invalid)
    delete_department.run(actor_of("admin"), target=made["后端"])
    unchanged(lambda: move(actor_of("admin"), made["运营"], made["后端"]), Invalid)


def test_the_tree_has_a_depth(made, actor_of):
    inside = made["运营"]
    for level in range(query.DEEPEST - 1):
        data = {"name": f"L{level}", "parent": inside.public_id}
        inside = create_department.run(actor_of("admin"), data).value
    too_deep = {"name": "X", "parent": inside.public_id}
    unchanged(lambda: create_department.run(actor_of("admin"), too_deep), Invalid)
    unchanged(lambda: move(actor_of("admin"), made["客户端"], inside), Invalid)


def test_names_differ_within_one_parent(made, actor_of):
    unchanged(lambda: create_department.run(actor_of("admin"), {"name": "研发"}), Invalid)
    inside = {"name": "客户端", "parent": made["研发"].public_id}
    unchanged(lambda: create_department.run(actor_of("admin"), inside), Invalid)
    create_department.run(actor_of("admin"), {"name": "客户端"})
    unchanged(lambda: move(actor_of("admin"), made["客户端"]), Invalid)
    unchanged(
        lambda: edit_department.run(actor_of("admin"), {"name": "后端"}, target=made["客户端"]), Invalid
    )


def test_editing_and_back(made, people, actor_of):
    row = made["运营"]
    outcome = edit_department.run(
        actor_of("admin"), {"name": "产品运营", "lead": people.member.public_id}, target=row
    )
    row.refresh_from_db()
    assert (row.name, row.pinyin, row.lead) == ("产品运营", "chan pin yun ying", people.member)
    assert outcome.events[0].payload == {"name": "产品运营", "fields": ["name", "lead"]}
    undo(outcome, actor_of("admin"))
    row.refresh_from_db()
    assert (row.name, row.lead) == ("运营", None)
    unchanged(
        lambda: edit_department.run(actor_of("admin"), {"lead": people.guest.public_id}, target=row), Invalid
    )


def test_what_stands_in_a_deleted_one_moves_up_and_comes_back(made, people, actor_of):
    set_department_members.run(actor_of("admin"), {"add": [people.member.public_id]}, target=made["研发"])
    outcome = delete_department.run(actor_of("admin"), target=made["研发"])
    assert shape(actor_of("member")) == ["客户端", "后端", "运营"]
    assert query.departments_of(actor_of("member"), [people.member]) == {}
    move(actor_of("admin"), made["后端"], made["运营"])
    undo(outcome, actor_of("admin"))
    assert shape(actor_of("member")) == ["研发", "  客户端", "运营", "  后端"]
    assert query.departments_of(actor_of("member"), [people.member])[people.member.pk] == [made["研发"]]


def test_one_whose_parent_is_gone_comes_back_at_the_top(made, actor_of):
    first = delete_department.run(actor_of("admin"), target=made["客户端"])
    delete_department.run(actor_of("admin"), target=made["研发"])
    undo(first, actor_of("admin"))
    assert sorted(shape(actor_of("member"))) == sorted(["客户端", "后端", "运营"])


def test_after_thirty_days_it_is_erased(made, actor_of):
    outcome = delete_department.run(actor_of("admin"), target=made["研发"])
    with clock.shifted_by(timedelta(days=31)):
        assert purge_deleted_departments() == 1
    with pytest.raises(NotFound):
        undo(outcome, actor_of("admin"))
    assert shape(actor_of("member")) == ["客户端", "后端", "运营"]


def test_people_in_several_are_counted_once(made, people, actor_of):
    for name, who in (
        ("客户端", "member"),
        ("后端", "member"),
        ("后端", "admin"),
        ("研发", "owner"),
        ("运营", "owner"),
    ):
        set_department_members.run(actor_of("admin"), {"add": [people.of(who).public_id]}, target=made[name])
    counts = {node.row.name: (node.own, node.count) for node in query.tree(actor_of("member"), counted=True)}
    assert counts == {"研发": (1, 3), "客户端": (1, 1), "后端": (2, 2), "运营": (1, 1)}
    deactivate_member.run(actor_of("owner"), target=people.member)
    assert query.tree(actor_of("owner"), counted=True).find(made["研发"].public_id).count == 2
    assert [m.user.name for m in query.people(actor_of("owner"), made["后端"]).items] == ["Admin"]


def test_taking_in_and_out_is_undone_as_one(made, people, actor_of):
    row, ids = made["后端"], {who: people.of(who).public_id for who in ("owner", "admin", "member")}
    set_department_members.run(actor_of("admin"), {"add": [ids["owner"]]}, target=row)
    both = {"add": [ids["member"], ids["owner"]], "remove": [ids["owner"], ids["admin"]]}
    outcome = set_department_members.run(actor_of("admin"), both, target=row)
    assert outcome.events[0].payload == {"department": "后端", "added": ["Member"], "removed": ["Owner"]}
    undo(outcome, actor_of("admin"))
    assert [place.membership for place in row.members.all()] == [people.owner]
    unchanged(
        lambda: set_department_members.run(
            actor_of("admin"), {"add": [people.stranger.public_id]}, target=row
        ),
        Invalid,
    )


@pytest.mark.parametrize("who", ["member", "guest", "stranger"])
def test_only_admins_build_the_tree(who, made, people, actor_of):
    gone = create_department.run(actor_of("admin"), {"name": "Gone"}).value
    delete_department.run(actor_of("admin"), target=gone)
    for action, data in (
        (edit_department, {"name": "Mine"}),
        (move_department, {"parent": None}),
        (delete_department, {}),
        (set_department_members, {"add": [people.member.public_id]}),
    ):
        denied(action, actor_of(who), data, made["运营"])
    denied(restore_department, actor_of(who), {}, gone)
    if who != "stranger":
        denied(create_department, actor_of(who), {"name": "X"})


def test_its_lead_takes_people_in_and_no_more(made, people, actor_of):
    edit_department.run(actor_of("admin"), {"lead": people.member.public_id}, target=made["运营"])
    set_department_members.run(actor_of("member"), {"add": [people.guest.public_id]}, target=made["运营"])
    denied(edit_department, actor_of("member"), {"name": "Mine"}, made["运营"])
    denied(set_department_members, actor_of("member"), {"remove": []}, made["研发"])


def test_ranks_that_grew_long_are_spread_anew(made, actor_of, monkeypatch):
    monkeypatch.setattr(actions, "LONGEST_RANK", 3)
    third = create_department.run(actor_of("admin"), {"name": "市场"}).value
    for n in range(30):  # two that change places, always in the same gap
        first, second = (third, made["运营"]) if n % 2 == 0 else (made["运营"], third)
        move(actor_of("admin"), first, None, second)
        assert shape(actor_of("member"))[3:] == [first.name, second.name]
    assert max(len(rank) for rank in Department.objects.values_list("rank", flat=True)) <= 4


def test_the_palette_finds_it_by_initials(made, actor_of, drain):
    drain()
    card = find(actor_of("member"), "khd")[0]
    assert (card.title, str(card.hint)) == ("客户端", "研发")
    assert find(actor_of("guest"), "khd") == []


def text(answer) -> str:
    return answer.content.decode()


def test_building_it_on_the_page(made, people, client_of):
    browser = client_of("admin")
    dialog = text(browser.get(f"/w/acme/departments/new/?in={made['研发'].public_id}"))
    assert f'value="{made["研发"].public_id}" selected' in dialog
    data = {"name": "测试", "parent": str(made["研发"].public_id), "lead": str(people.member.public_id)}
    answer = browser.post("/w/acme/departments/new/", data)
    assert answer.status_code == 200
    assert '"undo": "' in answer.headers["HX-Trigger"]
    assert Department.objects.get(name="测试").lead == people.member
    again = browser.post("/w/acme/departments/new/", data)
    assert again.status_code == 422
    assert "There is a department “测试” here already." in text(again)
    edit = f"/w/acme/departments/{made['运营'].public_id}/edit/"
    assert 'value="运营"' in text(browser.get(edit))
    assert "产品运营" in text(browser.post(edit, {"name": "产品运营"}))
    assert browser.post(edit, {"name": ""}).status_code == 422
    place = text(browser.get(f"/w/acme/departments/{made['研发'].public_id}/place/"))
    assert "产品运营" in place
    assert "客户端" not in place, "not into what stands in it"
    moved = browser.post(
        "/w/acme/departments/move/",
        {"department": str(made["研发"].public_id), "parent": str(made["运营"].public_id), "before": ""},
    )
    assert moved.status_code == 200
    assert "研发 was moved." in moved.headers["HX-Trigger"].encode().decode("unicode_escape")
    assert browser.post("/w/acme/departments/move/", {"department": "x"}).status_code == 404
    browser.post(f"/w/acme/departments/{made['研发'].public_id}/delete/")
    assert Department.objects.get(name="研发").deleted_at is not None


def test_people_on_the_page_of_one(made, people, client_of):
    browser, address = client_of("admin"), f"/w/acme/departments/{made['研发'].public_id}/"
    member = str(people.member.public_id)
    assert "member@acme.example" in text(browser.post(f"{address}members/", {"add": member}))
    assert "member@acme.example" in text(client_of("member").get(address))
    assert "/members/" + member in text(client_of("member").get(address))
    assert "member@acme.example" not in text(browser.post(f"{address}members/", {"remove": member}))
    assert client_of("member").post(f"{address}members/", {"add": member}).status_code == 403
    assert client_of("guest").get(address).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_the_pages_cost_the_same_whatever_the_rows(
    rows, people, actor_of, client_of, django_assert_num_queries
):
    for n in range(rows):
        row = create_department.run(
            actor_of("admin"), {"name": f"D{n}", "lead": people.member.public_id}
        ).value
        create_department.run(actor_of("admin"), {"name": "In", "parent": row.public_id})
        ids = [people.of(who).public_id for who in ("owner", "admin", "member")[:rows]]
        set_department_members.run(actor_of("admin"), {"add": ids}, target=row)
    browser = client_of("owner")
    for address, count in (("", 8), (f"{row.public_id}/", 10)):
        browser.get(f"/w/acme/departments/{address}")
        with django_assert_num_queries(count):
            assert browser.get(f"/w/acme/departments/{address}").status_code == 200
