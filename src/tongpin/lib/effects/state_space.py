"""The main method: a local level with a weekly season, judged by the joint variance of the window's mean.

``UnobservedComponents`` finds the two variances by maximum likelihood and gives the one-step picture. The
mean over the window needs the covariance of all its days at once; with the variances fixed the model is
Gaussian with a known covariance, so that is one Cholesky factor (the exact equivalent of an augmented
state, no simulation). The leading part of the same factor belongs to every shorter past, which makes the
placebo forecasts nearly free.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular
from statsmodels.tsa.statespace.structural import UnobservedComponents

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

PERIOD = 7
HARMONICS = 3
MIN_SEEN = {"long_off": 2, "long_weekend": 2, "spring_festival": 4}
"""Days of a kind that must have been seen before its coefficient counts as informed (1 for the others)."""


@dataclass(frozen=True)
class Design:
    """Regressors for the past and the window together, one row a step.

    ``special`` is the column of the day's kind (-1 for none); a day whose kind the past did not show must
    be left out of the window, because nothing is known about it. ``covariates`` are other series
    (nan-free).
    """

    season: Floats
    special: NDArray[np.int64]
    kinds: tuple[str, ...]
    covariates: Floats

    @classmethod
    def make(
        cls,
        steps: int,
        weekly: bool,
        kinds: list[str] | None = None,
        covariates: Floats | None = None,
    ) -> Design:
        """``weekly`` adds the Fourier season; ``kinds`` are day kinds, ``""`` for ordinary days."""
        t = np.arange(steps)
        waves = [f(2 * np.pi * k * t / PERIOD) for k in range(1, HARMONICS + 1) for f in (np.cos, np.sin)]
        season = np.column_stack(waves) if weekly else np.zeros((steps, 0))
        names = tuple(sorted({k for k in kinds or [] if k}))
        special = np.array([names.index(k) if k else -1 for k in kinds or [""] * steps], dtype=np.int64)
        return cls(season, special, names, np.zeros((steps, 0)) if covariates is None else covariates)

    def reduced(self, seen: Bools) -> Design:
        """With only as many waves as the weekdays of the rows ``seen`` can tell apart (shops closed on
        Sundays).
        """
        kept: list[int] = []
        ones = np.ones((int(seen.sum()), 1))
        for column in range(self.season.shape[1]):
            matrix = np.hstack([ones, self.season[seen][:, [*kept, column]]])
            if np.linalg.matrix_rank(matrix) == matrix.shape[1]:
                kept.append(column)
        return replace(self, season=self.season[:, kept])

    def informed(self, seen: Bools) -> set[int]:
        """Kinds that the observed rows ``seen`` have shown often enough."""
        return {
            k
            for k, name in enumerate(self.kinds)
            if int((seen & (self.special == k)).sum()) >= MIN_SEEN.get(name, 1)
        }

    def matrix(self, kinds: set[int]) -> Floats:
        """All columns but the level's: covariates, season, one column for each of ``kinds``."""
        dummies = [(self.special == k).astype(np.float64)[:, None] for k in sorted(kinds)]
        return np.hstack([self.covariates, self.season, *dummies])


@dataclass(frozen=True)
class Variances:
    """Of the observation noise and of the level's steps; ``how``: ml, ml_second_start or profile."""

    noise: float
    level: float
    how: str


def fit_variances(y: Floats, regressors: Floats) -> Variances:
    """Maximum likelihood on the past ``y`` (NaN = missing). Falls back to a profile that cannot fail."""
    spread = float(np.nanstd(y)) or 1.0
    scaled = (y - np.nanmean(y)) / spread
    for how, start in (("ml", None), ("ml_second_start", (0.5, 0.05)), ("ml_second_start", (0.1, 0.5))):
        found = _likelihood(scaled, regressors, start)
        if found is not None:
            return Variances(found[0] * spread**2, found[1] * spread**2, how)
    noise, level = _profile(scaled, regressors)
    return Variances(noise * spread**2, level * spread**2, "profile")


def _components(y: Floats, regressors: Floats):  # type: ignore[no-untyped-def]
    # Coefficients live in the state (mle_regression=False): their uncertainty then belongs to every
    # forecast, and the trap of exogenous terms frozen into obs_intercept does not arise.
    return UnobservedComponents(
        y,
        level="llevel",
        exog=regressors if regressors.shape[1] else None,
        mle_regression=False,
        use_exact_diffuse=True,
    )


def _likelihood(
    y: Floats, regressors: Floats, start: tuple[float, float] | None
) -> tuple[float, float] | None:
    """(noise, level) variances, or None when the search did not converge."""
    model = _components(y, regressors)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            fit = model.fit(
                start_params=None if start is None else np.array(start), disp=0, maxiter=200, cov_type="none"
            )
        except (np.linalg.LinAlgError, ValueError, FloatingPointError):
            return None
    noise, level = (float(v) for v in fit.params)
    converged = bool(fit.mle_retvals.get("converged", False)) and bool(np.isfinite(fit.llf))
    if not converged or noise < 0 or level < 0 or noise + level <= 0 or not np.isfinite(noise + level):
        return None
    return noise, level


