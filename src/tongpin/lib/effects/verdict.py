"""The word of the result (measuring.md §1, product.md rule 6). Pure rules on numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tongpin.lib.effects.types import Evidence, Note, Result


@dataclass(frozen=True)
class Evidenced:
    """An effect in the good direction (mirror it first where down is good), all in one unit.

    ``expected`` and ``worth`` are positive or None. ``blockers`` are reasons that forbid any word but
    can't tell.
    """

    estimate: float
    low: float | None
    high: float | None
    expected: float | None
    worth: float | None
    evidence: Evidence
    guardrail_breached: bool = False
    blockers: tuple[Note, ...] = ()


def judge(case: Evidenced) -> tuple[Result, tuple[Note, ...]]:
    """The result and why. First reason first; D and every blocker read can't tell."""
    if case.blockers:
        return Result.CANT_TELL, case.blockers
    if case.evidence is Evidence.D or case.low is None or case.high is None:
        return Result.CANT_TELL, (Note("before_after_only"),)
    result, reasons = _judge_interval(case, case.low, case.high)
    if case.guardrail_breached and result is Result.MET:
        result = Result.PARTLY
    if case.guardrail_breached:
        reasons = (*reasons, Note("guardrail_breached"))
    return result, reasons


def _judge_interval(case: Evidenced, low: float, high: float) -> tuple[Result, tuple[Note, ...]]:
    if high < 0:
        return Result.NEGATIVE, (Note("interval_below_zero"),)
    # Without an expectation nothing was bet: the smallest size worth having is then the bar, or zero.
    bar = case.expected if case.expected is not None else case.worth
    unstated = () if case.expected is not None else (Note("no_expectation"),)
    if low > 0:
        if case.worth is not None and high < case.worth:
            return Result.MISSED_TOO_SMALL, (Note("below_worth"),)
        # A rise from 100 to exactly 105 is 5 %, whatever the last bit of the logarithm says.
        if bar is None or case.estimate >= bar * (1 - 1e-9):
            return Result.MET, (Note("above_zero_and_expected"), *unstated)
        return Result.PARTLY, (Note("above_zero_below_expected"), *unstated)
    if bar is not None and high < bar:
        return Result.MISSED, (Note("expected_ruled_out"), *unstated)
    return Result.CANT_TELL, (Note("interval_too_wide"), *unstated)


SAME_SIZE = 0.1
"""Sizes that differ by no more than this share of the larger one are the same."""


@dataclass(frozen=True)
class Spread:
    """A point with its interval, on any scale."""

    low: float
    estimate: float
    high: float

    @property
    def side(self) -> int:
        """Of zero: above, below, or 0 where the interval holds it."""
        return 1 if self.low > 0 else -1 if self.high < 0 else 0


def compare(ours: Spread, other: Spread) -> tuple[bool, bool]:
    """(agrees, same direction): two readings agree when both say the same of zero and each estimate lies in the
    other's interval, or they are the same size to all intents; otherwise they only point the same way.
    """
    inside = other.low <= ours.estimate <= other.high and ours.low <= other.estimate <= ours.high
    apart = abs(ours.estimate - other.estimate)
    # 25.0 and 25.6 are one size, however narrow the interval around either.
    close = apart <= SAME_SIZE * max(abs(ours.estimate), abs(other.estimate))
    agrees = (inside or close) and ours.side == other.side
    return agrees, agrees or (ours.side == other.side and ours.estimate * other.estimate > 0)


def attainment(estimate: float, expected: float | None) -> float | None:
    """达成率: estimate over expected, both in the good direction and the same unit."""
    if expected is None or expected <= 0 or not math.isfinite(estimate / expected):
        return None
    return estimate / expected
