"""Where tiles lie: never over one another, never floating, in their order, and as the browser has it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongpin.modules.analytics.dashboard_layout import (
    COLUMNS,
    LEAST_HEIGHT,
    LEAST_WIDTH,
    MOST_HEIGHT,
    Box,
    added,
    in_order,
    laid,
    moved,
)

LAYOUT_TS = Path(__file__).parents[1] / "islands" / "_layout.ts"
ESBUILD = Path(__file__).parents[5] / "node_modules" / "esbuild" / "bin" / "esbuild"

# A busy machine draws slowly; nothing here is timed.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
wild = st.tuples(
    st.integers(-3, COLUMNS + 3), st.integers(-3, 40), st.integers(-1, COLUMNS + 3), st.integers(-1, MOST_HEIGHT + 3)
)  # fmt: skip
layouts = st.lists(wild, min_size=1, max_size=12).map(
    lambda places: laid(in_order(Box(UUID(int=n + 1), *place).fitted for n, place in enumerate(places)))
)


def over(a: Box, b: Box) -> bool:
    return a.x < b.x + b.w and b.x < a.x + a.w and a.y < b.y + b.h and b.y < a.y + a.h


def share(a: Box, b: Box) -> bool:
    return a.x < b.x + b.w and b.x < a.x + a.w


def sound(boxes: list[Box]) -> None:
    """Within the grid, none over another, each on the ground or on one that shares a column."""
    for box in boxes:
        assert 0 <= box.x <= COLUMNS - box.w
        assert box.w >= LEAST_WIDTH
        assert LEAST_HEIGHT <= box.h <= MOST_HEIGHT
        others = [each for each in boxes if each is not box]
        assert not any(over(box, each) for each in others)
        assert box.y == 0 or any(share(box, each) and each.y + each.h == box.y for each in others)


@patient
@given(layouts)
def test_an_arrangement_stays_as_it_is(boxes):
    sound(boxes)
    assert laid(in_order(boxes)) == in_order(boxes)


@patient
@given(layouts, wild, st.integers(0, 11))
def test_one_goes_there_and_the_others_give_way_in_their_order(boxes, place, which):
    held = Box(boxes[which % len(boxes)].tile, *place)
    found = moved(boxes, held)
    sound(found)
    assert {box.tile for box in found} == {box.tile for box in boxes}
    now = {box.tile: box for box in found}
    assert (now[held.tile].x, now[held.tile].w, now[held.tile].h) == (
        held.fitted.x,
        held.fitted.w,
        held.fitted.h,
    )
    others = [box for box in boxes if box.tile != held.tile]
    for a in others:
        assert (now[a.tile].x, now[a.tile].w, now[a.tile].h) == (a.x, a.w, a.h)
        for b in others:
            if share(a, b) and a.y < b.y:
                assert now[a.tile].y < now[b.tile].y


@patient
@given(layouts, st.integers(0, 11))
def test_one_that_stays_moves_nothing(boxes, which):
    held = boxes[which % len(boxes)]
    assert in_order(moved(boxes, held)) == in_order(boxes)


@patient
@given(layouts, wild)
def test_a_new_one_moves_nobody(boxes, place):
    new = Box(UUID(int=99), *place)
    found = added(boxes, new)
    sound(found)
    assert found[:-1] == in_order(boxes)
    assert (found[-1].w, found[-1].h) == (new.fitted.w, new.fitted.h)


@pytest.mark.parametrize(
    ("by", "order"),
    [(1, "AB"), (3, "BA"), (5, "BA")],
)
def test_two_change_places_when_one_is_half_over_the_other(by, order):
    a, b = Box(UUID(int=1), 0, 0, 6, 4), Box(UUID(int=2), 0, 4, 6, 4)
    for down in (True, False):
        held = Box(a.tile, 0, by, 6, 4) if down else Box(b.tile, 0, 4 - by, 6, 4)
        found = in_order(moved([a, b], held))
        assert "".join("AB"[box.tile.int - 1] for box in found) == order, down


def test_the_browser_has_the_same_rule(tmp_path):
    """The island's own module, bundled, over arrangements that Python made."""
    node = shutil.which("node")
    if node is None or not ESBUILD.exists():
        pytest.skip("needs node and its modules")
    cases = []

    @patient
    @given(layouts, wild, st.integers(0, 11))
    def gather(boxes, place, which):
        held = Box(boxes[which % len(boxes)].tile, *place)
        cases.append((boxes, held, moved(boxes, held)))

    gather()

    def told(box: Box) -> dict[str, object]:
        return {"tile": str(box.tile), "x": box.x, "y": box.y, "w": box.w, "h": box.h}

    given_cases = [{"boxes": [told(b) for b in boxes], "held": told(held)} for boxes, held, _found in cases]
    (tmp_path / "cases.json").write_text(json.dumps(given_cases))
    program = tmp_path / "main.ts"
    program.write_text(
        f'import {{ moved }} from "{LAYOUT_TS}";\n'
        'import { readFileSync } from "node:fs";\n'
        'const cases = JSON.parse(readFileSync(process.argv[2], "utf8"));\n'
        "console.log(JSON.stringify(cases.map((one: any) => moved(one.boxes, one.held))));\n"
    )
    built = tmp_path / "main.mjs"
    subprocess.run(
        [node, ESBUILD, program, "--bundle", "--format=esm", "--platform=node", f"--outfile={built}"],
        check=True, capture_output=True,
    )  # fmt: skip
    said = subprocess.run([node, built, tmp_path / "cases.json"], check=True, capture_output=True, text=True)
    assert json.loads(said.stdout) == [[told(b) for b in found] for _boxes, _held, found in cases]
