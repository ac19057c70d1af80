"""Parameters that say where to go next never lead away from this server."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client

from tongpin.modules.workspaces.actions.invitation import create_link

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"

AWAY = [
    "//evil.example",
    "///evil.example",
    "https://evil.example/",
    "https:evil.example",
    "https:/evil.example",
    "\\\\evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    " //evil.example",
    "%2F%2Fevil.example",
    "//evil%E3%80%82example",
    "http://testserver@evil.example/",
    "http://testserver.evil.example/",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "//evil.example\\@testserver",
    "/ok\r\nLocation: https://evil.example/",
]
NAMES = ("next", "redirect_to", "continue", "return", "url", "back", "goto")


def leads_away(location: str, page: str) -> bool:
    """As a browser reads it: backslashes are slashes, many slashes are two; tabs and line ends are nothing."""
    seen = "".join(c for c in location if c not in "\t\r\n").strip().replace("\\", "/")
    seen = re.sub(r"^(https?:)?/{2,}", r"\1//", re.sub(r"^(https?:)/*", r"\1//", seen))
    at = urlsplit(urljoin(f"http://testserver{page}", seen))
    return at.scheme not in {"http", "https"} or at.netloc != "testserver"


def test_the_reading_itself_knows_the_tricks():
    assert [a for a in AWAY if not leads_away(a, "/accounts/login/")] == [
        "%2F%2Fevil.example",  # only if somebody decodes it once more
        "/ok\r\nLocation: https://evil.example/",  # only if it splits the header
    ]


def sent(client, path, away, data=None):
    """Every answer to the parameter in the address and, with ``data``, in a form."""
    names = dict.fromkeys(NAMES, away)
    yield client.get(path, names)
    if data is not None:
        yield client.post(path, {**data, **names})
        yield client.post(f"{path}?next={away.encode().hex()}", {**data, **names})


def stays(answers, path) -> None:
    for answer in answers:
        assert answer.status_code < 500
        location = answer.headers.get("Location", "")
        assert not leads_away(location, path), location
        assert "\r" not in location
        assert "\n" not in location
        assert "evil" not in urlsplit(urljoin("http://testserver/", location)).path.replace("%2F", "/")[:2]


@pytest.mark.parametrize("away", AWAY)
def test_signing_in(away, people):
    path = "/accounts/login/"
    stays(sent(Client(), path, away, {"login": "member@acme.example", "password": PASSWORD}), path)


@pytest.mark.parametrize("away", AWAY)
def test_signing_in_again(away, people, client_of):
    """Someone signed in who opens the sign-in page is sent on at once."""
    path = "/accounts/login/"
    stays(sent(client_of("member"), path, away), path)


@pytest.mark.parametrize("away", AWAY)
def test_signing_up(away, people):
    path = "/accounts/signup/"
    form = {"name": "N", "email": "new@example.com", "password1": PASSWORD, "time_zone": "UTC"}
    stays(sent(Client(), path, away, form), path)


@pytest.mark.parametrize("away", AWAY)
def test_signing_out(away, client_of):
    path = "/accounts/logout/"
    stays(sent(client_of("member"), path, away, {}), path)


@pytest.mark.parametrize("away", AWAY)
def test_switching_the_language(away, people):
    path = "/language/"
    stays(sent(Client(), path, away, {"language": "zh-hans"}), path)


@pytest.mark.parametrize("away", AWAY)
def test_asking_for_the_password_again(away, client_of):
    path = "/accounts/reauthenticate/"
    stays(sent(client_of("member"), path, away, {"password": PASSWORD}), path)


@pytest.mark.parametrize("away", AWAY)
def test_coming_in_by_invitation(away, people, actor_of, client_of):
    link = create_link.run(actor_of("owner"), {}).value
    path = f"/invite/{link.secret}/"
    stays(sent(client_of("stranger"), path, away, {}), path)
    stays(sent(client_of("member"), path, away, {}), path)


OWN_ADDRESSES = [
    "//evil.example/w/acme/",
    "/\\evil.example/w/acme/",
    "/w/acme//evil.example/",
    "//evil.example/..",
]


@pytest.mark.parametrize("path", OWN_ADDRESSES)
def test_an_address_itself_is_no_way_out(path, people, client_of):
    for who in ("nobody", "member"):
        answer = client_of(who).get("/", PATH_INFO=path)
        assert answer.status_code in {301, 302, 404}
        assert not leads_away(answer.headers.get("Location", ""), "/")


def test_an_old_address_of_a_workspace_leads_only_to_its_new_one(people, actor_of, client_of):
    from tongpin.modules.workspaces.actions.workspace import edit_workspace

    edit_workspace.run(actor_of("owner"), {"slug": "renamed"}, target=people.workspace)
    answer = client_of("member").get("/w/acme/lookback/?next=//evil.example")
    assert answer.headers["Location"] == "/w/renamed/lookback/?next=//evil.example"
    assert client_of("stranger").get("/w/acme/lookback/").status_code == 404


@pytest.mark.parametrize("away", AWAY)
def test_the_page_an_action_came_from(away, people):
    """After a session has ended: the headers are the browser's word, or anybody's."""
    away = "".join(c for c in away if c not in "\r\n")  # a server's parser lets no line end through
    for header in ("HX-Current-URL", "Referer"):
        for address in (away, f"http://testserver/{away}"):
            answer = Client().post("/w/acme/leave/", headers={header: address})
            page = Client().get(answer.headers["Location"])
            form = {"login": "member@acme.example", "password": PASSWORD}
            form["next"] = page.context["redirect_field_value"]
            stays([answer, Client().post("/accounts/login/", form)], "/w/acme/leave/")
