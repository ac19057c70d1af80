"""Seeded series without any effect, to count how often a 95 % interval covers zero.

Six kinds of daily log-metrics with a weekly season (measuring.md §4), and the count over many of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from tongpin.lib.effects.evaluation import evaluate
from tongpin.lib.effects.state_space import Floats
from tongpin.lib.effects.types import Evidence, LookBackSpec
from tongpin.lib.series.types import Series

START = date(2025, 3, 3)
SEASON = np.array([0.06, 0.05, 0.03, 0.02, -0.01, -0.09, -0.06])
NOISE = 0.05


def _iid(rng: np.random.Generator, n: int, before: int) -> Floats:
    return rng.normal(0.0, NOISE, n)


def _ar(rng: np.random.Generator, n: int, before: int, rho: float = 0.7) -> Floats:
    shocks = rng.normal(0.0, NOISE * math.sqrt(1 - rho**2), n)
    out = np.empty(n)
    out[0] = rng.normal(0.0, NOISE)
    for i in range(1, n):
        out[i] = rho * out[i - 1] + shocks[i]
    return out


def _walk(rng: np.random.Generator, n: int, before: int) -> Floats:
    return np.cumsum(rng.normal(0.0, 0.02, n)) + rng.normal(0.0, NOISE, n)


def _trend(rng: np.random.Generator, n: int, before: int) -> Floats:
    return 0.002 * np.arange(n) + _ar(rng, n, before, 0.5)


def _outliers(rng: np.random.Generator, n: int, before: int) -> Floats:
    spikes = np.where(rng.random(n) < 0.05, rng.choice([-1.0, 1.0], n) * rng.uniform(0.2, 0.4, n), 0.0)
    return rng.normal(0.0, NOISE, n) + spikes


def _shift(rng: np.random.Generator, n: int, before: int) -> Floats:
    return rng.normal(0.0, NOISE, n) + np.where(np.arange(n) >= before // 2, 0.2, 0.0)


KINDS: dict[str, Callable[[np.random.Generator, int, int], Floats]] = {
    "iid": _iid,
    "AR .7": _ar,
    "random walk": _walk,
    "trend + AR": _trend,
    "outliers": _outliers,
    "earlier shift": _shift,
}


def draw(kind: str, run: int, before: int = 90, after: int = 14, lift: float = 0.0) -> Series:
    """Series number ``run`` of a kind; ``lift`` is a relative effect from the launch (day ``before``) on."""
    seed = [sum(ord(c) * 31**i for i, c in enumerate(kind)) % 2**31, run]
    rng = np.random.default_rng(seed)
    n = before + after
    y = KINDS[kind](rng, n, before) + SEASON[np.arange(n) % 7]
    values = 1000.0 * np.exp(y) * np.where(np.arange(n) >= before, 1.0 + lift, 1.0)
    return Series(START, tuple(float(v) for v in values))


@dataclass(frozen=True)
class Coverage:
    """Over ``runs`` series without effect: how often the interval held zero, and its mean half width."""

    kind: str
    runs: int
    covered: int
    half_width: float
    second_covered: int | None

    @property
    def share(self) -> float:
        """Of intervals that held the truth."""
        return self.covered / self.runs


def coverage(
    kind: str, runs: int, before: int = 90, after: int = 14, second_opinion: bool = False
) -> Coverage:
    """Through ``evaluate`` as people get it, holidays left out (the series have none)."""
    covered, second, widths = 0, 0, 0.0
    spec = LookBackSpec(launch=START + timedelta(days=before), window_days=after, country=None)
    for run in range(runs):
        effect = evaluate(draw(kind, run, before, after), replace(spec), second_opinion)
        assert effect.evidence is Evidence.C, "the simulated past is long enough for the model"
        assert effect.relative is not None
        low, high = effect.relative.low or 0.0, effect.relative.high or 0.0
        covered += low <= 0 <= high
        widths += (high - low) / 2
        if effect.second_opinion is not None and effect.second_opinion.relative is not None:
            other = effect.second_opinion.relative
            second += (other.low or 0.0) <= 0 <= (other.high or 0.0)
    return Coverage(kind, runs, covered, widths / runs, second if second_opinion else None)
