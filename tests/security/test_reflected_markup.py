"""Markup and unstorable characters sent in an address or a form: they come back as text, or not at all."""

from __future__ import annotations

import pytest

from .every import addresses
from .markup import hurtful, would_run
from .places import make
from .watching import fingerprint

NAMES = (
    "q", "cursor", "tab", "result", "peek", "than", "from", "next", "email", "name", "slug", "proposed", "sheet",
    "title", "text", "launch", "metric", "unit", "source_name", "others", "window_days", "expected", "once", "emails",
    "role", "days", "max_uses", "scopes", "token", "login", "password", "password1", "password2", "oldpassword",
    "time_zone", "language", "theme", "density", "kind", "delivery", "subscriber", "event", "version", "country",
    "intent", "date_order", "decimal", "answers", "number", "column", "week_start", "process", "error", "code", "state",
)  # fmt: skip


def owning(people):
    people.owner.user.owns_server = True
    people.owner.user.save()
    return make(people)


def asked(client, address, text):
    """A GET and, last, a POST of every parameter any page reads, each the same text."""
    given = dict.fromkeys(NAMES, text)
    for htmx in ({}, {"HX-Request": "true", "HX-Current-URL": f"http://testserver/{text.split()[0]}"}):
        yield client.get(address, given, headers=htmx)
        yield client.post(address, given, headers=htmx)


@pytest.mark.parametrize("who", ["owner", "nobody"])
def test_nothing_sent_comes_back_to_run(who, people, client_of):
    targets, client = owning(people), client_of(who)
    found, echoed = [], 0
    for address, _view in addresses(targets):
        for answer in asked(client, address, hurtful(7)):
            if answer.status_code >= 500:
                found.append(f"{address} {answer.status_code}")
            if not answer.streaming and answer.headers.get("Content-Type", "").startswith("text/html"):
                page = answer.content.decode()
                echoed += "alert(7)" in page
                found += [f"{address}: {what}" for what in would_run(page)]
            if client.cookies.get("tongpin_session") and address == "/accounts/logout/" and who == "owner":
                client.force_login(people.owner.user)
    assert found == []
    assert echoed > 4


@pytest.mark.parametrize(
    "text", ["a\x00b", "%00", "\ud800".encode("utf-8", "surrogatepass"), "\u202egnp.exe", "9" * 400]
)
def test_what_cannot_be_stored_is_refused_not_an_error(text, people, client_of):
    """PostgreSQL takes no NUL; a page must say so, or leave it out, but not break."""
    targets, client = owning(people), client_of("owner")
    client.raise_request_exception = False
    found = []
    for address, _view in addresses(targets):
        given = dict.fromkeys(NAMES, text)
        for answer in (client.get(address, given), client.post(address, given)):
            if answer.status_code >= 500 and not address.startswith("/readyz"):
                found.append(f"{address} {answer.status_code}")
        if address in {"/accounts/logout/", "/profile/sessions/others/end/"}:
            client.force_login(people.owner.user)
    assert found == []


WITH_NUL = (
    "/invite/%00/",
    "/w/acme/lookback/%00/",
    "/files/%00/x",
    "/accounts/confirm-email/%00/",
    "/i18n/%00.json",
    "/profile/sessions/%00/end/",
    "/accounts/oidc/%00/login/",
    "/accounts/password/reset/key/1-%00/",
)


def test_nor_does_an_address_with_it_break_or_change_anything(people, client_of):
    client = client_of("owner")
    client.raise_request_exception = False
    before = fingerprint()
    for path in WITH_NUL:
        assert client.get(path).status_code < 500, path
        assert client.post(path).status_code < 500, path
    assert fingerprint() == before
