from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from tongpin.kernel import clock
from tongpin.kernel.actions.door import run_named
from tongpin.kernel.errors import Denied, Invalid, NotFound
from tongpin.kernel.files.models import StoredFile
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import User
from tongpin.lib.ids import new_id
from tongpin.modules.workspaces.actions.profile import edit_profile
from tongpin.modules.workspaces.actions.session import end_other_sessions, end_session, mark

from .denied import unchanged

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


def picture() -> SimpleUploadedFile:
    data = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(data, "PNG")
    return SimpleUploadedFile("me.png", data.getvalue(), "image/png")


@pytest.mark.parametrize(
    ("name", "spoken"),
    [
        ("单雨晨", "shan yu chen"),
        ("曾可", "zeng ke"),
        ("解小东", "xie xiao dong"),
        ("Daniel Tan", "daniel tan"),
    ],
)
def test_a_new_name_is_spelled_and_can_be_taken_back(name, spoken, people):
    actor = Actor.of(people.member.user)
    outcome = edit_profile.run(actor, {"name": name})
    assert (outcome.value.name, outcome.value.pinyin) == (name, spoken)
    assert outcome.events[0].payload == {"fields": ["name"]}
    run_named(outcome.undo.action, actor, outcome.undo.data)
    assert User.objects.get(pk=people.member.user.pk).name == "Member"


@pytest.mark.parametrize(
    "data",
    [
        {"time_zone": "Mars/Base"},
        {"language": "tlh"},
        {"name": " "},
        {"avatar": str(new_id())},
        {"owns_server": True},
    ],
)
def test_what_is_not_right_changes_nothing(data, people):
    unchanged(lambda: edit_profile.run(Actor.of(people.member.user), data), Invalid)


def test_nobody_else_is_edited(people):
    unchanged(lambda: edit_profile.run(Actor.system(people.workspace), {"name": "X"}), Denied)


def test_the_page(people, client_of):
    browser = client_of("member")
    data = {"name": "沈一诺", "language": "zh-hans", "time_zone": "Asia/Shanghai"}
    assert browser.post("/profile/", data).status_code == 302
    page = browser.get("/profile/").content.decode()
    assert 'lang="zh-Hans"' in page
    assert 'value="沈一诺"' in page
    assert browser.post("/profile/", {**data, "name": ""}).status_code == 422


def test_an_older_window_does_not_take_back_what_a_newer_one_saved(people, client_of):
    browser = client_of("member")
    page = browser.get("/profile/").content.decode()
    shown = dict(re.findall(r'<input type="hidden" name="initial-(\w+)" value="([^"]*)"', page))
    assert set(shown) == {"name", "language", "time_zone"}
    edit_profile.run(Actor.of(people.member.user), {"language": "zh-hans"})
    old = {**{f"initial-{name}": value for name, value in shown.items()}, **shown, "name": "New"}
    assert browser.post("/profile/", old).status_code == 302
    user = User.objects.get(pk=people.member.user.pk)
    assert (user.name, user.language) == ("New", "zh-hans")


def test_theme_and_density_are_kept_with_the_profile(people, client_of):
    client_of("member").post("/appearance/", {"theme": "dark", "density": "compact"})
    user = User.objects.get(pk=people.member.user.pk)
    assert (user.theme, user.density) == ("dark", "compact")


def test_a_picture_is_put_on_and_taken_off(people, client_of):
    browser = client_of("member")
    browser.post("/profile/avatar/", {"avatar": picture()})
    assert User.objects.get(pk=people.member.user.pk).avatar is not None
    browser.post("/profile/avatar/", {})
    assert User.objects.get(pk=people.member.user.pk).avatar is None


def test_a_replaced_picture_is_forgotten(people, client_of):
    browser = client_of("member")
    for _time in range(2):
        browser.post("/profile/avatar/", {"avatar": picture()})
        client_of("admin").post("/w/acme/settings/logo/", {"logo": picture()})
    people.workspace.refresh_from_db()
    now = {User.objects.get(pk=people.member.user.pk).avatar, people.workspace.logo}
    assert set(StoredFile.objects.values_list("public_id", flat=True)) == now
    browser.post("/profile/avatar/", {})
    client_of("admin").post("/w/acme/settings/logo/", {})
    assert not StoredFile.objects.exists()


def test_what_is_not_a_picture_is_said(people, client_of):
    answer = client_of("member").post(
        "/profile/avatar/",
        {"avatar": SimpleUploadedFile("x.svg", b"<svg onload='x()'/>", "image/svg+xml")},
        follow=True,
    )
    assert "not a picture" in answer.content.decode()
    assert User.objects.get(pk=people.member.user.pk).avatar is None


def test_nobody_takes_anothers_picture(people, client_of):
    client_of("member").post("/profile/avatar/", {"avatar": picture()})
    taken = User.objects.get(pk=people.member.user.pk).avatar
    unchanged(lambda: edit_profile.run(Actor.of(people.guest.user), {"avatar": str(taken)}), Invalid)


def test_a_logo(people, client_of):
    client_of("admin").post("/w/acme/settings/logo/", {"logo": picture()})
    people.workspace.refresh_from_db()
    assert people.workspace.logo is not None
    assert client_of("member").post("/w/acme/settings/logo/", {}).status_code == 403


def signed_in() -> Client:
    browser = Client(headers={"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) MicroMessenger/9.0"})
    browser.post("/accounts/login/", {"login": "member@acme.example", "password": PASSWORD})
    browser.get("/profile/")
    return browser


def test_browsers_are_listed_and_signed_out(people):
    here, there = signed_in(), signed_in()
    page = here.get("/accounts/sessions/").content.decode()
    assert page.count("WeChat on iPhone") == 2
    assert here.session.session_key not in page
    there_key = there.session.session_key
    here.post(f"/profile/sessions/{mark(there_key)}/end/")
    assert there.get("/profile/").status_code == 302
    assert here.get("/profile/").status_code == 200
    third = signed_in()
    here.post("/profile/sessions/others/end/")
    assert third.get("/profile/").status_code == 302


def test_nobody_ends_anothers_session(people):
    browser = signed_in()
    key = mark(browser.session.session_key)
    unchanged(lambda: end_session.run(Actor.of(people.stranger.user), {"session": key}), NotFound)
    unchanged(lambda: end_other_sessions.run(Actor.of(people.stranger.user), {"keep": key}), NotFound)
    assert browser.get("/profile/").status_code == 200


def test_a_browser_is_noted_at_most_once_a_minute(people):
    browser = signed_in()
    first = UserSession.objects.get().last_seen_at
    browser.get("/profile/")
    assert UserSession.objects.get().last_seen_at == first
    with clock.shifted_by(timedelta(minutes=2)):
        browser.get("/profile/")
    assert UserSession.objects.get().last_seen_at > first
