"""What every answer tells the browser to forbid, and what the cookies may be used for."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.test import Client

from tongpin.config.asgi import Application

from .every import addresses
from .places import make

PASSWORD = "correct horse battery"


def directives(policy: str) -> dict[str, list[str]]:
    return {words[0]: words[1:] for part in policy.split(";") if (words := part.split())}


def faults(answer) -> list[str]:
    """What is missing or too open in an answer's headers."""
    found = []
    policy = directives(answer.headers.get("Content-Security-Policy", ""))
    strict = policy.get("default-src") in (["'self'"], ["'none'"])
    loose = [w for words in policy.values() for w in words if "unsafe" in w or w in {"*", "https:", "http:"}]
    if not strict or loose:
        found.append(f"policy {policy}")
    for name in ("script-src", "style-src", "connect-src"):
        if policy.get(name, policy.get("default-src")) not in (["'self'"], ["'none'"]):
            found.append(f"{name} {policy.get(name)}")
    if "sandbox" not in policy:
        for name in ("object-src", "base-uri", "frame-ancestors"):
            if policy.get(name) != ["'none'"]:
                found.append(f"{name} {policy.get(name)}")
        if policy.get("form-action") != ["'self'"]:
            found.append("form-action")
    wanted = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    found += [f"{k} {answer.headers.get(k)}" for k, v in wanted.items() if answer.headers.get(k) != v]
    return found


def test_every_answer_of_every_address(people, client_of):
    people.owner.user.owns_server = True
    people.owner.user.save()
    targets = make(people)
    asked, found, statuses = addresses(targets) + addresses(targets, api=True), [], set()
    asked.append(("/no/such/page", None))
    for who in ("owner", "guest", "nobody"):
        client = client_of(who)
        for address, _view in asked:
            answer = client.get(address)
            statuses.add(answer.status_code)
            found += [f"{who} {address} {answer.status_code}: {fault}" for fault in faults(answer)]
    assert found == []
    assert statuses >= {200, 302, 401, 403, 404, 405}


def test_refusals_of_the_framework_too(people, client_of):
    bad_host = Client().get("/accounts/login/", headers={"Host": "evil.example"})
    forged = Client(enforce_csrf_checks=True).post("/language/", {"language": "en"})
    assert (bad_host.status_code, forged.status_code) == (400, 403)
    assert faults(forged) == []
    assert "X-Frame-Options" in bad_host.headers or "frame-ancestors" in str(bad_host.headers)


def test_our_fault_as_well(people, client_of, monkeypatch):
    from tongpin.modules.goals import queries

    monkeypatch.setattr(queries, "latest", lambda *a: 1 / 0)
    client = client_of("owner")
    client.raise_request_exception = False
    answer = client.get("/w/acme/")
    assert answer.status_code == 500
    assert faults(answer) == []
    assert "ZeroDivisionError" not in answer.content.decode()


def test_static_files_cannot_be_sniffed_into_something_else(client):
    from django.contrib.staticfiles import finders

    name = next(
        path for finder in finders.get_finders() for path, _store in finder.list([]) if path.endswith(".css")
    )
    answer = client.get(f"/static/{name}")
    assert answer.status_code == 200
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert faults_of_policy(answer) == []


def faults_of_policy(answer) -> list[str]:
    return [fault for fault in faults(answer) if not fault.startswith("X-Frame-Options")]


def asgi(path: str, method: str = "GET") -> dict[bytes, bytes]:
    """The headers the streams' application answers with."""
    sent = []

    async def call() -> None:
        async def send(message):
            sent.append(message)

        scope = {"type": "http", "path": path, "method": method, "headers": [], "query_string": b""}
        await Application().realtime(scope, None, send)

    asyncio.run(call())
    return dict(sent[0]["headers"])


@pytest.mark.parametrize(("path", "method"), [("/rt/elsewhere", "GET"), ("/rt/events", "POST")])
def test_the_streams_application_as_well(path, method):
    headers = asgi(path, method)
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert headers[b"cache-control"] == b"no-store"


def test_the_session_is_out_of_reach_of_scripts_and_of_other_sites(people, client):
    client.get("/accounts/login/")
    client.post("/accounts/login/", {"login": "member@acme.example", "password": PASSWORD})
    client.get("/w/acme/")
    client.post("/language/", {"language": "en"})
    client.post("/appearance/", {"theme": "dark", "density": "compact"})
    assert {"tongpin_session", "tongpin_csrf", "tongpin_workspace"} <= set(client.cookies)
    for name, cookie in client.cookies.items():
        if cookie.value:
            assert cookie["httponly"], name
            assert cookie["samesite"] == "Lax", name
            assert not cookie["domain"], name


def configured(tmp_path, url: str, **more: str) -> dict:
    """What the settings say for a server at ``url``, in a process of its own; and one answer of it."""
    code = """
import json, django; django.setup()
from django.conf import settings as s
from django.test import Client
from django.http import HttpResponse
from django.test import RequestFactory
from django.middleware.security import SecurityMiddleware
answered = SecurityMiddleware(lambda request: HttpResponse())
def over(**how):
    return answered(RequestFactory().get("/", **how)).headers.get("Strict-Transport-Security")
print(json.dumps({"session": s.SESSION_COOKIE_SECURE, "csrf": s.CSRF_COOKIE_SECURE, "plain": over(),
    "secure": over(secure=True),
    "forwarded": over(HTTP_X_FORWARDED_PROTO="https"), "debug": s.DEBUG}))
"""
    keep = {k: v for k, v in os.environ.items() if not k.startswith("TONGPIN_")}
    given = {
        "TONGPIN_DATA": str(tmp_path),
        "TONGPIN_URL": url,
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "DJANGO_SETTINGS_MODULE": "tongpin.config.settings",
        **more,
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=keep | given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_behind_https_cookies_are_secure_and_browsers_are_told_to_stay(tmp_path):
    told = configured(tmp_path, "https://tongpin.example", TONGPIN_BEHIND_PROXY="1")
    assert told["session"]
    assert told["csrf"]
    assert told["plain"] is None
    for way in ("secure", "forwarded"):
        seconds = int(told[way].partition("max-age=")[2].partition(";")[0])
        assert seconds >= 180 * 24 * 3600
    assert not told["debug"]


def test_on_plain_http_nothing_of_that_would_lock_people_out(tmp_path):
    told = configured(tmp_path, "http://127.0.0.1:8400")
    assert (told["session"], told["csrf"], told["secure"]) == (False, False, None)


def test_a_proxy_s_word_counts_only_where_there_is_one(tmp_path):
    assert configured(tmp_path, "https://tongpin.example")["forwarded"] is None


def test_the_settings_of_this_run_are_those_of_a_server():
    assert "unsafe" not in str(settings.CONTENT_SECURITY_POLICY)
    assert not settings.DEBUG
