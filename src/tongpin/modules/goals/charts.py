"""Data of the charts, in the shape ``tp-chart`` takes (``ui/islands/chart_data.ts``)."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from tongpin.lib.effects import DayPoint, Effect
from tongpin.lib.series import Series
from tongpin.modules.goals.wording import notes


def of_series(series: Series, metric: str, launch: date | None, window_days: int) -> dict[str, Any]:
    """The pasted series, with the launch and its window once they are chosen."""
    per = _per(series.unit.value)
    data: dict[str, Any] = {
        "rows": [
            {"date": day.isoformat(), "value": None if math.isnan(value) else _round(value * per)}
            for day, value in zip(series.days, series.values, strict=True)
        ],
        "names": {"value": _named(metric, series.unit.value)},
        "markers": [],
    }
    if launch is not None:
        data["markers"] = [{"date": launch.isoformat(), "label": _("Launch")}]
        last = launch + timedelta(days=window_days - 1)
        data["window"] = {"from": launch.isoformat(), "to": last.isoformat()}
    return data


def of_effect(effect: Effect, series: Series, metric: str) -> dict[str, Any]:
    """What came against what was to be expected without the launch: every day that the result leans on, and those
    after the window. Days of the window that did not count carry the reason (``out``).
    """
    per, spec = _per(effect.unit), effect.spec
    modelled = any(day.expected is not None for day in effect.days)
    names = {"value": _named(metric, effect.unit)}
    if modelled:
        names |= {"expected": _("Forecast (no launch)"), "band": _("95% range")}
    if any(day.in_window and not day.used for day in effect.days):
        names["out"] = _("Did not count")
    markers = [{"date": spec.launch.isoformat(), "label": _("Launch")}]
    markers += [
        {"date": other.day.isoformat(), "label": other.label or _("Other launch")}
        for other in spec.other_launches
    ]
    told = {point.day: point for point in effect.days}
    begin = effect.diagnostics.pre_start or min(told)
    rows = [
        _row(told.get(day) or _untold(day, value), per, modelled=modelled)
        for day, value in zip(series.days, series.values, strict=True)
        if day >= begin
    ]
    return {
        "rows": rows,
        "zero": _from_zero(rows),
        "names": names,
        "markers": markers,
        "window": {"from": spec.window_start.isoformat(), "to": spec.window_end.isoformat()},
    }


def _untold(day: date, value: float) -> DayPoint:
    """A day that the result does not tell: long before, or after the window."""
    return DayPoint(day, None if math.isnan(value) else value, None, None, None, in_window=False)


def _from_zero(rows: list[dict[str, Any]]) -> bool:
    """Whether zero is near enough to be worth the room it takes."""
    seen = [v for row in rows for v in (row["value"], row.get("low"), row.get("high")) if v is not None]
    return not seen or min(seen) < 0.35 * max(seen)


def _row(point: DayPoint, per: float, *, modelled: bool) -> dict[str, Any]:
    """A day; without a model it has no line beside the value, and no empty column in the table."""
    row: dict[str, Any] = {"date": point.day.isoformat(), "value": _scaled(point.actual, per)}
    if modelled:
        row |= {
            "expected": _scaled(point.expected, per),
            "low": _scaled(point.low, per),
            "high": _scaled(point.high, per),
        }
    if point.in_window and not point.used:
        row["out"] = notes.why_left_out(point.why)
    return row


def _named(metric: str, unit: str) -> str:
    return f"{metric} (%)" if unit == "share" else metric


def _per(unit: str) -> float:
    return 100.0 if unit == "share" else 1.0


def _scaled(value: float | None, per: float) -> float | None:
    return None if value is None else _round(value * per)


def _round(value: float) -> float:
    """Four significant digits at least: no chart shows more, and every digit is sent."""
    if value == 0 or not math.isfinite(value):
        return 0.0
    return round(value, max(0, 4 - math.floor(math.log10(abs(value)))))
