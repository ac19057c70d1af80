"""Servers with people on them, for what an operator does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import psycopg

from tests.serving import Served
from tongpin.kernel.postgres import Cluster

T = TypeVar("T")

FILL = """
import io, json, datetime
from PIL import Image
from tongpin.kernel.actions.door import run_named
from tongpin.kernel.files import public as files
from tongpin.kernel.files.public import Shape
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership, User
made = {}
for name in ("owner", "member", "guest"):
    made[name] = User.objects.create_user(
        f"{name}@acme.example", "correct horse battery", name={"owner": "周一诺", "member": "袁圆"}.get(name, "Kim")
    )
from allauth.account.models import EmailAddress
for user in made.values():
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
made["owner"].owns_server = True
made["owner"].save()
run_named("workspaces.workspace.create", Actor.of(made["owner"]), {"name": "Acme 同频", "slug": "acme"})
actor = Actor.in_workspace(made["owner"], "acme")
for name in ("member", "guest"):
    Membership.objects.create(workspace=actor.workspace, user=made[name], role=name)
for number in range(12):
    run_named("workspaces.member.invite", actor, {"email": f"person{number:03d}@acme.example", "role": "member"})
first = datetime.date(2026, 3, 1)
rows = "".join(f"{first + datetime.timedelta(n)},{200 + n % 7 * 9 + (25 if n > 60 else 0)}\\n" for n in range(84))
series = {"title": "续费率回看 Renewal", "metric": "续费", "text": "day,value\\n" + rows}
row = run_named("goals.lookback.create", actor, series).value
run_named("goals.lookback.set_launch", actor, {"launch": "2026-04-30"}, target=row)
picture = io.BytesIO()
Image.new("RGB", (64, 64), (200, 40, 90)).save(picture, "PNG")
picture.seek(0)
stored = files.store_picture(actor, picture, "me.png", Shape.AVATAR)
made["owner"].avatar = stored.public_id
made["owner"].save()
drill = {"name": "drill", "scopes": ["workspaces:write", "goals:read"]}
token = run_named("workspaces.token.create", actor, drill).value
print(json.dumps({"lookback": str(row.public_id), "avatar": files.url(stored), "token": token.secret}))
"""


def until(ask: Callable[[], T], seconds: float = 60, what: str = "") -> T:
    """The first true answer; fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < deadline, f"waited in vain {what}"
        time.sleep(0.2)
    return answer


def last_line(text: str) -> str:
    return text.strip().splitlines()[-1]


def database(served: Served) -> psycopg.Connection:
    """A look into the server's database past the product."""
    return psycopg.connect(Cluster(served.data / "postgres").url())


def handed_over(served: Served) -> bool:
    """Whether every subscriber has every event."""
    with database(served) as connection:
        [(cursors, behind)] = connection.execute(
            "SELECT (SELECT count(*) FROM events_subscribercursor),"
            " (SELECT count(*) FROM events_subscribercursor c"
            " JOIN events_event e ON (e.xid, e.id) > (c.xid, c.last_id))"
        ).fetchall()
    return cursors > 0 and behind == 0
