from __future__ import annotations

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db

ACCOUNT = ["account_login", "account_signup", "account_inactive", "account_email_verification_sent",
           "account_reset_password",
           "account_reset_password_done", "account_reset_password_from_key_done", "socialaccount_login_cancelled",
           "socialaccount_login_error"]  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("name", ACCOUNT)
def test_a_visitor_sees_every_page_of_sign_in(client, name, language):
    client.cookies["tongpin_language"] = language
    response = client.get(reverse(name))
    assert response.status_code in (200, 401)
    assert "front-card" in response.content.decode()


OWN = ["workspaces:list", "workspaces:new", "workspaces:profile", "account_email", "account_change_password",
       "usersessions_list", "socialaccount_connections", "account_reauthenticate", "account_logout"]  # fmt: skip
IN_WORKSPACE = ["settings", "members", "invitations", "departments", "projects", "tokens", "activity"]


@pytest.mark.parametrize("name", OWN)
def test_a_member_sees_their_own_pages(client_of, name):
    assert client_of("member").get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", IN_WORKSPACE)
def test_an_owner_sees_the_pages_of_the_workspace(client_of, name):
    assert client_of("owner").get(reverse(f"workspaces:{name}", args=["acme"])).status_code == 200


@pytest.mark.parametrize("name", IN_WORKSPACE)
def test_a_stranger_sees_none_of_them(client_of, name):
    assert client_of("stranger").get(reverse(f"workspaces:{name}", args=["acme"])).status_code == 404
