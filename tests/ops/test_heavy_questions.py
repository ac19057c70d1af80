"""A question that would eat the machine is stopped and says so, and nobody else is kept from anything by it."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.e2e.sending import send
from tests.serving import Served

pytestmark = pytest.mark.processes

WORLD = """
import json
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from tongpin.kernel.actions.door import run_named
from tongpin.kernel.store import client
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership, Role, User, Workspace
from tongpin.modules.analytics.models import SourceKey
people = {
    who: User.objects.create_user(f"{who}@heavy.example", name=who, language=language)
    for who, language in (("owner", "zh-hans"), ("colleague", "en"))
}
run_named("workspaces.workspace.create", Actor.of(people["owner"]), {"name": "Heavy", "slug": "heavy"})
workspace = Workspace.objects.get(slug="heavy")
Membership.objects.create(workspace=workspace, user=people["colleague"], role=Role.MEMBER)
source = run_named("analytics.source.create", Actor.in_workspace(people["owner"], "heavy"), {"name": "App"}).value
made = {"key": SourceKey.objects.get(source=source).value, "cookie": settings.SESSION_COOKIE_NAME}
for who, user in people.items():
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    made[who] = session.session_key
client.command(
    '''INSERT INTO events (workspace, source, uuid, event, distinct_id, timestamp, client_at, received_at, session,
                           customers, path, properties, nested)
       SELECT {workspace:UUID}, {workspace:UUID}, UUIDNumToString(sipHash128(number)), 'opened',
              toString(number % 5000), toDateTime64('2026-03-02 00:00:00', 3, 'UTC') + number % 80000 AS at, at, at, '',
              map(), repeat(hex(cityHash64(number)), 40), '{}', ''
       FROM numbers(600000)''',
    {"workspace": workspace.public_id},
)
client.command(
    '''INSERT INTO events (workspace, source, uuid, event, distinct_id, timestamp, client_at, received_at, session,
                           customers, properties, nested)
       SELECT {workspace:UUID}, {workspace:UUID}, UUIDNumToString(sipHash128('s' || toString(number))), 'signed up',
              toString(number), toDateTime64('2026-03-02 00:00:00', 3, 'UTC') AS at, at, at, '', map(), '{}', ''
       FROM numbers(3)''',
    {"workspace": workspace.public_id},
)
print(json.dumps(made))
"""
RANGE = {"from": "2026-03-01", "to": "2026-03-03"}
# Patterns that fit nowhere, each looked for in every one of the long texts.
HEAVY = RANGE | {"series.0.event": "opened", "where.match": "any"}
for at in range(45):
    HEAVY |= {
        f"where.of.{at}.property": "$pathname",
        f"where.of.{at}.op": "matches",
        f"where.of.{at}.value": f"(0[A-F]+1|1[0-9]+2){{3}}[a-f]{{{at + 1}}}x",
    }


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    server = Served(tmp_path / "data", TONGPIN_QUESTION_SECONDS="3").start()
    yield server
    server.stop()


def test_a_question_that_takes_too_long_says_so_and_keeps_nobody_waiting(served: Served) -> None:
    made = json.loads(served.script(WORLD).splitlines()[-1])

    def page(who: str, fields: dict[str, str]) -> str:
        request = urllib.request.Request(
            f"{served.address}/w/heavy/data/new/trends/?{urlencode(fields)}",
            headers={"Cookie": f"{made['cookie']}={made[who]}"},
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            assert answer.status == 200
            return answer.read().decode()

    with ThreadPoolExecutor(4) as pool:
        heavy = [pool.submit(page, "owner", HEAVY) for _ in range(4)]  # four tabs
        small = page("colleague", RANGE | {"series.0.event": "signed up", "series.0.math": "unique_users"})
        status, taken = send(served, made["key"], {"event": "opened", "distinct_id": "ann"})
        told = [each.result(timeout=120) for each in heavy]
    assert '<a class="insight-total"' in small
    assert ">3</a>" in small
    assert (status, taken["accepted"]) == (200, 1)
    stopped = [page for page in told if "这次查询的数据量超过了单次上限。" in page]
    assert len(stopped) >= 2
    for each in stopped:
        assert "请缩短时间范围、减少拆分维度，或收紧筛选条件。" in each
    busy = [page for page in told if "事件库正忙于其他查询。" in page]
    assert len(stopped) + len(busy) == 4, "each is answered, the last perhaps without its turn"
    assert ">3</a>" in page("owner", RANGE | {"series.0.event": "signed up", "series.0.math": "unique_users"})
