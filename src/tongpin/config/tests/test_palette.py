"""The palette: names in both languages, initials, other people's words, and what each person may see."""

from __future__ import annotations

import pytest
from django.utils.functional import lazy
from django.utils.translation import get_language

from tongpin.kernel import objects
from tongpin.kernel.objects import Card, SearchText
from tongpin.kernel.search import documents
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership, User
from tongpin.lib.pinyin import of_person
from tongpin.ui import navigation
from tongpin.ui.navigation import NavItem

pytestmark = pytest.mark.django_db


def both(english, chinese):
    """A text that follows the reader's language, as gettext_lazy does."""
    return lazy(lambda: chinese if (get_language() or "").startswith("zh") else english, str)()


@pytest.fixture(autouse=True)
def _registered(monkeypatch):
    monkeypatch.setattr(navigation, "_items", {})
    monkeypatch.setattr(objects, "_types", {})

    def add(key, label, group="top", **more):
        navigation.register(NavItem(key, group, label, "dot", "palette", **more))

    add("demo.items", both("Requirements", "需求"), shortcut="g r", words=("story",))
    add("demo.projects", both("Projects", "项目"))
    add("demo.dashboards", both("Dashboards", "仪表盘"))
    add("demo.new", both("New bet", "写预期"), group="new")
    add("demo.admin", both("Audit log", "审计日志"), visible=lambda actor: actor.role == Role.OWNER)
    objects.register(
        Membership,
        label=both("Member", "成员"),
        plural="",
        icon="user",
        card=lambda row: Card(
            "tenancy.membership", row.public_id, row.user.name, f"/m/{row.public_id}", "user"
        ),
        search=lambda row: SearchText(row.user.name, pinyin=of_person(row.user.name)),
        related=("user",),
    )


@pytest.fixture
def ask(client_of):
    def titles(q, who="member", language="en"):
        User.objects.filter(email=f"{who}@acme.example").update(language=language)
        answer = client_of(who).get("/w/acme/palette", {"q": q})
        assert answer.status_code == 200
        return [row["title"] for row in answer.json()]

    return titles


@pytest.mark.parametrize(
    "q", ["xq", "xuqiu", "xuq", "需", "需求", "requ", "REQUIREMENTS", "irem", "story", "ticket"]
)
def test_a_command_is_found_by_any_of_its_names(people, ask, q):
    assert ask(q)[:1] == ["Requirements"]
    assert ask(q, language="zh-hans")[:1] == ["需求"]


@pytest.mark.parametrize(
    ("q", "title"),
    [("space", "Projects"), ("数据看板", "Dashboards"), ("dash", "Dashboards"), ("ybp", "Dashboards")],
)
def test_other_words_for_the_same_thing(people, ask, q, title):
    assert ask(q) == [title]


def test_a_row_is_shown_only_to_those_who_have_it(people, ask):
    assert ask("audit", "owner") == ["Audit log"]
    assert ask("audit") == []
    assert "Audit log" not in ask("")


def test_people_are_found_by_name_and_initials(people, ask):
    User.objects.filter(pk=people.admin.user.pk).update(name="沈一诺")
    documents.reindex()
    for q in ("沈", "一诺", "sy", "syn"):
        assert ask(q) == ["沈一诺"]
    assert ask("sy", "guest") == ["沈一诺"]  # guests see admins
    assert ask("member", "guest") == []  # and no other member
    assert ask("stranger", "owner") == []


def test_an_answer_says_what_it_is(people, client_of):
    documents.reindex()
    answer = client_of("member").get("/w/acme/palette", {"q": "xq"}).json()
    assert answer == [
        {"id": "demo.items", "kind": "go", "title": "Requirements", "hint": "", "icon": "dot",
         "url": "/w/acme/palette", "keys": "g r"}
    ]  # fmt: skip
    hit = client_of("owner").get("/w/acme/palette", {"q": "admin"}).json()[0]
    assert (hit["kind"], hit["hint"], hit["id"]) == (
        "hit",
        "Member",
        f"tenancy.membership:{people.admin.public_id}",
    )
    assert client_of("member").get("/w/acme/palette", {"q": "new"}).json()[0]["kind"] == "new"


@pytest.mark.parametrize("q", ["\x00", "%", "'", "\ud83d", "😀", "a" * 5000, "<script>", " "])
def test_any_question_is_answered(people, client_of, q):
    answer = client_of("member").get("/w/acme/palette", {"q": q.encode("utf-8", "surrogatepass")})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("who", "status"), [("owner", 200), ("guest", 200), ("stranger", 404), ("nobody", 302)]
)
def test_only_members_may_ask(people, client_of, who, status):
    assert client_of(who).get("/w/acme/palette", {"q": "a"}).status_code == status
