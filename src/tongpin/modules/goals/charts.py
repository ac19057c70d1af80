"""Data of the charts, in the shape ``tp-chart`` takes (``ui/islands/chart_data.ts``)."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from tongpin.lib.effects import Effect
from tongpin.lib.series import Series


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


def of_effect(effect: Effect, metric: str) -> dict[str, Any]:
    """What came against what was to be expected without the launch."""
    per, spec = _per(effect.unit), effect.spec
    modelled = any(day.expected is not None for day in effect.days)
    names = {"value": _named(metric, effect.unit)}
    if modelled:
        names |= {"expected": _("Expected without the launch"), "band": _("95% range")}
    markers = [{"date": spec.launch.isoformat(), "label": _("Launch")}]
    markers += [
        {"date": other.day.isoformat(), "label": other.label or _("Other launch")}
        for other in spec.other_launches
    ]
    return {
        "rows": [
            {
                "date": point.day.isoformat(),
                "value": _scaled(point.actual, per),
                "expected": _scaled(point.expected, per),
                "low": _scaled(point.low, per),
                "high": _scaled(point.high, per),
            }
            for point in effect.days
        ],
        "names": names,
        "markers": markers,
        "window": {"from": spec.window_start.isoformat(), "to": spec.window_end.isoformat()},
    }


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
