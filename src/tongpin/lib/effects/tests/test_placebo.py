"""Calibration: what placebo forecasts do to an interval."""

from __future__ import annotations

import numpy as np
import pytest

from tongpin.lib.effects import simulation
from tongpin.lib.effects.placebo import MIN_RANKED, calibrate, is_short, is_sparse
from tongpin.lib.effects.state_space import Design, Past, Variances


def calibration(y: np.ndarray, variances: Variances, steps: int = 14, **flags: bool):  # type: ignore[no-untyped-def]
    design = Design.make(y.size, True)
    past = Past.make(y, design.matrix(set()), ~np.isnan(y), variances)
    flags = {"short": False, "sparse": False, **flags}
    return calibrate(past, y, design, set(), steps, **flags)


def test_a_model_that_is_right_is_left_alone() -> None:
    y = np.random.default_rng(1).normal(0, 1, 90)
    found = calibration(y, Variances(1.0, 0.0, "given"))
    assert len(found.z) == 8
    assert found.rms < 1.3
    assert found.inflation == max(1.0, found.rms)
    many = np.random.default_rng(2).normal(0, 1, 400)
    assert calibration(many, Variances(1.05, 0.0, "given")).df is None


def test_few_placebos_are_not_trusted_to_say_that_the_model_is_right() -> None:
    """Two of them let 9 of 100 intervals on a random walk miss (42 days before, 14 after); with t 4 do."""
    y = np.random.default_rng(1).normal(0, 1, 42)
    found = calibration(y, Variances(4.0, 0.0, "given"))
    assert (len(found.z), found.inflation) == (2, 1.0)
    assert found.df == pytest.approx(42 / 14)


def test_a_model_too_sure_of_itself_is_inflated_and_read_with_t() -> None:
    y = np.cumsum(np.random.default_rng(1).normal(0, 1, 90))
    found = calibration(y, Variances(1.0, 0.0, "given"))
    assert found.rms > 2
    assert found.inflation == pytest.approx(found.rms)
    assert found.df == pytest.approx(90 / 14)
    assert found.quantile(0.975) > 2.3


def test_many_placebos_also_bring_their_own_tail() -> None:
    rng = np.random.default_rng(3)
    y = rng.normal(0, 1, 400)
    y[300:314] += 9
    found = calibration(y, Variances(1.0, 1e-4, "given"), steps=7)
    assert len(found.z) >= MIN_RANKED
    rank = int(np.ceil((len(found.z) + 1) * 0.95)) - 1
    reach = found.inflation * found.quantile(0.975)
    assert reach >= np.sort(np.abs(found.z))[min(rank, len(found.z) - 1)] - 1e-9


def test_short_and_sparse_cap_the_degrees_of_freedom() -> None:
    y = np.random.default_rng(1).normal(0, 1, 90)
    v = Variances(1.0, 0.0, "given")
    assert calibration(y, v, short=True).df == 2
    assert calibration(y, v, sparse=True).df == 4
    assert calibration(y, v, sparse=True, short=True).df == 2
    assert calibration(np.cumsum(y), v, short=True).df == 2


def test_the_short_history_rule() -> None:
    assert not is_short(42, 14, 1)
    assert is_short(41, 14, 1)
    assert is_short(41, 7, 1)
    assert is_short(83, 28, 1)
    assert not is_short(84, 28, 1)
    assert is_short(5, 1, 7)
    assert not is_short(6, 1, 7)


def test_sparse_counts() -> None:
    assert is_sparse(np.array([0.0, 0.0, 1.0, np.nan]))
    assert not is_sparse(np.array([0.0, 1.0, 1.0, 2.0]))
    assert not is_sparse(np.array([np.nan]))


@pytest.mark.parametrize(("kind", "least"), [("random walk", 20), ("AR .7", 21), ("earlier shift", 22)])
def test_intervals_cover_what_they_say(kind: str, least: int) -> None:
    """A seeded slice of ``make effects``: of 24 intervals at 95 %, fewer than ``least`` has p < .01 under the
    coverage measured for this kind (.95, .99, 1.00); OLS or CausalImpact's default (.47, .71) cannot pass.
    """
    found = simulation.coverage(kind, 24)
    assert found.covered >= least


def test_a_lift_is_found_where_the_noise_allows_it() -> None:
    effects = [simulation.draw("iid", run, lift=0.15) for run in range(3)]
    assert {series.values[0] for series in effects}.__len__() == 3
    assert simulation.draw("iid", 1) == simulation.draw("iid", 1)
