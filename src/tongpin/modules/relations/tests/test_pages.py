"""The panel, the dialog and the search box in it."""

from __future__ import annotations

import itertools
import json

import pytest

from tongpin.kernel.actions.door import run_named
from tongpin.modules.relations.models import Relation

HTMX = {"HTTP_HX_REQUEST": "true"}


def url(row, last=""):
    return f"/w/acme/relations/workspaces.project/{row.public_id}/{last}"


def text_of(response) -> str:
    return response.content.decode()


def test_from_search_to_both_pages(project, client_of, drain):
    this, other = project("Staff app"), project("工资条导出")
    drain()
    client = client_of("member")
    assert "Nothing is linked yet" in text_of(client.get(f"/w/acme/projects/{this.key}/"))
    (found,) = client.get(url(this, "find/"), {"q": "gzt"}).json()["items"]
    assert found["title"] == "工资条导出"
    assert found["hint"].startswith("Project · ")
    answer = client.post(url(this, "add/"), {"phrase": "blocks-back", "other": found["id"]}, **HTMX)
    assert answer.status_code == 200
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["undo"]
    assert "is blocked by" in text_of(client.get(f"/w/acme/projects/{this.key}/"))
    page = text_of(client.get(f"/w/acme/projects/{other.key}/"))
    assert '<span class="relation-phrase">blocks</span>' in page
    assert "Staff app" in page
    answer = client.post(f"/w/acme/relations/{Relation.objects.get().public_id}/remove/", {"on": ""}, **HTMX)
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["undo"]
    assert not Relation.objects.exists()


def test_the_box_offers_what_changed_last_but_not_itself(project, client_of, drain):
    this, _other = project("Staff app"), project("Shop app")
    drain()
    items = client_of("member").get(url(this, "find/")).json()["items"]
    assert [item["title"] for item in items] == ["Shop app"]


@pytest.mark.parametrize(
    ("host", "count"), [("http://testserver", 1), ("", 1), ("https://elsewhere.example", 0)]
)
def test_a_pasted_address(project, client_of, host, count):
    this, other = project("Staff app"), project("Shop app")
    pasted = f" {host}/w/acme/projects/{other.key}/?from=chat "
    items = client_of("member").get(url(this, "find/"), {"q": pasted}).json()["items"]
    assert len(items) == count


def test_a_refusal_keeps_what_was_chosen(project, link, client_of):
    this, other = project("Staff app"), project("Shop app")
    link(this, "blocks", other)
    chosen = f"workspaces.project:{other.public_id}"
    answer = client_of("member").post(url(this, "add/"), {"phrase": "blocks-back", "other": chosen}, **HTMX)
    assert answer.status_code == 422
    page = text_of(answer)
    assert "close a circle" in page
    assert '<option value="blocks-back" selected>' in page
    assert chosen in page
    assert "Shop app" in page
    assert Relation.objects.count() == 1


@pytest.mark.parametrize("other", ["", "workspaces.project:", "workspaces.project:1", "x"])
def test_nothing_chosen(project, client_of, other):
    answer = client_of("member").post(
        url(project("Staff app"), "add/"), {"phrase": "blocks", "other": other}, **HTMX
    )
    assert answer.status_code == 422
    assert "Choose what to link." in text_of(answer)


def test_a_double_click_links_once(project, client_of):
    this, other = project("Staff app"), project("Shop app")
    data = {"phrase": "relates", "other": f"workspaces.project:{other.public_id}", "once": "a-form"}
    client = client_of("member")
    assert [client.post(url(this, "add/"), data, **HTMX).status_code for _ in range(2)] == [200, 200]
    assert Relation.objects.count() == 1


