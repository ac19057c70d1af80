"""The joint variance against statsmodels' own augmented state, and the traps of measuring.md §4."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.tsa.statespace.structural import UnobservedComponents

from tongpin.lib.effects import state_space
from tongpin.lib.effects.state_space import Design, Past, Variances, fit_variances, forecast, one_step

N, H = 80, 14


def series(seed: int = 5) -> np.ndarray:
    rng = np.random.default_rng(seed)
    t = np.arange(N + H)
    return np.cumsum(rng.normal(0, 0.1, N + H)) + rng.normal(0, 0.3, N + H) + np.sin(2 * np.pi * t / 7)


def test_joint_mean_and_variance_equal_an_augmented_state() -> None:
    """The cumulated observation as a second state of a hand-written Kalman filter gives the same two numbers."""
    y, v = series()[:N], Variances(0.09, 0.01, "given")
    regressors = Design.make(N + H, True).matrix(set())
    seen = np.ones(N, dtype=bool)
    seen[[10, 11, 40]] = False
    past = Past.make(y, regressors[:N], seen, v)
    found = forecast(past, regressors, np.arange(N, N + H), np.full((1, H), 1 / H))
    assert found is not None

    k = 1 + regressors.shape[1]
    a, p = np.zeros(k), np.eye(k) * 1e7
    for t in range(N):
        if seen[t]:
            z = np.concatenate([[1.0], regressors[t]])
            f = z @ p @ z + v.noise
            gain = p @ z / f
            a, p = a + gain * (y[t] - z @ a), p - np.outer(gain, z @ p)
        p[0, 0] += v.level
    # Augment with the running sum of observations.
    a, big = np.concatenate([a, [0.0]]), np.zeros((k + 1, k + 1))
    big[:k, :k] = p
    for t in range(N, N + H):
        z = np.concatenate([[1.0], regressors[t]])
        move = np.eye(k + 1)
        move[k, :k] = z
        a, big = move @ a, move @ big @ move.T
        big[k, k] += v.noise
        big[0, 0] += v.level
    assert found.mean[0] == pytest.approx(a[k] / H, rel=1e-4)
    assert found.cov[0, 0] == pytest.approx(big[k, k] / H**2, rel=1e-3)


def test_joint_variance_is_not_the_sum_of_pointwise_ones() -> None:
    y, v = series()[:N], Variances(0.09, 0.01, "given")
    regressors = Design.make(N + H, True).matrix(set())
    past = Past.make(y, regressors[:N], np.ones(N, dtype=bool), v)
    joint = forecast(past, regressors, np.arange(N, N + H), np.full((1, H), 1 / H))
    points = forecast(past, regressors, np.arange(N, N + H), np.eye(H))
    assert joint is not None
    assert points is not None
    naive = float(np.diag(points.cov).sum()) / H**2
    assert joint.cov[0, 0] > 2 * naive
    assert joint.cov[0, 0] == pytest.approx(points.cov.sum() / H**2)
    assert joint.mean[0] == pytest.approx(points.mean.mean())


def test_the_picture_and_the_joint_forecast_agree_day_by_day() -> None:
    y, v = series(), Variances(0.09, 0.01, "given")
    design = Design.make(N + H, True, [""] * 30 + ["short_off"] + [""] * (N + H - 31))
    regressors = design.matrix({0})
    past = Past.make(y, regressors, np.arange(N + H) < N, v)
    points = forecast(past, regressors, np.arange(N, N + H), np.eye(H))
    step = one_step(np.where(np.arange(N + H) < N, y, np.nan), regressors, v)
    assert points is not None
    np.testing.assert_allclose(step.mean[N:], points.mean, rtol=1e-6)
    np.testing.assert_allclose(step.sd[N:] ** 2, np.diag(points.cov), rtol=1e-6)
    assert np.isnan(step.mean[30]), "the first day of its kind cannot be foreseen"
    assert np.isfinite(step.mean[10:30]).all()
    assert np.isfinite(step.mean[31:]).all()


def test_a_shorter_past_is_the_leading_part_of_the_longer_one() -> None:
    y, v = series()[:N], Variances(0.09, 0.01, "given")
    regressors = Design.make(N, True).matrix(set())
    whole = Past.make(y, regressors, np.ones(N, dtype=bool), v).leading(50)
    short = Past.make(y[:50], regressors[:50], np.ones(50, dtype=bool), v)
    np.testing.assert_allclose(whole.x, short.x)
    np.testing.assert_allclose(whole.y, short.y)
    np.testing.assert_allclose(whole.reach, short.reach)


def test_likelihood_finds_the_variances_and_the_profile_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    y = np.cumsum(rng.normal(0, 0.2, 360)) + rng.normal(0, 0.5, 360)
    none = np.zeros((360, 0))
    found = fit_variances(y, none)
    assert found.how == "ml"
    assert found.noise == pytest.approx(0.25, rel=0.35)
    assert found.level == pytest.approx(0.04, rel=0.7)
    monkeypatch.setattr(state_space, "_likelihood", lambda *args: None)
    fallback = fit_variances(y, none)
    assert fallback.how == "profile"
    assert fallback.noise == pytest.approx(found.noise, rel=0.1)
    assert fallback.level == pytest.approx(found.level, rel=0.5)


def test_a_search_that_fails_once_is_tried_from_another_start(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[object] = []
    real = state_space._likelihood

    def once(y: np.ndarray, regressors: np.ndarray, start: tuple[float, float] | None) -> object:
        tried.append(start)
        return None if start is None else real(y, regressors, start)

    monkeypatch.setattr(state_space, "_likelihood", once)
    found = fit_variances(series(), np.zeros((N + H, 0)))
    assert found.how == "ml_second_start"
    assert tried[0] is None
    assert tried[1] is not None


def test_missing_days_are_missing_and_not_zero() -> None:
    rng = np.random.default_rng(3)
    y = 100 + rng.normal(0, 1, 120)
    y[rng.choice(120, 30, replace=False)] = np.nan
    found = fit_variances(y, np.zeros((120, 0)))
    assert found.noise == pytest.approx(1.0, rel=0.4)
    assert found.level < 0.05


def test_weekdays_only_data_get_fewer_waves() -> None:
    open_days = np.arange(70) % 7 < 5
    assert Design.make(70, True).reduced(open_days).season.shape[1] == 4
    assert Design.make(70, True).reduced(np.ones(70, dtype=bool)).season.shape[1] == 6


def test_statsmodels_reads_the_intercept_written_after_the_smoother_is_made() -> None:
    """The trap the sampler leans on: a later statsmodels that ignores the write must fail here, not in results."""
    model = UnobservedComponents(np.full(10, 5.0), level="llevel", exog=np.ones((10, 1)))
    model.update(np.array([1e-6, 1e-6, 0.0]))
    model.ssm.initialize_known(np.array([0.0]), np.array([[100.0]]))
    smoother = model.simulation_smoother(method="cfa")
    levels = []
    for intercept in (0.0, 3.0):
        model.ssm["obs_intercept"] = np.full((1, 10), intercept)
        smoother.simulate(variates=np.zeros((1, 10)))
        levels.append(float(smoother.simulated_state[0, 5]))
    assert levels[0] - levels[1] == pytest.approx(3.0, abs=0.01)
