"""What a list shows of a result, kept beside it so that the list need not load the days."""

from __future__ import annotations

from typing import Any

from tongpin.lib.effects import Estimate, SizeUnit, effect_from_json
from tongpin.modules.goals import sizes, spark
from tongpin.modules.goals.wording import numbers


def of(result: dict[str, Any]) -> dict[str, Any]:
    """``reason`` (code and params), the ``spark`` line, and if anything was measured the change: ``unit``, ``value``,
    ``low``, ``high``.
    """
    effect = effect_from_json(result)
    lead = sizes.lead(effect)
    reason = effect.reasons[0] if effect.reasons else None
    told: dict[str, Any] = {
        "reason": {"code": reason.code, "params": reason.params} if reason else None,
        "spark": spark.of(effect),
    }
    if lead is not None:
        told |= {
            "unit": lead.unit.value,
            "value": lead.estimate.value,
            "low": lead.estimate.low,
            "high": lead.estimate.high,
        }
    return told


def say(summary: dict[str, Any], metric_unit: str = "") -> str:
    """``+6.2% [−2.0%, +15%]`` from what ``of`` kept; "" if nothing was measured."""
    if "value" not in summary:
        return ""
    unit = SizeUnit(summary["unit"])
    value = numbers.size(summary["value"], unit, metric_unit)
    between = numbers.interval(Estimate(summary["value"], summary["low"], summary["high"]), unit)
    return f"{value} {between}".strip()
