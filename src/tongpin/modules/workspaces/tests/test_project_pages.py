from __future__ import annotations

import pytest

from tongpin.kernel.tenancy.models import Membership, User
from tongpin.modules.workspaces.actions.project_member import join_project, set_members
from tongpin.modules.workspaces.models import Project, ProjectPin

from .test_projects import make

pytestmark = pytest.mark.django_db


def text(answer) -> str:
    return answer.content.decode()


def test_making_one_on_the_page(people, client_of):
    browser = client_of("member")
    assert "Product line" in text(browser.get("/w/acme/projects/new/"))
    proposed = text(
        browser.get("/w/acme/projects/propose-key/", {"name": "店长端", "key": "", "proposed": ""})
    )
    assert 'value="DZD"' in proposed
    by_hand = {"name": "x", "key": "OWN", "proposed": ""}
    assert browser.get("/w/acme/projects/propose-key/", by_hand).status_code == 204
    data = {
        "name": "店长端",
        "key": "S1",
        "kind": "product",
        "visibility": "open",
        "hue": "3",
        "icon": "store",
    }
    refused = browser.post("/w/acme/projects/new/", data)
    assert refused.status_code == 422
    assert "Use 2 to 6 Latin letters" in text(refused)
    assert 'value="店长端"' in text(refused)
    wrong_lead = browser.post("/w/acme/projects/new/", {**data, "key": "", "lead": "nobody"})
    assert wrong_lead.status_code == 422
    lead = str(people.admin.public_id)
    made = browser.post("/w/acme/projects/new/", {**data, "key": "", "lead": lead, "once": "1"})
    assert made.headers["Location"] == "/w/acme/projects/DZD/"
    again = browser.post("/w/acme/projects/new/", {**data, "key": "", "lead": lead, "once": "1"})
    assert again.headers["Location"] == "/w/acme/projects/DZD/"
    row = Project.objects.get()
    assert (row.hue, row.icon, row.members.get(role="lead").membership) == (3, "store", people.admin)


def test_a_guest_is_not_offered_one(client_of):
    browser = client_of("guest")
    page = text(browser.get("/w/acme/projects/"))
    assert "You are in no project yet" in page
    assert "/projects/new/" not in page
    assert browser.get("/w/acme/projects/new/").status_code == 403


def test_three_reasons_for_an_empty_list(people, actor_of, client_of):
    browser = client_of("member")
    assert "No project yet" in text(browser.get("/w/acme/projects/"))
    assert "No project fits" in text(browser.get("/w/acme/projects/?kind=campaign"))
    make(actor_of("member"))
    assert "No project fits" in text(browser.get("/w/acme/projects/?q=zzz"))
    assert "店长端" in text(browser.get("/w/acme/projects/?kind=product&q=dz"))
    assert "No project fits" in text(browser.get("/w/acme/projects/?kind=campaign"))


def test_the_tabs_are_those_one_may_open(actor_of, client_of):
    make(actor_of("admin"), key="STO")
    settings = "/w/acme/projects/STO/settings/"
    assert settings in text(client_of("admin").get("/w/acme/projects/STO/"))
    assert settings not in text(client_of("member").get("/w/acme/projects/STO/"))
    assert client_of("member").get(settings).status_code == 403


def test_settings_on_the_page(actor_of, client_of):
    make(actor_of("member"), key="STO")
    browser = client_of("member")
    data = {
        "name": "店长端", "key": "shop", "kind": "product", "purpose": "Shops", "visibility": "private",
        "icon": "store", "hue": "2", "version": "1",
    }  # fmt: skip
    answer = browser.post("/w/acme/projects/STO/settings/", data)
    assert answer.status_code == 200
    assert answer.headers["HX-Replace-Url"] == "/w/acme/projects/SHOP/settings/"
    assert '"undo": "' in answer.headers["HX-Trigger"]
    bad = browser.post("/w/acme/projects/SHOP/settings/", {**data, "key": "1", "version": "2"})
    assert bad.status_code == 422
    assert 'value="1"' in text(bad)
    assert Project.objects.get().purpose == "Shops"


def test_two_who_edit_the_same_field_meet_a_conflict(actor_of, client_of):
    make(actor_of("member"), key="STO")
    data = {"name": "A", "key": "STO", "kind": "product", "visibility": "open", "icon": "layers", "hue": "1"}
    assert (
        client_of("member").post("/w/acme/projects/STO/settings/", {**data, "version": "1"}).status_code
        == 200
    )
    late = client_of("admin").post("/w/acme/projects/STO/settings/", {**data, "name": "B", "version": "1"})
    assert late.status_code == 422
    assert Project.objects.get().name == "A"


def test_members_on_the_page(people, actor_of, client_of):
    row = make(actor_of("admin"), key="STO")
    browser, address = client_of("admin"), "/w/acme/projects/STO/members/set/"
    ids = [str(people.of(who).public_id) for who in ("member", "guest")]
    answer = browser.post(address, {"member": ids, "role": "viewer"})
    assert answer.status_code == 200
    assert all(f'id="place-{one}"' in text(answer) for one in ids)
    assert "2 places changed." in answer.headers["HX-Trigger"]
    assert (
        "Guest was removed from the project."
        in browser.post(address, {"member": ids[1], "role": ""}).headers["HX-Trigger"]
    )
    assert browser.post(address, {"role": "viewer"}, headers={"HX-Request": "true"}).status_code == 422
    assert sorted(row.members.values_list("role", flat=True)) == ["lead", "viewer"]
    assert "<select" not in text(client_of("member").get("/w/acme/projects/STO/members/"))


