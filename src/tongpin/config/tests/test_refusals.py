"""Pages that say no keep the shell for a member of the workspace they lie in, and stand alone for anyone else."""

from __future__ import annotations

import re

import pytest
from django.test import Client, RequestFactory

from tongpin.config import views
from tongpin.kernel.errors import NotFound
from tongpin.kernel.tenancy.models import User
from tongpin.ui import refusals

pytestmark = pytest.mark.django_db
SHELL = 'class="shell"'


def heading(response) -> str:
    return re.search(r"<h1>(.*?)</h1>", response.content.decode())[1]


@pytest.mark.parametrize(
    ("path", "rows"), [("/w/acme/nope/", 0), ("/w/acme/members/0198c000-0000-7000-8000-000000000000/", 2)]
)
def test_a_member_keeps_the_shell_where_nothing_is(people, client_of, path, rows):
    response = client_of("member").get(path)
    html = response.content.decode()
    assert response.status_code == 404
    assert heading(response) == "This page does not exist"
    assert "or has not been shared with you" in html
    assert SHELL in html
    assert "data-palette" in html
    assert (
        html.count('aria-current="page"') == rows
    )  # sidebar and phone sheet: Home does not claim what is not it


def test_it_is_said_in_chinese(people, client_of):
    User.objects.filter(email="member@acme.example").update(language="zh-hans")
    html = client_of("member").get("/w/acme/nope/").content.decode()
    assert "它可能已被删除或移动，或没有分享给你。" in html


def test_a_stranger_sees_the_same_as_for_a_workspace_that_is_not_there(people, client_of):
    client = client_of("stranger")
    absent, hidden = (client.get(path).content.decode() for path in ("/w/nowhere/nope/", "/w/acme/nope/"))
    token = re.compile(r'(name="csrf" content|name="csrfmiddlewaretoken" value)="[^"]*"')
    assert token.sub("", hidden.replace("acme", "nowhere")) == token.sub("", absent)
    assert SHELL not in hidden
    assert 'name="language"' in hidden
    assert "shared with you" not in hidden


def test_a_visitor_can_still_choose_a_language():
    html = Client().get("/nope/").content.decode()
    assert 'name="language" value="zh-hans"' in html


def test_what_one_may_not_open_says_so_once_and_in_the_shell(people, client_of):
    response = client_of("guest").get("/w/acme/settings/")
    html = response.content.decode()
    assert response.status_code == 403
    assert html.count("You don’t have access to this.") == 1
    assert "Ask an owner or admin" in html
    assert SHELL in html


def test_an_address_for_buttons_is_not_an_empty_page(people, client_of):
    response = client_of("member").get("/w/acme/leave/")
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")
    assert heading(response) == "There is nothing to see at this address"
    assert SHELL in response.content.decode()


def test_a_form_left_open_too_long_is_refused_in_the_shell(people, client_of):
    client = client_of("member")
    client.handler.enforce_csrf_checks = True
    response = client.post("/w/acme/leave/")
    assert response.status_code == 403
    assert heading(response) == "This page has been open too long. Reload it and try again."
    assert SHELL in response.content.decode()


def test_a_fault_of_ours_needs_nothing_that_may_be_broken(monkeypatch):
    def broken(*args, **kwargs):
        raise NotFound

    request = RequestFactory().get("/w/acme/")
    monkeypatch.setattr(refusals, "refusal", broken)
    html = views.server_error(request).content.decode()
    assert "Something broke on our side" in html
    assert SHELL not in html