def test_a_guest_sees_only_what_it_sees_and_changes_nothing(people, project, link, client_of, actor_of):
    mine, other, hidden = project("Open house"), project("Stand"), project("Hidden")
    for row in (mine, other):
        place = {"member": str(people.guest.public_id), "role": "member"}
        run_named("workspaces.project.set_members", actor_of("owner"), {"members": [place]}, target=row)
    client, page = client_of("guest"), f"/w/acme/projects/{mine.key}/"
    assert "relations-title" not in text_of(client.get(page))
    link(mine, "relates", hidden)
    assert "relations-title" not in text_of(client.get(page))
    row = link(mine, "relates", other)
    shown = text_of(client.get(page))
    assert "Stand" in shown
    assert "Hidden" not in shown
    assert "relation-dialog" not in shown
    assert client.get(url(mine, "add/")).status_code == 403
    assert client.post(f"/w/acme/relations/{row.public_id}/remove/").status_code == 403


@pytest.mark.parametrize(
    ("who", "status"), [("member", 200), ("guest", 404), ("stranger", 404), ("nobody", 302)]
)
def test_who_may_open_the_panel(project, client_of, who, status):
    assert client_of(who).get(url(project("Staff app")), **HTMX).status_code == status


def test_the_panel_on_its_own_is_the_page(project, client_of):
    answer = client_of("member").get(url(project("Staff app", key="STF")))
    assert (answer.status_code, answer["Location"]) == (302, "/w/acme/projects/STF/")


def test_two_hundred_in_pieces_each_once(project, actor_of, client_of, django_assert_num_queries):
    this = project("Staff app")
    rows = [project(f"No {n}", key=f"N{chr(65 + n // 26)}{chr(65 + n % 26)}") for n in range(20)]
    kinds = ("relates", "blocks", "duplicates", "caused", "answers")
    pairs = [(kind, row) for kind in kinds for row in rows]
    Relation.objects.bulk_create(
        Relation(
            workspace=this.workspace, kind=kind, from_type="workspaces.project", from_id=start.public_id,
            to_type="workspaces.project", to_id=stop.public_id,
        )
        for kind, row in pairs for start, stop in ((this, row), (row, this))
    )  # fmt: skip
    client, seen, more = client_of("member"), [], url(this)
    while more:
        page = client.get(more, **HTMX)
        seen += [(shown.phrase.name, shown.row.public_id) for shown in page.context["rows"]]
        more = page.context["more_url"]
    assert len({relation for _name, relation in seen}) == len(seen) == 200
    phrases = [name for name, _relation in seen]
    assert len([1 for before, after in itertools.pairwise(phrases) if before != after]) == 8


@pytest.mark.parametrize("rows", [1, 3])
def test_the_panel_costs_the_same_whatever_the_rows(
    rows, project, link, client_of, django_assert_num_queries
):
    this = project("Staff app")
    for n in range(rows):
        link(this, "blocks", project(f"No {n}", key=f"N{chr(65 + n)}"))
    client = client_of("member")
    client.get(url(this), **HTMX)
    with django_assert_num_queries(6):
        assert len(client.get(url(this), **HTMX).context["rows"]) == rows


def test_a_title_is_text(project, link, client_of):
    this, other = project("Staff app"), project("<b>🚀</b> " + "很长的名字" * 10)
    link(this, "relates", other)
    page = text_of(client_of("member").get(f"/w/acme/projects/{this.key}/"))
    assert "&lt;b&gt;🚀&lt;/b&gt;" in page
    assert "<b>🚀" not in page


def test_the_activity_names_the_other_end_to_whoever_sees_it(client_of, actor_of, project, link):
    this, other = project("Staff app", key="STF"), project("Secret", key="SEC", visibility="private")
    link(this, "blocks", other)
    tab = "/w/acme/projects/STF/activity/"
    seen = client_of("owner").get(tab).content.decode()
    assert 'added a link: blocks <a class="link-quiet strong" href="/w/acme/projects/SEC/">Secret</a>' in seen
    unseen = client_of("member").get(tab).content.decode()
    assert "added a link: blocks …" in unseen
    assert "Secret" not in unseen
