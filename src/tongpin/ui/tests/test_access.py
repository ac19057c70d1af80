"""Where somebody who is signed out ends up, and what an address says that is no page."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
HERE = "http://testserver/w/acme/members/?q=x"
ROLE = "/w/acme/members/{}/role/"


def signs_in_to(answer) -> str:
    """The address of the page that signing in leads to."""
    entry = {"login": "admin@acme.example", "password": PASSWORD}
    browser = Client()
    form = answer.headers["Location"]
    return browser.post(form, {**entry, "next": browser.get(form).context["redirect_field_value"]}).headers[
        "Location"
    ]


@pytest.mark.parametrize(
    ("headers", "page"),
    [
        ({"hx-request": "true", "hx-current-url": HERE}, "/w/acme/members/?q=x"),
        ({"referer": HERE}, "/w/acme/members/?q=x"),
        ({"referer": "https://evil.example/w/acme/"}, "/"),
        ({}, "/"),
    ],
)
def test_an_action_after_the_session_ended_leads_back_to_the_page_it_was_on(headers, page, people):
    answer = Client().post(ROLE.format(people.member.public_id), {"role": "guest"}, headers=headers)
    assert answer.status_code == 302
    assert signs_in_to(answer) == page


def test_a_piece_of_a_page_is_nothing_to_come_back_to(people):
    piece = Client().get("/w/acme/members/", headers={"hx-request": "true", "hx-current-url": HERE})
    assert signs_in_to(piece) == "/w/acme/members/?q=x"


def test_a_page_asked_for_signed_out_is_reached_after_signing_in(people):
    assert signs_in_to(Client().get("/w/acme/members/?q=x")) == "/w/acme/members/?q=x"


def test_an_address_that_takes_forms_only_says_so(people, client_of):
    answer = client_of("admin").get(ROLE.format(people.member.public_id))
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"
    assert "There is nothing to see at this address" in answer.content.decode()


def test_a_refused_value_says_why_in_the_toast(people, client_of):
    answer = client_of("admin").post(
        ROLE.format(people.member.public_id), {"role": "emperor"}, headers={"hx-request": "true"}
    )
    assert answer.status_code == 422
    assert "Choose one of" in answer.headers["HX-Trigger"]
    assert "marked fields" not in answer.headers["HX-Trigger"]
