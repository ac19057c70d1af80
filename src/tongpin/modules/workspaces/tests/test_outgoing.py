"""Whom this server calls, how that went, and whether there is a newer version: as its owner reads it."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import requests

from tongpin.kernel import clock
from tongpin.kernel.mail.models import MailState, OutboxMail
from tongpin.kernel.tenancy.models import User
from tongpin.kernel.upkeep import contacts
from tongpin.kernel.upkeep.models import Contact
from tongpin.modules.workspaces import upgrades
from tongpin.modules.workspaces.accounts import SocialAccountAdapter
from tongpin.modules.workspaces.ldap.configuration import Configuration
from tongpin.modules.workspaces.ldap.directory import Directory, Unavailable
from tongpin.modules.workspaces.queries import server_facts

pytestmark = pytest.mark.django_db


@contextmanager
def telling(status=200, body=None):
    """A server that tells the newest version; the requests it got."""
    got = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            got.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

        def log_message(self, *words):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/latest.json", got
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def system(people, client_of):
    """The System page's text, as the server's owner gets it."""
    User.objects.filter(pk=people.owner.user.pk).update(owns_server=True)
    browser = client_of("owner")
    return lambda: " ".join(browser.get("/system/").content.decode().split())


def versions():
    (found,) = [fact for fact in server_facts.facts() if fact.label == "New versions"]
    return found


def test_nobody_is_asked_unless_wanted(system, settings):
    settings.UPGRADE_FEED = ""
    upgrades.check()
    assert not Contact.objects.exists()
    assert versions().state == "plain"
    assert "TONGPIN_UPGRADE_FEED" in versions().hint
    assert "Nobody: nothing that calls out is set up." in system()


def test_a_newer_version_is_told_with_what_is_new_and_how_to_upgrade(system, settings):
    news = {"tag_name": "v99.1.0", "html_url": "https://example.com/releases/99.1.0", "body": "much"}
    with telling(body=news) as (address, got):
        settings.UPGRADE_FEED = address
        upgrades.check()
    ((path, headers),) = got
    assert path == "/latest.json"
    # This is all that is sent.
    assert set(headers) <= {"host", "user-agent", "accept", "accept-encoding", "connection"}
    assert headers["user-agent"] == f"Tongpin/{settings.VERSION}"
    fact = versions()
    assert (fact.state, fact.words.startswith("99.1.0 is out.")) == ("warn", True)
    page = system()
    assert 'href="https://example.com/releases/99.1.0"' in page
    assert 'href="/system/guides/backup/"' in page


@pytest.mark.parametrize(
    ("tag", "state"), [("0.0.1", "good"), ("v0.1.0", "good"), ("0.1.1", "warn"), ("0.10.0", "warn")]
)
def test_versions_are_compared_as_numbers(settings, tag, state):
    settings.VERSION = "0.1.0"
    with telling(body={"tag_name": tag}) as (settings.UPGRADE_FEED, _got):
        upgrades.check()
    assert versions().state == state


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (404, {}, "HTTP 404"),
        (200, b"<html>", "no JSON with tag_name"),
        (200, [], "no JSON with tag_name"),
        (200, {"name": "x"}, "no JSON with tag_name"),
        (200, {"tag_name": "latest<script>"}, "is no version"),
        (200, b"x" * (upgrades.LONGEST_ANSWER + 1), "TooLong"),
    ],
)
def test_an_answer_that_is_none_is_said_and_what_was_known_stays(settings, status, body, why):
    contacts.note(upgrades.CONTACT, facts={"version": "0.0.1", "url": ""})
    with telling(status, body) as (settings.UPGRADE_FEED, _got), clock.shifted_by(timedelta(minutes=1)):
        upgrades.check()
    fact = versions()
    assert fact.state == "warn"
    assert why in fact.words
    assert upgrades.newest().version == "0.0.1"


def test_nobody_answering_is_said(settings):
    settings.UPGRADE_FEED = "http://127.0.0.1:1/latest.json"
    upgrades.check()
    assert "ConnectionError" in versions().words


def test_a_link_that_is_none_is_not_shown(settings):
    with telling(body={"tag_name": "9.0.0", "html_url": "javascript:alert(1)"}) as (
        settings.UPGRADE_FEED,
        _got,
    ):
        upgrades.check()
    assert upgrades.newest().url == ""


def test_only_the_server_s_owner_asks_now(system, client_of, settings):
    with telling(body={"tag_name": "9.0.0"}) as (settings.UPGRADE_FEED, got):
        for who in ("admin", "member", "stranger"):
            assert client_of(who).post("/system/upgrade/").status_code == 404
        assert not got
        assert client_of("owner").post("/system/upgrade/").status_code == 302
    assert "9.0.0 is out." in system()


def test_the_directory_tells_how_it_went(system, settings):
    settings.LDAP = Configuration(
        host="127.0.0.1", port=1, tls="off", base="dc=x", ad=False, filter="(uid=*)", login="uid",
        bind_dn="", bind_password="", ca_file="",
    )  # fmt: skip
    assert "No call noted yet" in system()
    with pytest.raises(Unavailable):
        Directory(settings.LDAP).people()
    (one,) = [one for one in contacts.everyone() if one.label == "Company directory"]
    assert (one.to, one.state, bool(one.why)) == ("127.0.0.1", "bad", True)
    page = system()
    assert "Failed last time" in page
    assert 'href="/system/guides/sign-in/"' in page


def test_mail_that_waits_for_another_try_is_trouble_until_one_goes_through(settings):
    settings.MAIL_TRANSPORT = "smtp://user:secret@mail.example:587"

    def mail():
        (one,) = [one for one in contacts.everyone() if one.label == "Mail server"]
        return one

    assert (mail().to, mail().state) == ("mail.example", "plain")
    OutboxMail.objects.create(to="a@acme.example", subject="x", text="x", attempts=2, error="no answer")
    assert (mail().state, mail().why) == ("bad", "no answer")
    with clock.shifted_by(timedelta(minutes=5)):
        OutboxMail.objects.create(
            to="b@acme.example", subject="x", text="x", state=MailState.SENT, sent_at=clock.now()
        )
    assert mail().state == "good"


def test_a_call_that_goes_on_well_is_not_written_every_time(django_assert_num_queries):
    contacts.note("x")
    with django_assert_num_queries(1):
        contacts.note("x")
    contacts.note("x", error="gone")
    assert contacts.last("x").words == "gone"
    contacts.note("x")
    assert contacts.last("x").good_at > contacts.last("x").bad_at  # as soon as it goes well again


@pytest.mark.parametrize("name", ["backup", "proxy", "sign-in", "many-machines"])
def test_the_guides_it_leads_to_are_there(system, client_of, name):
    page = client_of("owner").get(f"/system/guides/{name}/")
    assert page.status_code == 200
    assert "<h1" in page.content.decode()
    assert client_of("member").get(f"/system/guides/{name}/").status_code == 404


@pytest.mark.parametrize("name", ["nothing", "tongpin.service", "..", "README"])
def test_no_other_file_is_shown(system, client_of, name):
    assert client_of("owner").get(f"/system/guides/{name}/").status_code == 404


def test_calls_to_who_vouches_for_people_are_noted(system, settings):
    with telling(body={}) as (address, _got):
        port = address.rpartition(":")[2].partition("/")[0]
        settings.SOCIALACCOUNT_PROVIDERS = {
            "openid_connect": {
                "APPS": [
                    {
                        "name": "Corp",
                        "provider_id": "oidc",
                        "settings": {"server_url": f"http://127.0.0.1:{port}"},
                    }
                ]
            }
        }
        web = SocialAccountAdapter().get_requests_session()
        assert web.get(address).status_code == 200
    (one,) = [one for one in contacts.everyone() if one.label == "Sign-in: Corp"]
    assert (one.to, one.state) == ("127.0.0.1", "good")
    with clock.shifted_by(timedelta(minutes=1)), pytest.raises(requests.exceptions.ConnectionError):
        web.get(address)
    (one,) = [one for one in contacts.everyone() if one.label == "Sign-in: Corp"]
    assert (one.state, one.why) == ("bad", "ConnectionError")
