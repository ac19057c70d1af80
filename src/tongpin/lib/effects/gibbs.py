"""Second opinion: CausalImpact's model, drawn by our own Gibbs sampler on statsmodels' simulation smoother.

Local level whose step s.d. has an informative prior (guessed as a share of the series' spread, worth 32
observations) and static regression with a weak slab prior. The published default guesses one hundredth, which
takes the level for nearly constant and covers far too little on drifting series; the second opinion guesses a
tenth, and the hundredth remains to reproduce published results.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from statsmodels.tsa.statespace.structural import UnobservedComponents

from tongpin.lib.effects.state_space import Floats

LEVEL_GUESS = 0.1
PUBLISHED_LEVEL_GUESS = 0.01
LEVEL_WORTH = 32.0
BURN = 100
DRAWS = 800
SEED = 20260101


@dataclass(frozen=True)
class Posterior:
    """Draws of the mean effect over the window (one a draw), on the scale of ``y``."""

    mean_effect: Floats
    seed: int

    @property
    def point(self) -> float:
        """Posterior mean."""
        return float(self.mean_effect.mean())

    def interval(self, level: float) -> tuple[float, float]:
        """Equal-tailed interval."""
        low, high = np.quantile(self.mean_effect, [(1 - level) / 2, (1 + level) / 2])
        return float(low), float(high)


def sample(
    y: Floats,
    past: int,
    covariates: Floats,
    season: Floats,
    draws: int = DRAWS,
    burn: int = BURN,
    seed: int = SEED,
    level_guess: float = LEVEL_GUESS,
) -> Posterior:
    """Posterior of the mean of (actual - counterfactual) over the observed rows from ``past`` on.

    ``y`` may hold NaN (missing); ``covariates`` and ``season`` have a row for each value of ``y`` and may
    have no columns. Seeded: the same input gives the same draws.
    """
    rng = np.random.default_rng(seed)
    pre = y[:past]
    seen = ~np.isnan(pre)
    centre, spread = float(pre[seen].mean()), float(pre[seen].std(ddof=1)) or 1.0
    target = np.where(np.arange(y.size) < past, (y - centre) / spread, np.nan)
    x, slab = _regression(covariates, season, past, seen)
    # Priors as bsts sets them for CausalImpact: with covariates an expected R2 of .8 worth 50 observations.
    noise_guess, noise_worth = (0.2, 50.0) if covariates.shape[1] else (1.0, 0.01)
    level_cap, noise_cap = 1.0, 1.44
    smoother = _LevelSmoother(target, rng)
    rows = np.flatnonzero(~np.isnan(target))
    after = np.flatnonzero(~np.isnan(y[past:])) + past
    actual = (y[after] - centre) / spread
    noise, level = max(noise_guess / 2, 0.05), level_guess**2
    beta = np.zeros(x.shape[1])
    kept = np.empty(draws)
    for draw in range(-burn, draws):
        path = smoother.draw(x @ beta, noise, level)
        if x.shape[1]:
            beta = _coefficients(target[rows] - path[rows], x[rows], slab, noise, rng)
        fitted = x @ beta
        rest = target[rows] - path[rows] - fitted[rows]
        noise = _variance(rng, noise_worth, noise_guess, rest, noise_cap)
        # Only the level's steps up to the last observed row are informed by data.
        steps = np.diff(path[: past if past else 1])
        level = _variance(rng, LEVEL_WORTH, level_guess**2, steps, level_cap)
        if draw >= 0:
            errors = rng.normal(0.0, np.sqrt(noise), after.size)
            kept[draw] = float((actual - path[after] - fitted[after] - errors).mean())
    return Posterior(kept * spread, seed)


def _regression(covariates: Floats, season: Floats, past: int, seen: np.ndarray) -> tuple[Floats, Floats]:
    """(standardised columns, prior precision in units of the noise variance)."""
    columns = np.hstack([covariates, season])
    if not columns.shape[1]:
        return columns, np.zeros((0, 0))
    inside = columns[:past][seen]
    spread = inside.std(axis=0, ddof=1)
    spread[spread == 0] = 1.0
    x = (columns - inside.mean(axis=0)) / spread
    cross = x[:past][seen].T @ x[:past][seen]
    # bsts' slab: one hundredth of the data's information, half shrunk to its diagonal.
    slab = 0.01 * (0.5 * cross + 0.5 * np.diag(np.diag(cross)))
    # The season is a nuisance here, not a covariate: next to flat.
    k = covariates.shape[1]
    slab[k:, :k], slab[:k, k:] = 0.0, 0.0
    slab[k:, k:] = 1e-6 * np.eye(season.shape[1])
    return x, slab


def _coefficients(y: Floats, x: Floats, slab: Floats, noise: float, rng: np.random.Generator) -> Floats:
    factor = np.linalg.cholesky(x.T @ x + slab)
    mean = np.linalg.solve(factor.T, np.linalg.solve(factor, x.T @ y))
    drawn: Floats = mean + np.sqrt(noise) * np.linalg.solve(factor.T, rng.normal(size=x.shape[1]))
    return drawn


def _variance(rng: np.random.Generator, worth: float, guess: float, errors: Floats, cap: float) -> float:
    """A draw from the inverse-gamma posterior, cut at ``cap`` as bsts does."""
    shape, rate = 0.5 * (worth + errors.size), 0.5 * (worth * guess + float(errors @ errors))
    for _ in range(50):
        drawn = rate / rng.gamma(shape)
        if drawn <= cap:
            return float(drawn)
    return cap


class _LevelSmoother:
    """Draws of the level given everything else."""

    def __init__(self, target: Floats, rng: np.random.Generator) -> None:
        # A constant column makes obs_intercept exist as a time-varying matrix before the smoother is
        # built; writing it afterwards is then honoured, while rebinding endog would be ignored without a
        # word.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = UnobservedComponents(target, level="llevel", exog=np.ones((target.size, 1)))
            model.update(np.array([1.0, 1.0, 0.0]))
            model.ssm.initialize_known(np.array([0.0]), np.array([[1.0]]))
            # The banded-Cholesky smoother draws from the same posterior as the Kalman one, six times faster.
            self._smoother = model.simulation_smoother(method="cfa")
        self._ssm = model.ssm
        self._n = target.size
        self._rng = rng

    def draw(self, intercept: Floats, noise: float, level: float) -> Floats:
        """One path of the level, ``intercept`` being all other parts of the mean."""
        self._ssm["obs_intercept"] = intercept[None, :]
        self._ssm["obs_cov", 0, 0] = noise
        self._ssm["state_cov", 0, 0] = level
        self._smoother.simulate(variates=self._rng.normal(size=(1, self._n)))
        return np.asarray(self._smoother.simulated_state[0], dtype=np.float64)[: self._n].copy()
