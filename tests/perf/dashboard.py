"""How long a dashboard of twelve tiles takes over HTTP, beside the bare queries of the same twelve figures.

    python tests/perf/dashboard.py [EVENTS]

EVENTS (1 million) of a made-up shop over sixty days lie in the store (tests/perf/insights.py). The tiles are the three
kinds with a bare query there, each over four ranges, so that no two have one answer. The page is asked for, then its
tiles, six at a time as a browser does: first anew, then from what is kept. The bare queries are asked six at a time as
well, and one after another; the ratio is to the former. Each is done three times; the shortest counts.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import insights as base
import lab

AT_ONCE = 6
KINDS = ("trends, users a day", "funnel of three steps", "paths")
FILL = """
workspace = Workspace.objects.get(slug="perf")
actor = Actor.in_workspace(User.objects.get(email="owner@perf.example"), "perf")
board = run_named("analytics.dashboard.create", actor, {{"name": "Perf"}}).value
for question in {questions!r}:
    insight = run_named("analytics.insight.create", actor, {{"name": "Tile", "question": question}}).value
    run_named("analytics.dashboard.add_tile", actor, {{"insight": insight.public_id}}, target=board)
print(workspace.public_id, board.public_id)
"""


def ranges(entry: base.Entry) -> list[tuple[dict[str, Any], str]]:
    """The question and its bare query over four ranges: each ends three days before the one before."""
    found = []
    for back in range(0, 12, 3):
        bare = entry.bare
        # The latest first, so that no day is moved twice.
        for day in ("2026-03-05", "2026-02-27", "2026-02-26"):
            bare = bare.replace(day, (date.fromisoformat(day) - timedelta(days=back)).isoformat())
        last = (date.fromisoformat(base.SPAN["to"]) - timedelta(days=back)).isoformat()
        found.append((entry.question | {"to": last}, bare))
    return found


def main(events: int) -> None:
    with lab.server() as (served, _token):
        pairs = [pair for entry in base.ENTRIES if entry.name in KINDS for pair in ranges(entry)]
        asked = [question for question, _bare in pairs]
        said = served.script(lab.HEAD + FILL.format(questions=asked)).split()
        workspace, board = said[-2:]
        served.script(lab.HEAD + 'Workspace.objects.update(time_zone="UTC")')
        lab.use_in_this_process(served)
        from tests.ops.visitor import Visitor

        from tongpin.kernel.store import client

        given = {"workspace": workspace, "events": events, "people": events // 20}
        for done in range(0, events, base.AT_ONCE):
            client.command(base.FILL, {**given, "done": done, "more": min(base.AT_ONCE, events - done)})
        for statement in (base.JOIN, "SYSTEM RELOAD DICTIONARY person_of"):
            client.command(statement, given)
        visitor = Visitor(served.address).sign_in("owner@perf.example")
        page = f"/w/perf/data/dashboards/{board}/"
        lab.heading(f"{len(pairs)} tiles over {events} events")

        def first_byte() -> Any:
            answer = visitor.get(page, stream=True)
            assert answer.status_code == 200
            next(answer.iter_content(1))
            return answer

        html = visitor.get(page).text
        tiles = [
            each.replace("&amp;", "&") for each in re.findall(r'hx-get="([^"]+/tiles/[^"]+)" hx-swap', html)
        ]
        tiles = [each for each in tiles if "/edit/" not in each]
        assert len(tiles) == len(pairs)

        def answered(more: str) -> Callable[[], Any]:
            def tile(address: str) -> None:
                answer = visitor.get(address + more)
                assert answer.status_code == 200
                assert "tile-shown" in answer.text, answer.text[:500]

            return lambda: together(tile, tiles)

        def bare(query: str) -> None:
            assert client.query(query, given, options=base.LONGER).rows

        queries = [query for _question, query in pairs]
        alone = best(lambda: [bare(query) for query in queries])
        side = best(lambda: together(bare, queries))
        cold = best(answered("&fresh=1"))
        kept = best(answered(""))
        print(f"  page, first byte            {best(first_byte) * 1000:7.0f} ms")
        print(f"  bare, one after another     {alone:7.2f} s")
        print(f"  bare, {AT_ONCE} at a time           {side:7.2f} s")
        print(f"  all tiles, asked anew       {cold:7.2f} s, ratio {cold / side:4.2f}")
        print(f"  all tiles, from what is kept{kept:7.2f} s")


def together(act: Callable[[str], None], each: list[str]) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(act, each))


def best(act: Callable[[], Any]) -> float:
    """The shortest of three times, in seconds."""
    took = []
    for _ in range(3):
        began = time.perf_counter()
        act()
        took.append(time.perf_counter() - began)
    return min(took)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
