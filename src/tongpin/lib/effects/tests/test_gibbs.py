"""The second opinion's sampler on data made for it."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.tsa.statespace.structural import UnobservedComponents

from tongpin.lib.effects import LookBackSpec, Size, evaluate, gibbs, simulation

N, PAST = 100, 70


def sample(y: np.ndarray, x: np.ndarray | None = None, **options: float) -> gibbs.Posterior:
    x = np.zeros((y.size, 0)) if x is None else x
    return gibbs.sample(y, PAST, x, np.zeros((y.size, 0)), draws=400, burn=100, **options)  # type: ignore[arg-type]


def test_it_finds_a_planted_effect_with_a_covariate() -> None:
    rng = np.random.default_rng(2)
    x = 100 + np.cumsum(rng.normal(0, 1, N))
    y = 1.2 * x + rng.normal(0, 1, N)
    y[PAST:] += 10
    found = sample(y, x[:, None], level_guess=gibbs.PUBLISHED_LEVEL_GUESS)
    low, high = found.interval(0.95)
    assert found.point == pytest.approx(10, abs=1)
    assert low < 10 < high
    assert high - low < 4


def test_iid_noise_gives_the_textbook_width() -> None:
    y = np.random.default_rng(5).normal(0, 1, N)
    low, high = sample(y, level_guess=gibbs.PUBLISHED_LEVEL_GUESS).interval(0.95)
    textbook = 2 * 1.96 * float(y[:PAST].std()) * np.sqrt(1 / 30 + 1 / 70)
    assert high - low == pytest.approx(textbook, rel=0.25)


def test_a_looser_level_gives_a_wider_interval() -> None:
    y = np.random.default_rng(5).normal(0, 1, N)
    narrow = sample(y, level_guess=0.01).interval(0.95)
    wide = sample(y, level_guess=0.1).interval(0.95)
    assert wide[1] - wide[0] > 1.5 * (narrow[1] - narrow[0])


def test_seeded_and_indifferent_to_scale_and_to_missing_days() -> None:
    y = np.random.default_rng(8).normal(50, 3, N)
    assert sample(y).point == sample(y).point
    assert sample(1000 * y).point == pytest.approx(1000 * sample(y).point, rel=1e-6)
    y[[3, 30, 80]] = np.nan
    assert np.isfinite(sample(y).point)


def test_disagreement_is_said() -> None:
    """Where one interval excludes zero and the other does not, the result says so."""
    for run in range(3):
        series = simulation.draw("AR .7", run, lift=0.08)
        asked = LookBackSpec(series.day(90), 14, Size(0.05), country=None)
        effect = evaluate(series, asked)
        assert effect.second_opinion is not None
        ours, other = effect.relative, effect.second_opinion.relative
        assert ours is not None
        assert other is not None
        same = ((ours.low or 0) > 0) == ((other.low or 0) > 0) and ((ours.high or 0) < 0) == (
            (other.high or 0) < 0
        )
        agrees, alike = effect.second_opinion.agrees, effect.second_opinion.same_direction
        assert same or not (agrees or alike)
        warned = {w.code for w in effect.warnings} & {"second_opinion_disagrees", "second_opinion_size"}
        assert warned == (set() if agrees else {f"second_opinion_{'size' if alike else 'disagrees'}"})


def test_the_fast_smoother_draws_what_the_kalman_one_draws() -> None:
    """Against statsmodels' default simulation smoother, with missing rows at the end."""
    y = np.random.default_rng(8).normal(0, 1, 80)
    y[70:] = np.nan
    fast = gibbs._LevelSmoother(y, np.random.default_rng(1))
    drawn = np.array([fast.draw(np.full(80, 0.5), 1.0, 0.01) for _ in range(600)])
    model = UnobservedComponents(y - 0.5, level="llevel")
    model.update(np.array([1.0, 0.01]))
    model.ssm.initialize_known(np.array([0.0]), np.array([[1.0]]))
    smoothed = model.ssm.smooth()
    sd = np.sqrt(smoothed.smoothed_state_cov[0, 0])
    assert np.abs(drawn.mean(axis=0) - smoothed.smoothed_state[0]).max() < 0.25 * sd.max()
    np.testing.assert_allclose(drawn.std(axis=0), sd, rtol=0.15)
