"""Streams live through a lost listener and a lost database, and end with the session or the server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from psycopg import sql

from tongpin.kernel import clock
from tongpin.kernel.events import stream
from tongpin.kernel.realtime import measures
from tongpin.kernel.realtime.tests.listening import PATIENCE_S, Server, Tab
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership, User

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Tab]
Touch = Callable[..., str]


def kill_listener() -> int:
    """Terminate the LISTEN connection in the server; how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'tongpin realtime'"
        )
        return int(cursor.fetchone()[0])


@contextmanager
def database_away() -> Iterator[None]:
    """Every connection cut and none accepted, as while PostgreSQL restarts."""
    own = settings.DATABASES["default"]
    name = own["NAME"]
    connection.close()
    with psycopg.connect(
        dbname="postgres",
        user=own["USER"],
        password=own["PASSWORD"],
        host=own["HOST"],
        port=own["PORT"],
        autocommit=True,
    ) as server:
        allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        server.execute(allow.format(sql.Identifier(name), sql.SQL("false")))
        try:
            server.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s", [name]
            )
            yield
        finally:
            server.execute(allow.format(sql.Identifier(name), sql.SQL("true")))


def test_a_listener_that_is_killed_comes_back_and_nothing_is_lost(
    people: Any, tab: Open, touch: Touch
) -> None:
    page = tab("member")
    expected = []
    for _ in range(3):
        expected.append(touch(people.admin))
        assert kill_listener() <= 1
        expected.append(touch(people.owner))

    assert [frame.subject for frame in page.many(6)] == expected

    live = touch(people.member)
    assert page.many(1)[0].subject == live


def test_the_database_may_go_away_and_come_back(people: Any, tab: Open, touch: Touch) -> None:
    page = tab("member")
    lost = measures.LISTENER_LOST._value.get()
    touch(people.admin)
    page.many(1)
    tried = threading.Event()
    counted = measures.LISTENER_LOST.inc

    def count() -> None:
        counted()
        if measures.LISTENER_LOST._value.get() - lost >= 2:  # it was cut, and refused once more
            tried.set()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measures.LISTENER_LOST, "inc", count)
        with database_away():
            assert tried.wait(PATIENCE_S)
    missed = [touch(people.owner), touch(people.member)]

    assert [frame.subject for frame in page.many(2)] == missed


def test_while_the_database_is_away_a_new_stream_is_asked_to_come_later(
    people: Any, tab: Open, server: Server, session_of: Callable[[str], str]
) -> None:
    tab("member")
    key = session_of("owner")
    with database_away():
        refused = server.tab(key)
        assert refused.status == 503
        assert refused.answer.headers["Retry-After"] == "2"

    assert server.tab(key).status == 200


def test_a_session_that_ends_ends_its_streams_and_no_others(people: Any, tab: Open, touch: Touch) -> None:
    other = tab("member")
    keep = set(Session.objects.values_list("session_key", flat=True))
    page = tab("member")

    Session.objects.exclude(session_key__in=keep).delete()

    farewell = page.next()
    assert farewell is not None
    assert farewell.event == "bye"
    assert page.next() is None
    subject = touch(people.admin)
    assert other.many(1)[0].subject == subject


def test_a_new_password_ends_the_streams_made_with_the_old_one(people: Any, tab: Open) -> None:
    page = tab("member")
    user = User.objects.get(pk=people.member.user_id)
    user.set_password("another horse battery")
    user.save()

    assert page.many(1)[0].event == "bye"
    assert page.next() is None


def test_a_closed_account_ends_its_streams(people: Any, tab: Open) -> None:
    page = tab("member")
    User.objects.filter(pk=people.member.user_id).update(is_active=False)

    assert page.many(1)[0].event == "bye"


def test_a_deactivated_member_hears_nothing_more_not_even_of_the_deactivation(
    people: Any, tab: Open, touch: Touch
) -> None:
    page, witness = tab("member"), tab("owner")
    Membership.objects.create(workspace=people.elsewhere, user=people.member.user, role=Role.MEMBER)
    Membership.objects.filter(pk=people.member.pk).update(deactivated_at=clock.now())
    gone = touch(people.member)
    after = touch(people.admin)
    elsewhere = touch(people.stranger)

    assert [frame.subject for frame in witness.many(2)] == [gone, after]
    frame = page.many(1)[0]
    assert (frame.data["w"], frame.subject) == ("elsewhere", elsewhere)


def test_a_member_made_guest_is_filtered_from_then_on(people: Any, tab: Open, touch: Touch) -> None:
    page = tab("member")
    before = touch(people.guest)
    assert page.many(1)[0].subject == before
    Membership.objects.filter(pk=people.member.pk).update(role=Role.GUEST)
    own = touch(people.member)
    touch(people.guest)
    seen = touch(people.admin)

    assert [frame.subject for frame in page.many(2)] == [own, seen]


def test_a_server_that_stops_ends_its_streams_at_once(people: Any, tab: Open, server: Server) -> None:
    page = tab("member")

    server.stop()

    assert page.next() is None


SERVE = """
import os, sys, uvicorn
import django
django.setup()
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[2]
from tongpin.kernel.realtime.asgi import Realtime
realtime = Realtime()
async def application(scope, receive, send):
    await (realtime.lifespan if scope["type"] == "lifespan" else realtime)(scope, receive, send)
uvicorn.run(application, fd=int(sys.argv[1]), log_level="warning", log_config=None, timeout_graceful_shutdown=None)
"""


@pytest.mark.processes
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_a_real_process_with_an_open_stream(
    people: Any, session_of: Callable[[str], str], touch: Touch, number: int
) -> None:
    import socket

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(listening.fileno()), settings.DATABASES["default"]["NAME"]],
            pass_fds=[listening.fileno()],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[4])},
        )
        try:
            page = Tab(listening.getsockname()[1], session_of("member"))
            assert page.many(1)[0].event == "hello"
            subject = touch(people.admin)
            assert page.many(1)[0].subject == subject

            process.send_signal(number)

            assert page.next() is None
            assert process.wait(PATIENCE_S) in {0, -number}
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    assert stream.end() != stream.START
