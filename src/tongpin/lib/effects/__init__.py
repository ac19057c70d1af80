"""Did that launch work? Effects of a launch on a metric, with the evidence they rest on (measuring.md §1,
§4).

Importing this package is cheap: numpy, scipy, pandas and statsmodels are loaded by the first call of
``evaluate``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongpin.lib.effects.types import (
    DayPoint,
    Detectable,
    Diagnostics,
    Direction,
    Effect,
    Estimate,
    Evidence,
    HolidayNote,
    LookBackSpec,
    Method,
    Note,
    OtherLaunch,
    Result,
    Scale,
    SecondOpinion,
    Size,
    SizeUnit,
    SpecError,
    WeekPoint,
)
from tongpin.lib.effects.wire import (
    UnknownVersion,
    effect_from_json,
    effect_to_json,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tongpin.lib.series.types import Series

__all__ = [
    "DayPoint",
    "Detectable",
    "Diagnostics",
    "Direction",
    "Effect",
    "Estimate",
    "Evidence",
    "HolidayNote",
    "LookBackSpec",
    "Method",
    "Note",
    "OtherLaunch",
    "Result",
    "Scale",
    "SecondOpinion",
    "Size",
    "SizeUnit",
    "SpecError",
    "UnknownVersion",
    "WeekPoint",
    "effect_from_json",
    "effect_to_json",
    "evaluate",
    "plan",
]


def evaluate(
    series: Series,
    spec: LookBackSpec,
    second_opinion: bool = True,
    progress: Callable[[float, str], None] | None = None,
) -> Effect:
    """Judge one launch on one series; about a second of CPU, two with the second opinion.

    ``progress`` is called with a share 0..1 and a step code (prepare, fit, calibrate, second_opinion, done).
    Deterministic: the same input gives the same output. Raises ``SpecError`` when the launch day cannot
    be judged on this series (outside of it, or a size whose unit does not fit the values).
    """
    from tongpin.lib.effects.evaluation import evaluate as run  # noqa: PLC0415 - loads statsmodels

    return run(series, spec, second_opinion, progress)


def plan(series: Series, spec: LookBackSpec) -> Detectable | None:
    """Before a launch: what its window could show, from all values before ``spec.launch``.

    None when the history is too short to say. Raises ``SpecError`` as ``evaluate`` does.
    """
    from tongpin.lib.effects.evaluation import plan as run  # noqa: PLC0415 - loads statsmodels

    return run(series, spec)