def _profile(y: Floats, regressors: Floats) -> tuple[float, float]:
    """Restricted likelihood over the ratio of the two variances, on a grid: slower to the optimum, never
    lost.
    """
    best, answer = -np.inf, (1.0, 0.01)
    seen = ~np.isnan(y)
    for ratio in np.concatenate([[0.0], np.logspace(-5, 2, 29)]):
        past = Past.make(y, regressors, seen, Variances(1.0, float(ratio), "profile"))
        free = past.y.size - past.x.shape[1]
        if free < 3:
            continue
        q, r = np.linalg.qr(past.x)
        rest = past.y - q @ (q.T @ past.y)
        scale = float(rest @ rest) / free
        if scale <= 0:
            continue
        likelihood = (
            -0.5 * (free * np.log(scale)) - past.half_log_det - float(np.log(np.abs(np.diag(r))).sum())
        )
        if likelihood > best:
            best, answer = float(likelihood), (scale, scale * float(ratio))
    return answer


def whitening(rows: NDArray[np.int64], variances: Variances) -> Floats:
    """The lower factor of the covariance of the observed ``rows``: level and noise together."""
    t = rows.astype(np.float64)
    cov = variances.level * np.minimum.outer(t, t)
    # A floor keeps the factor alive when the noise variance was estimated as zero.
    cov[np.diag_indices_from(cov)] += max(variances.noise, 1e-10 * max(variances.level, 1e-300))
    factor: Floats = cholesky(cov, lower=True, check_finite=False)
    return factor


@dataclass(frozen=True)
class Past:
    """The observed past, whitened: ``x`` (level first, then regressors) and ``y`` have independent unit
    errors.

    ``reach`` is the whitened covariance between each observed row and any later level. Row ``i`` of all
    three only depends on rows up to ``i``: the leading rows are the whitened shorter past.
    """

    rows: NDArray[np.int64]
    x: Floats
    y: Floats
    reach: Floats
    half_log_det: float
    variances: Variances

    @classmethod
    def make(cls, y: Floats, regressors: Floats, seen: Bools, variances: Variances) -> Past:
        """``seen`` marks the rows to use; ``y`` and ``regressors`` have the same number of rows."""
        rows = np.flatnonzero(seen)
        t = rows.astype(np.float64)
        factor = whitening(rows, variances)
        x = np.column_stack([np.ones(rows.size), regressors[rows]])
        white = solve_triangular(
            factor, np.column_stack([x, y[rows], variances.level * t]), lower=True, check_finite=False
        )
        half = float(np.log(np.diag(factor)).sum())
        return cls(rows, white[:, :-2], white[:, -2], white[:, -1], half, variances)

    def leading(self, count: int) -> Past:
        """The past that ends after its first ``count`` observed rows."""
        return replace(
            self, rows=self.rows[:count], x=self.x[:count], y=self.y[:count], reach=self.reach[:count]
        )


@dataclass(frozen=True)
class Forecast:
    """Mean and covariance of some weighted sums of future values, given the past only."""

    mean: Floats
    cov: Floats


def forecast(past: Past, regressors: Floats, rows: NDArray[np.int64], weights: Floats) -> Forecast | None:
    """Weighted sums of the values at the future ``rows``: ``weights`` has a row for each sum.

    Joint in the level, the noise of the days themselves, and the uncertainty of every coefficient. None
    when the past does not determine the coefficients.
    """
    if past.y.size <= past.x.shape[1] + 1:
        return None
    q, r = np.linalg.qr(past.x)
    size = np.abs(np.diag(r))
    if size.min() <= 1e-9 * size.max():
        return None
    t = rows.astype(np.float64)
    here = weights @ np.column_stack([np.ones(rows.size), regressors[rows]])
    reach = np.outer(past.reach, weights.sum(axis=1))
    beta = solve_triangular(r, q.T @ past.y, check_finite=False)
    left = here.T - past.x.T @ reach
    spread = solve_triangular(r, left, trans="T", check_finite=False)
    v = past.variances
    own = v.noise * weights @ weights.T + v.level * weights @ np.minimum.outer(t, t) @ weights.T
    mean = here @ beta + reach.T @ (past.y - past.x @ beta)
    return Forecast(mean, own - reach.T @ reach + spread.T @ spread)


@dataclass(frozen=True)
class OneStep:
    """The picture: what was expected of each step and its standard deviation, NaN where nothing was known
    yet.
    """

    mean: Floats
    sd: Floats
    errors: Floats


def one_step(y: Floats, regressors: Floats, variances: Variances) -> OneStep:
    """One step ahead where ``y`` is seen, from the last seen day on where it is NaN (standardised
    ``errors``).
    """
    centre, spread = float(np.nanmean(y)), float(np.nanstd(y)) or 1.0
    model = _components((y - centre) / spread, regressors)
    # No division by zero in the filter when the likelihood put all variance on the level.
    noise = max(variances.noise, 1e-10 * variances.level) / spread**2
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        result = model.filter(np.array([noise, variances.level / spread**2])).filter_results
    mean = result.forecasts[0] * spread + centre
    sd = np.sqrt(np.maximum(result.forecasts_error_cov[0, 0], 0.0)) * spread
    # A row is unforeseeable while a coefficient it needs has not been learned: the level and the season
    # at first, later only the first day of each kind of holiday (nobs_diffuse would blank everything up
    # to the last of them).
    diffuse = result.forecasts_error_diffuse_cov
    unknown = np.zeros(y.size, dtype=np.bool_) if diffuse is None else diffuse[0, 0] > 1e-8
    unknown[0] = True
    mean[unknown], sd[unknown] = np.nan, np.nan
    return OneStep(mean, sd, (y - mean) / sd)
