"""The line beside a row: the metric around its launch, small enough to be kept with the summary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tongpin.lib.effects import Effect

POINTS = 40
WIDTH, HEIGHT, MARGIN = 96.0, 28.0, 3.0


@dataclass(frozen=True, slots=True)
class Spark:
    """Coordinates of an SVG of ``WIDTH`` by ``HEIGHT``: the line's points and where the launch stands."""

    points: str
    launch: float


def of(effect: Effect) -> dict[str, Any] | None:
    """``levels`` 0 to 100 from the lowest to the highest, evenly spaced, and ``launch``, its place among them."""
    first = next((i for i, day in enumerate(effect.days) if day.day >= effect.spec.launch), len(effect.days))
    days = effect.days[max(0, first - max(42, 2 * effect.spec.window_days)) :]
    size = -(-len(days) // POINTS)
    seen = [
        (at, sum(values) / len(values))
        for at in range(0, len(days), size)
        if (values := [day.actual for day in days[at : at + size] if day.actual is not None])
    ]
    if len(seen) < 2:
        return None
    low, high = min(value for _, value in seen), max(value for _, value in seen)
    launch = sum(day.day < effect.spec.launch for day in days)
    return {
        "levels": [round(100 * (value - low) / (high - low or 1.0)) for _, value in seen],
        "launch": round(launch / max(1, len(days) - 1), 3),
    }


def drawn(summary: dict[str, Any]) -> Spark | None:
    """What ``of`` kept, ready for the SVG; None for a row without."""
    kept = summary.get("spark")
    if not kept:
        return None
    levels: list[int] = kept["levels"]
    step = (WIDTH - 2 * MARGIN) / (len(levels) - 1)
    points = (
        f"{MARGIN + i * step:.1f},{HEIGHT - MARGIN - level / 100 * (HEIGHT - 2 * MARGIN):.1f}"
        for i, level in enumerate(levels)
    )
    return Spark(" ".join(points), round(MARGIN + kept["launch"] * (WIDTH - 2 * MARGIN), 1))
