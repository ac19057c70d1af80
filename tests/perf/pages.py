"""CPU time of one page with a list of fifty rows, beside a bare Django view of the same rows.

    python tests/perf/pages.py [REPEATS]

The page is the members list, through every middleware, signed in, its layout and partials rendered. The bare view has
no middleware, no session and no layout: it reads the same fifty rows and puts four columns of each into a table.
Time is this process's CPU time; PostgreSQL's is not in it, and the number of queries is printed instead.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import lab

ROWS = 50
FILL = f"""
workspace = Workspace.objects.get(slug="perf")
for number in range({ROWS - 1}):
    user = User.objects.create(email=f"person{{number}}@perf.example", name=f"张{{number:03d}} Person", password="!")
    Membership.objects.create(workspace=workspace, user=user, role="member")
"""
BARE = """<!doctype html><title>Members</title><table>{% for row in rows %}
<tr><td>{{ row.user.name }}</td><td>{{ row.user.email }}</td><td>{{ row.get_role_display }}</td>
<td>{{ row.joined_at|date:"Y-m-d" }}</td></tr>{% endfor %}</table>"""


def cpu(act: Callable[[], Any], repeats: int) -> list[float]:
    """Milliseconds of CPU of each call, warmed up."""
    for _ in range(10):
        act()
    took = []
    for _ in range(repeats):
        began = time.process_time()
        act()
        took.append((time.process_time() - began) * 1000)
    return took


def main(repeats: int) -> None:
    with lab.server() as (served, _token):
        served.script(lab.HEAD + FILL)
        lab.use_in_this_process(served)
        from django.db import connection
        from django.http import HttpRequest, HttpResponse
        from django.template import Context, Engine
        from django.test import Client, RequestFactory
        from django.test.utils import CaptureQueriesContext

        from tongpin.kernel.tenancy.models import Membership, User

        template = Engine().from_string(BARE)

        def bare(request: HttpRequest) -> HttpResponse:
            rows = Membership.objects.filter(workspace__slug="perf").select_related("user").order_by("pk")
            return HttpResponse(template.render(Context({"rows": rows})))

        client = Client(HTTP_HOST="127.0.0.1")
        client.force_login(User.objects.get(email="owner@perf.example"))

        def page() -> Any:
            answer = client.get("/w/perf/members/")
            assert answer.status_code == 200
            return answer

        def part() -> Any:
            answer = client.get("/healthz")
            assert answer.status_code == 200
            return answer

        request = RequestFactory().get("/")
        assert bare(request).content.count(b"<tr>") == ROWS
        assert page().content.decode().count("@perf.example") >= ROWS
        lab.heading(f"CPU of one page with {ROWS} rows, {repeats} times each")
        baseline = 0.0
        for name, act in (
            ("bare view, same rows", lambda: bare(request)),
            ("empty answer through every middleware", part),
            ("members page", page),
        ):
            with CaptureQueriesContext(connection) as queries:
                act()
            asked = len(queries)
            took = cpu(act, repeats)
            middle = statistics.median(took)
            baseline = baseline or middle
            print(
                f"  {name:<40} {middle:7.1f} ms median {lab.percentile(took, 0.95):7.1f} ms p95"
                f"  {asked:3d} queries  {middle / baseline:5.1f} × bare"
            )
        print(f"  {'size of the page':<40} {len(page().content) / 1000:7.1f} kB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