def test_buttons_answer_with_what_they_changed(people, actor_of, client_of):
    make(actor_of("admin"), key="STO")
    browser = client_of("member")
    head = text(browser.post("/w/acme/projects/STO/join/"))
    assert 'id="project-head"' in head
    assert "/projects/STO/leave/" in head
    row = browser.post("/w/acme/projects/STO/pin/?on=row")
    assert 'aria-pressed="true"' in text(row)
    assert "HX-Trigger" not in row.headers
    assert ProjectPin.objects.get().membership == people.member
    assert "/projects/STO/" in text(browser.get("/w/acme/projects/in-sidebar/?at=/w/acme/projects/STO/"))
    assert 'aria-pressed="false"' in text(browser.post("/w/acme/projects/STO/unpin/?on=row"))
    assert 'id="project-head"' in text(browser.post("/w/acme/projects/STO/leave/"))
    boss = client_of("admin")
    assert "Bring it back" in text(boss.post("/w/acme/projects/STO/archive/?on=end"))
    assert "Archive" in text(boss.post("/w/acme/projects/STO/unarchive/?on=end"))
    assert "It was deleted" in text(boss.post("/w/acme/projects/STO/delete/"))


def test_leaving_a_private_one_leads_away(people, actor_of, client_of):
    row = make(actor_of("admin"), key="STO", visibility="private")
    place = {"member": people.member.public_id, "role": "member"}
    set_members.run(actor_of("admin"), {"members": [place]}, target=row)
    answer = client_of("member").post("/w/acme/projects/STO/leave/")
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/w/acme/projects/")


def test_a_person_is_picked_by_pinyin(people, client_of):
    user = User.objects.create_user("nuo@acme.example", name="沈一诺", pinyin="shen yi nuo")
    Membership.objects.create(workspace=people.workspace, user=user)
    found = client_of("member").get("/w/acme/members/pick/?q=syn").json()["items"]
    assert [(row["title"], row["hint"]) for row in found] == [("沈一诺", "nuo@acme.example")]
    assert client_of("guest").get("/w/acme/members/pick/?q=syn").json()["items"] == []


@pytest.mark.parametrize("rows", [1, 3])
def test_the_pages_cost_the_same_whatever_the_rows(
    rows, people, actor_of, client_of, django_assert_num_queries
):
    for n in range(rows):
        row = make(actor_of("member"), f"P{n}", key="P" + "ABC"[n])
        join_project.run(actor_of("admin"), target=row)
        user = User.objects.create_user(f"n{n}@acme.example", name=f"N{n}")
        member = Membership.objects.create(workspace=people.workspace, user=user)
        first = Project.objects.get(key="PA")
        place = {"member": member.public_id, "role": "member"}
        set_members.run(actor_of("admin"), {"members": [place]}, target=first)
    browser = client_of("member")
    for address, count in (("", 8), ("PA/", 11), ("PA/members/", 9), ("PA/settings/", 8)):
        browser.get(f"/w/acme/projects/{address}")
        with django_assert_num_queries(count):
            assert browser.get(f"/w/acme/projects/{address}").status_code == 200
    with django_assert_num_queries(4):
        browser.get("/w/acme/projects/in-sidebar/?at=/")


def _shown(row, **typed):
    """The settings form as it stood, with what is typed over it."""
    names = ("name", "key", "kind", "purpose", "visibility", "icon", "hue")
    shown = {name: str(getattr(row, name)) for name in names}
    return {
        **shown,
        **{f"initial-{name}": value for name, value in shown.items()},
        "version": row.version,
        **typed,
    }


def test_two_people_change_different_settings_of_a_project(people, actor_of, client_of):
    """The second saves a form that is a change behind: neither takes the other's back."""
    row = make(actor_of("admin"), name="团购", key="STO")
    url = "/w/acme/projects/STO/settings/"
    first, second = _shown(row, name="团购与外卖"), _shown(row, purpose="做到 42%")
    assert client_of("admin").post(url, first).status_code == 200
    assert client_of("owner").post(url, second).status_code == 200
    row.refresh_from_db()
    assert (row.name, row.purpose) == ("团购与外卖", "做到 42%")


def test_who_changes_what_another_changed_meanwhile_sees_it_beside_the_field(people, actor_of, client_of):
    row = make(actor_of("admin"), name="团购", key="STO")
    url = "/w/acme/projects/STO/settings/"
    first, second = _shown(row, name="团购与外卖"), _shown(row, name="外卖")
    client_of("admin").post(url, first)
    answer = client_of("owner").post(url, second)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Someone else has set this to “团购与外卖” meanwhile." in page
    assert 'value="外卖"' in page  # nothing typed is lost
    row.refresh_from_db()
    assert row.name == "团购与外卖"
