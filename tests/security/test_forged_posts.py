"""A form on somebody else's site, sent by a signed-in person's browser: refused at every address."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from .every import addresses
from .places import make
from .watching import fingerprint

DATA = {
    "name": "x", "title": "x", "role": "admin", "text": "x", "emails": "a@b.example", "language": "en", "theme": "dark",
    "days": "7", "scopes": "goals:read", "slug": "taken-over", "password": "x", "login": "x@b.example", "kind": "x",
}  # fmt: skip


#: Whose link is itself the right to what it does, and which mail programs post to (RFC 8058).
BY_LINK = ["/unsubscribe/word/"]


@pytest.fixture
def browser(people):
    """The owner's, who also owns the server: nothing else would refuse them."""
    people.owner.user.owns_server = True
    people.owner.user.save()
    made = Client(enforce_csrf_checks=True)
    made.force_login(people.owner.user)
    return made


def test_only_the_api_and_links_in_mails_take_posts_without_a_form_token(people):
    everything = addresses(make(people)) + addresses(make_again(people), api=True)
    exempt = {address for address, view in everything if getattr(view, "csrf_exempt", False)}
    assert exempt
    assert [address for address in exempt if not address.startswith("/api/")] == BY_LINK


def make_again(people):
    """Ids do not matter to the API's addresses here."""
    from collections import defaultdict

    return defaultdict(lambda: people.owner.public_id)


def test_a_post_without_the_form_token_changes_nothing_anywhere(people, browser):
    pages = addresses(make(people))
    assert len(pages) > 60
    found, before = [], fingerprint()
    for address, _view in pages:
        answer = browser.post(address, DATA)
        if answer.status_code != (404 if address in BY_LINK else 403):
            found.append(f"{address} {answer.status_code}")
        if fingerprint() != before:
            found.append(f"{address} changed something")
            before = fingerprint()
    assert found == []


def test_nor_does_one_sent_by_a_script_as_htmx(people, browser):
    address = "/w/acme/members/invite/"
    before = fingerprint()
    answer = browser.post(address, DATA, headers={"HX-Request": "true"})
    assert (answer.status_code, fingerprint()) == (403, before)


def token_in(browser) -> str:
    page = browser.get("/profile/").content.decode()
    return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]


def test_the_token_of_ones_own_page_is_what_opens_it(people, browser):
    """The counter-test: the refusals above are not refusals of anything whatever."""
    sent = {"theme": "dark", "csrfmiddlewaretoken": token_in(browser)}
    assert browser.post("/appearance/", sent).status_code == 204
    people.owner.user.refresh_from_db()
    assert people.owner.user.theme == "dark"


def test_even_the_right_token_is_refused_from_another_site(people, browser):
    sent = {"theme": "dark", "csrfmiddlewaretoken": token_in(browser)}
    refused = browser.post("/appearance/", sent, headers={"Origin": "https://evil.example"})
    assert refused.status_code == 403
    people.owner.user.refresh_from_db()
    assert people.owner.user.theme != "dark"


def test_a_session_opens_nothing_in_the_api(people, browser):
    """The API takes posts without a token of a form because it takes no cookie for an answer."""
    targets = make(people)
    for address, _view in addresses(targets, api=True):
        if "actions" in address:
            answer = browser.post(address, "{}", content_type="application/json")
            assert answer.status_code == 401, address


def test_signing_out_takes_a_post(people, browser):
    """A picture of this address on any page would otherwise sign people out."""
    browser.get("/accounts/logout/")
    assert "_auth_user_id" in browser.session
