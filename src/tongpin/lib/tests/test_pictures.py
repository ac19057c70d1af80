"""Pictures for mails and chat groups: what was given is on them, whatever it is."""

from __future__ import annotations

import io
from math import isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tongpin.lib.pictures import (
    Bar,
    Bars,
    Cell,
    Drawn,
    Grid,
    Line,
    Panel,
    Picture,
    Plot,
    Words,
    canvas,
    sheet,
)
from tongpin.lib.pictures.charts import ticks

NUMBERS = st.one_of(st.none(), st.floats(-1e12, 1e12), st.integers(-1000, 1000).map(float))
TEXTS = st.text(max_size=60)


def image(drawn: Drawn) -> Image.Image:
    return Image.open(io.BytesIO(drawn.png)).convert("RGB")


def colours(drawn: Drawn) -> dict[tuple[int, ...], int]:
    """How often each colour is there; quantised, so nearly those that were drawn."""
    return {colour: n for n, colour in image(drawn).getcolors(1 << 24)}  # type: ignore[misc,union-attr]


def has(drawn: Drawn, wanted: str) -> int:
    want = [int(wanted[at : at + 2], 16) for at in (1, 3, 5)]
    near = [n for c, n in colours(drawn).items() if all(abs(a - b) < 8 for a, b in zip(c, want, strict=True))]
    return sum(near)


def plot(kind: str, *lines: Line) -> Plot:
    return Plot(kind, [f"11-{day:02d}" for day in range(1, len(lines[0].values) + 1)], lines)  # type: ignore[arg-type]


@given(low=st.floats(-1e9, 0), high=st.floats(0, 1e9))
def test_ticks_hold_the_values_and_are_few(low: float, high: float) -> None:
    found = ticks(low, high)
    step = found[1] - found[0]
    assert found[0] <= low + step * 1e-6
    assert found[-1] >= high - step * 1e-6
    assert 2 <= len(found) <= 12
    assert any(isclose(each, 0, abs_tol=step * 1e-6) for each in found)


def test_every_series_is_drawn_in_its_hue() -> None:
    for kind in ("line", "bar", "stacked"):
        lines = [Line(f"s{hue}", [3.0 * hue, 5, 2, 8], hue) for hue in (1, 3, 6)]
        drawn = sheet("t", "n", [Panel("p", plot(kind, *lines), wide=True)])
        assert all(has(drawn, canvas.HUES[hue - 1]) > 100 for hue in (1, 3, 6)), kind
        assert has(drawn, canvas.HUES[4]) == 0


def test_a_gap_stays_a_gap() -> None:
    whole = sheet("t", "n", [Panel("p", plot("line", Line("", [5.0] * 9)))])
    gap = sheet("t", "n", [Panel("p", plot("line", Line("", [5.0, 5, None, None, None, None, None, 5, 5])))])
    assert has(gap, canvas.HUES[0]) < 0.6 * has(whole, canvas.HUES[0])


def test_a_bar_is_as_long_as_its_share() -> None:
    def drawn(share: float) -> int:
        return has(sheet("t", "n", [Panel("p", Bars([Bar("a", "1", share)]))]), canvas.ACCENT)

    full = drawn(1.0)
    assert 0.45 < drawn(0.5) / full < 0.55
    assert drawn(0.0) == 0
    assert drawn(7.0) == full


def test_two_stand_in_a_row_and_a_wide_one_alone() -> None:
    words = Words("x")
    narrow, wide = Panel("a", words), Panel("b", words, wide=True)
    heights = [
        image(sheet("t", "n", row)).height
        for row in ([narrow], [narrow, narrow], [narrow, wide], [wide, narrow])
    ]
    assert heights[0] == heights[1] < heights[2] == heights[3]


def test_without_a_font_chinese_gets_a_mark_that_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tongpin.lib.pictures.panels.found_font", lambda: None)
    drawn = sheet(
        "Weekly", "n", [Panel("周留存", plot("line", Line("员工端", [1.0]), Line("员工端", [2.0])))]
    )
    assert drawn.legend == {"#1": "周留存", "#2": "员工端"}


@settings(derandomize=True, deadline=None, database=None, max_examples=30)
@given(
    picture=st.one_of(
        st.lists(NUMBERS, min_size=1, max_size=40).flatmap(
            lambda values: st.builds(
                lambda kind, name: plot(kind, Line(name, values), Line("", values[::-1], 9, True)),
                st.sampled_from(["line", "bar", "stacked"]), TEXTS,
            )
        ),
        st.builds(Bars, st.lists(st.builds(Bar, TEXTS, TEXTS, st.floats(-1, 3)), max_size=9)),
        st.builds(
            Grid,
            st.lists(TEXTS, max_size=30),
            st.lists(st.tuples(TEXTS, st.lists(st.builds(Cell, TEXTS, st.integers(-1, 12)), max_size=30)), max_size=9),
        ),
        st.builds(Words, st.text(max_size=400)),
    ),
    title=TEXTS,
)  # fmt: skip
def test_whatever_is_given_becomes_a_picture(picture: Picture, title: str) -> None:
    drawn = sheet(title, title, [Panel(title, picture, [(title, title)] * 5)])
    assert image(drawn).width == 1520
    assert len(drawn.png) < 2_000_000  # what a chat group's robot takes


def test_a_full_sheet_is_small_enough_for_a_robot() -> None:
    values = [float((day * 7919) % 1000) for day in range(90)]
    lines = [Line(f"s{hue}", values[hue:] + values[:hue], hue) for hue in range(1, 9)]
    drawn = sheet("t", "n", [Panel("p", plot("line", *lines), [("a", "1")], wide=True)] * 16)
    assert len(drawn.png) < 2_000_000
