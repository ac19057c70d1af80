"""Placebo calibration: the same forecast made at days when nothing launched, to see how wrong it usually
is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from tongpin.lib.effects.state_space import Bools, Design, Floats, Past, forecast

MIN_TRAINING = 21
"""Observed days a placebo forecast must have behind it."""

MAX_PLACEBOS = 60
"""The latest ones: more say nothing new and cost a second on two years of days."""

SHORT_DF = 2.0

SPARSE_DF = 4.0
SPARSE_ZEROS = 0.3
"""Share of zero days from which a daily count is called sparse: its bursts are no normal errors."""

FEW = 10
"""Placebos below which their spread is itself a guess, even where they happen to look well."""

MIN_RANKED = 40
"""Placebos from which their own ranks speak about the tails (with fewer the rank is the single worst)."""


@dataclass(frozen=True)
class Calibration:
    """How much the model's standard deviation must grow, and with which distribution to read it.

    ``df`` None means normal. ``z`` are the placebo errors in standard deviations.
    """

    z: tuple[float, ...]
    inflation: float
    df: float | None
    short: bool

    @property
    def rms(self) -> float | None:
        """Root mean square of ``z``, None without placebos."""
        return float(np.sqrt(np.mean(np.square(self.z)))) if self.z else None

    def quantile(self, p: float) -> float:
        """Of the reference distribution."""
        return float(stats.norm.ppf(p) if self.df is None else stats.t.ppf(p, self.df))

    def above(self, x: float) -> float:
        """P(value > x) of the reference distribution."""
        return float(stats.norm.sf(x) if self.df is None else stats.t.sf(x, self.df))


def calibrate(
    past: Past, y: Floats, design: Design, columns: set[int], steps: int, short: bool, sparse: bool
) -> Calibration:
    """Cut the past every half window, forecast a whole one, without refitting the variances.

    ``steps`` is the window's length in steps, ``columns`` the kinds in ``past.x``; ``short`` and
    ``sparse`` as ``is_short`` and ``is_sparse`` say.
    """
    regressors = design.matrix(columns)
    fixed = past.x.shape[1] - len(columns)
    ordered = sorted(columns)
    z: list[float] = []
    end = int(past.rows[-1]) + 1 if past.rows.size else 0
    for cut in range(end - steps, 0, -max(1, steps // 2)):
        count = int(np.searchsorted(past.rows, cut))
        if len(z) == MAX_PLACEBOS or count < min(MIN_TRAINING, max(8, 2 * steps)) or count < fixed + 4:
            break
        seen = np.zeros(y.size, dtype=np.bool_)
        seen[past.rows[:count]] = True
        known = design.informed(seen) & columns
        rows = past.rows[count : int(np.searchsorted(past.rows, cut + steps))]
        rows = rows[_known_days(design, rows, known)]
        if rows.size < max(1, (steps + 1) // 2):
            continue
        keep = [*range(fixed), *(fixed + ordered.index(k) for k in sorted(known))]
        shorter = past.leading(count)
        shorter = type(past)(
            shorter.rows,
            shorter.x[:, keep],
            shorter.y,
            shorter.reach,
            shorter.half_log_det,
            shorter.variances,
        )
        weights = np.full((1, rows.size), 1.0 / rows.size)
        guess = forecast(shorter, regressors[:, [k - 1 for k in keep[1:]]], rows, weights)
        if guess is not None and guess.cov[0, 0] > 0:
            z.append(float((y[rows].mean() - guess.mean[0]) / np.sqrt(guess.cov[0, 0])))
    inflation = max(1.0, float(np.sqrt(np.mean(np.square(z))))) if z else 1.0
    df = max(1.0, past.rows.size / steps) if inflation > 1.0 or len(z) < FEW else None
    if len(z) >= MIN_RANKED:
        # Bursty metrics have placebo errors with fatter tails than any t of this spread: the interval
        # must also hold 95 of 100 placebos as they were (the rank a conformal interval would take).
        rank = int(np.ceil((len(z) + 1) * 0.95)) - 1
        worst = float(np.sort(np.abs(z))[min(rank, len(z) - 1)])
        usual = float(stats.norm.ppf(0.975) if df is None else stats.t.ppf(0.975, df))
        inflation = max(inflation, worst / usual)
    for applies, cap in ((short, SHORT_DF), (sparse, SPARSE_DF)):
        if applies:
            df = cap if df is None else min(cap, df)
    return Calibration(tuple(z), inflation, df, short)


def _known_days(design: Design, rows: NDArray[np.int64], known: set[int]) -> Bools:
    special = design.special[rows]
    return (special < 0) | np.isin(special, sorted(known))


def is_short(pre: int, steps: int, step_days: int) -> bool:
    """Short history: fewer than three windows or six weeks of observed past."""
    return pre < 3 * steps or pre * step_days < 42


def is_sparse(raw: Floats) -> bool:
    """Whether too many of the observed values are zero for daily errors to be anywhere near normal."""
    seen = raw[~np.isnan(raw)]
    return bool(seen.size) and float((seen == 0).mean()) > SPARSE_ZEROS
