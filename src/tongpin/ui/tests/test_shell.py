"""Navigation, theme, language and strings: what the shell adds to every page."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.test import Client, RequestFactory, override_settings

from tongpin.ui import appearance, manifest, navigation
from tongpin.ui.context import Page
from tongpin.ui.navigation import NavItem


@pytest.fixture
def nav(monkeypatch):
    monkeypatch.setattr(navigation, "_items", {})
    return navigation


def actor(workspace: str | None = None, role: str = "member") -> SimpleNamespace:
    return SimpleNamespace(
        workspace=SimpleNamespace(slug=workspace) if workspace else None,
        role=role,
        user=None,
        membership=None,
    )


class TestNavigation:
    def test_only_what_is_registered_visible_and_possible_is_shown(self, nav):
        add = nav.register
        add(NavItem("gallery", "more", "Gallery", icon="star", url_name="ui:gallery", needs_workspace=False))
        add(NavItem("secret", "more", "Secret", icon="lock", url_name="ui:gallery", needs_workspace=False,
                    visible=lambda a: a.role == "owner"))  # fmt: skip
        add(NavItem("inside", "more", "Inside", icon="lock", url_name="ui:gallery"))
        shown = nav.links(actor(), "/", nav.GROUPS)
        assert [link.item.key for link in shown] == ["gallery"]
        assert [link.item.key for link in nav.links(actor(role="owner"), "/", nav.GROUPS)] == [
            "gallery",
            "secret",
        ]

    def test_the_longest_address_that_fits_is_current(self, nav):
        nav.register(NavItem("a", "top", "A", icon="star", url_name="ui:gallery", needs_workspace=False))
        nav.register(NavItem("b", "top", "B", icon="star", url_name="ui:language", needs_workspace=False))
        current = {k.item.key: k.current for k in nav.links(actor(), "/gallery/x/", nav.GROUPS)}
        assert current == {"a": True, "b": False}

    def test_groups_keep_their_order_and_empty_ones_vanish(self, nav):
        for key, group in (("one", "learn"), ("two", "top"), ("three", "direction")):
            nav.register(NavItem(key, group, key, icon="star", url_name="ui:gallery", needs_workspace=False))
        assert [g.key for g in nav.grouped(nav.links(actor(), "/", nav.GROUPS), actor(), "/")] == [
            "top",
            "direction",
            "learn",
        ]

    def test_a_group_that_does_not_exist_is_refused(self, nav):
        with pytest.raises(ValueError, match="no navigation group"):
            nav.register(NavItem("x", "nowhere", "X", icon="star", url_name="ui:gallery"))

    def test_commands_carry_pinyin_initials(self, nav):
        nav.register(
            NavItem("req", "top", "需求池", icon="star", url_name="ui:gallery", needs_workspace=False)
        )
        request = RequestFactory().get("/")
        request.actor = actor()
        typed = Page(request).commands[0]["initials"].split()
        assert "xqc" in typed
        assert "xuqiuchi" in typed

    def test_a_command_is_found_in_every_language_of_the_product(self, nav):
        page = Page(RequestFactory().get("/"))
        page.user = SimpleNamespace(theme="light", density="compact", is_authenticated=True)
        page.actor = actor()
        rows = {row["id"]: row for row in page.commands}
        assert "ui.theme.light" not in rows  # the one that is on
        dark = rows["ui.theme.dark"]
        assert (dark["title"], dark["post"], dark["fields"]) == (
            "Dark theme",
            "/appearance/",
            {"theme": "dark"},
        )
        assert {"dark theme", "深色主题"} <= set(dark["names"].split("\n"))
        assert "sszt" in dark["initials"].split()
        assert rows["ui.logout"]["post"] == "/accounts/logout/"
        assert rows["ui.language.zh-hans"]["fields"] == {"language": "zh-hans", "next": "/"}

    def test_home_does_not_claim_the_pages_under_it(self, nav):
        nav.register(NavItem("home", "top", "Home", icon="star", url_name="goals:home"))
        nav.register(NavItem("list", "top", "List", icon="star", url_name="goals:lookbacks"))
        one = actor("acme")
        assert [k.current for k in nav.links(one, "/w/acme/", nav.GROUPS)] == [True, False]
        assert [k.current for k in nav.links(one, "/w/acme/lookback/new/", nav.GROUPS)] == [False, True]
        assert [k.current for k in nav.links(one, "/w/acme/nowhere/", nav.GROUPS)] == [False, False]

    def test_every_row_of_the_sidebar_has_keys_of_its_own(self):
        rows = [item for item in navigation.items() if item.group in (*navigation.GROUPS, "person", "server")]
        keys = [item.shortcut for item in rows]
        assert all(re.fullmatch("g [a-z]", typed) for typed in keys)
        assert len(set(keys)) == len(keys)
        later = {
            "g g",
            "g m",
            "g f",
            "g c",
        }  # goals, metrics, feedback, analytics, campaigns of the design
        assert not later & set(keys)


@pytest.mark.parametrize(("first", "counted"), [(0, "1"), (5, "6"), (6, "0")])
def test_a_calendar_is_told_the_week_of_the_workspace(people, client_of, first, counted):
    people.workspace.week_start = first
    people.workspace.save(update_fields=["week_start"])
    html = client_of("member").get("/w/acme/members/").content.decode()
    assert f'data-week-start="{counted}"' in html


SETTINGS = {
    "/w/acme/settings/": "General",
    "/w/acme/tokens/": "API tokens",
    "/w/acme/settings/notifications/": "Notifications",
    "/profile/": "Profile",
    "/accounts/email/": "E-mail address",
}


def test_every_settings_page_is_titled_by_its_own_name_once(people, client_of):
    client = client_of("owner")
    for path, name in SETTINGS.items():
        html = client.get(path).content.decode()
        assert re.findall(r"<h1>(.*?)</h1>", html) == [name]
        assert f">{name}</h2>" not in html


def test_one_thing_to_begin_is_begun_at_once_and_several_are_offered(people, client_of, monkeypatch):
    client = client_of("guest")  # who may look back, and begin nothing else
    direct = 'id="side-new-button" href="/w/acme/lookback/new/" data-shortcut="c"'
    assert direct in client.get("/w/acme/").content.decode()
    other = NavItem("other", "new", "Other", icon="star", url_name="goals:new")
    monkeypatch.setattr(navigation, "_items", {**navigation._items, "other": other})
    assert 'popovertarget="side-new-menu"' in client.get("/w/acme/").content.decode()


def test_no_file_field_speaks_the_browser_s_language():
    root = Path(navigation.__file__).parents[1]
    # One that is not seen has a label that is: it shows no word of the browser's.
    field = re.compile(r'<input(?![^>]*class="sr-only")[^>]*type="file"')
    bare = [path.name for path in root.rglob("templates/**/*.html") if field.search(path.read_text("utf-8"))]
    assert bare == ["_file.html"]


class TestAppearance:
    def test_a_visitor_keeps_the_choice_in_cookies(self, db):
        client = Client()
        assert client.post("/appearance/", {"theme": "dark", "density": "compact"}).status_code == 204
        html = client.get("/gallery/").content.decode()
        assert 'data-theme="dark" data-density="compact"' in html

    def test_nonsense_is_not_kept(self, db):
        client = Client()
        client.post("/appearance/", {"theme": '"><script>'})
        assert client.cookies == {}
        client.cookies["tongpin_theme"] = "neon"
        assert 'data-theme="system"' in client.get("/gallery/").content.decode()

    def test_a_persons_choice_goes_to_the_profile(self, client_of, monkeypatch):
        kept = []
        monkeypatch.setattr(
            appearance, "_savers", [lambda actor, choice: kept.append((actor.user.email, choice))]
        )
        client = client_of("member")
        client.post("/appearance/", {"theme": "light"})
        assert [choice for _email, choice in kept] == [{"theme": "light"}]

    def test_a_post_from_elsewhere_is_refused(self, db):
        assert Client(enforce_csrf_checks=True).post("/appearance/", {"theme": "dark"}).status_code == 403


class TestLanguage:
    def test_switching_goes_back_and_holds(self, db):
        client = Client()
        answer = client.post("/language/", {"language": "zh-hans", "next": "/gallery/?a=1"})
        assert answer.headers["Location"] == "/gallery/?a=1"
        assert 'lang="zh-Hans"' in client.get("/gallery/").content.decode()

    @pytest.mark.parametrize(
        "elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil.example"]
    )
    def test_it_never_leads_elsewhere(self, db, elsewhere):
        answer = Client().post("/language/", {"language": "en", "next": elsewhere})
        assert answer.headers["Location"] == "/"


class TestStrings:
    def test_islands_get_every_string_in_chinese(self, db):
        strings = Client().get("/i18n/zh-hans.json").json()
        wanted = manifest.manifest()["messages"]
        assert set(strings) == {*wanted["one"], *(many for _one, many in wanted["many"])}
        assert strings["Undo"] == "撤销"
        assert strings["{n} selected"] == ["已选 {n} 项", "已选 {n} 项"]

    def test_only_languages_there_are(self, db):
        assert Client().get("/i18n/xx.json").status_code == 404

    def test_the_page_names_the_catalogue_only_where_it_is_needed(self, db):
        client = Client()
        assert (
            "tp-catalogue" not in client.get("/gallery/", headers={"accept-language": "en"}).content.decode()
        )
        assert (
            "/i18n/zh-hans.json?v="
            in client.get("/gallery/", headers={"accept-language": "zh-CN"}).content.decode()
        )


@override_settings(GALLERY=False, DEBUG=False)
def test_the_gallery_is_not_for_production(db):
    assert Client().get("/gallery/").status_code == 404
    assert Client().get("/gallery/people.json").status_code == 404
