"""Passing requests on to an old vendor: a real server on loopback plays it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tongpin.kernel.upkeep import contacts
from tongpin.kernel.upkeep.contacts import Outgoing
from tongpin.modules.analytics.capture import forward, measures, watch
from tongpin.modules.analytics.models import Source
from tongpin.modules.analytics.tests.capture.serving import PATH, until


class Vendor:
    def __init__(self) -> None:
        self.status = 200
        self.got: list[tuple[str, str, dict[str, str], bytes]] = []
        self.open = threading.Event()
        self.open.set()
        vendor = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                vendor.open.wait(20)
                headers = {name.lower(): value for name, value in self.headers.items()}
                vendor.got.append((self.command, self.path, headers, body))
                self.send_response(vendor.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def vendor(settings: Any) -> Iterator[Vendor]:
    settings.FORWARD_HOSTS = ["127.0.0.1"]
    made = Vendor()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.open.set()
    made.server.shutdown()
    made.server.server_close()
    thread.join()


@pytest.fixture
def source(source: Source, vendor: Vendor) -> Source:
    Source.objects.filter(pk=source.pk).update(forward_to=vendor.host)
    return source


def test_a_request_is_passed_on_as_it_came_without_cookies(vendor, server):
    body = b'{"key": "k", "events": [{"event": "a"}]}'
    answer = server.raw(
        "POST",
        PATH + "?ip=1&ver=2%20b",
        body,
        cookie="session=secret",
        authorization="Bearer phc_1",
        content_type="text/plain",
        user_agent="An SDK",
        x_forwarded_for="203.0.113.9",
    )
    assert answer.status == 200
    until(lambda: vendor.got)
    ((method, path, headers, got),) = vendor.got
    assert (method, path, got) == ("POST", PATH + "?ip=1&ver=2%20b", body)
    assert headers["authorization"] == "Bearer phc_1"
    assert (headers["content-type"], headers["user-agent"]) == ("text/plain", "An SDK")
    assert headers["host"] == vendor.host.removeprefix("http://")
    assert not {"cookie", "x-forwarded-for"} & set(headers)


def test_the_vendor_learns_of_an_address_what_the_source_keeps(vendor, server, source):
    server.change(Source.objects.filter(pk=source.pk), ip_policy="truncate")
    assert server.send({"event": "a"}).status == 200
    until(lambda: vendor.got)
    assert vendor.got[0][2]["x-forwarded-for"] == "127.0.0.0"


@pytest.mark.parametrize("headers", [{"dnt": "1"}, {"x_tongpin_forwarded": "1"}])
def test_what_must_not_be_passed_on(vendor, server, headers):
    assert server.send({"event": "secret"}, **headers).status == 200
    assert server.send({"event": "a"}).status == 200
    until(lambda: vendor.got)
    assert [b"secret" in got[3] for got in vendor.got] == [False]


def test_who_does_not_consent_is_not_passed_on(vendor, server, source):
    server.change(Source.objects.filter(pk=source.pk), consent_property="consent")
    assert server.send({"event": "secret", "properties": {"consent": False}}).status == 200
    assert server.send({"event": "a", "properties": {"consent": True}}).status == 200
    until(lambda: vendor.got)
    assert [b"secret" in got[3] for got in vendor.got] == [False]


def test_a_refused_request_is_not_passed_on(vendor, server):
    assert server.send({"event": "secret"}, key="nobody").status == 401
    assert server.send({"event": "a"}).status == 200
    until(lambda: vendor.got)
    assert len(vendor.got) == 1


def test_a_slow_vendor_delays_nobody_and_what_does_not_fit_is_counted(vendor, server, monkeypatch):
    monkeypatch.setattr(forward, "WAITING", 3)
    vendor.open.clear()
    before = measures.FORWARDED.labels("dropped")._value.get()
    assert [server.send({"event": "a"}).status for _ in range(10)] == [200] * 10
    assert measures.FORWARDED.labels("dropped")._value.get() - before == 7
    vendor.open.set()
    until(lambda: len(vendor.got) == 3)


def test_a_vendor_that_is_away_or_private_fails_nothing(server, source, settings):
    settings.FORWARD_HOSTS = []
    before = measures.FORWARDED.labels("failed")._value.get()
    assert server.send({"event": "a"}).status == 200
    until(lambda: measures.FORWARDED.labels("failed")._value.get() == before + 1)


@pytest.fixture
def tidying(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is remembered is written down on every round, not once a minute."""
    monkeypatch.setattr(watch, "TIDY_S", 0.0)
    monkeypatch.setattr(watch, "ROUND_S", 0.05)


def test_the_servers_owner_sees_how_the_last_calls_went(tidying, vendor, source, server, client_of, people):
    def told() -> Outgoing:
        (one,) = [one for one in contacts.everyone() if one.to == vendor.host.removeprefix("http://")]
        return one

    assert told().state == "plain"
    assert server.send({"event": "a"}).status == 200
    until(lambda: told().state == "good")
    vendor.status = 403
    assert server.send({"event": "a"}).status == 200
    until(lambda: told().state == "bad")
    assert told().why == "HTTP 403"
    type(people.owner.user).objects.filter(pk=people.owner.user.pk).update(owns_server=True)
    page = client_of("owner").get("/system/").content.decode()
    assert told().to in page
    assert "HTTP 403" in page
    vendor.status = 200
    assert server.send({"event": "a"}).status == 200
    until(lambda: told().state == "good")
    server.change(Source.objects.filter(pk=source.pk), forward_to="")
    assert not [one for one in contacts.everyone() if one.to == vendor.host.removeprefix("http://")]
