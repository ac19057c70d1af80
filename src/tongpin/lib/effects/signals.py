"""Signs in the past that a result should be read with care."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular

from tongpin.lib.effects.state_space import Floats, OneStep, Past, whitening

OUTLIER_MADS = 5.0
SHIFT_Z = 4.0


@dataclass(frozen=True)
class Shift:
    """A jump of the level at ``row`` that the model finds surprising: ``z`` standard deviations."""

    row: int
    z: float


def autocorrelation(errors: Floats) -> float | None:
    """Lag-one autocorrelation of the one-step errors over consecutive observed steps."""
    a, b = errors[:-1], errors[1:]
    both = ~np.isnan(a) & ~np.isnan(b)
    if int(both.sum()) < 8 or float(np.std(a[both])) == 0 or float(np.std(b[both])) == 0:
        return None
    return float(np.corrcoef(a[both], b[both])[0, 1])


def outliers(picture: OneStep) -> int:
    """One-step errors beyond five scaled median deviations."""
    errors = picture.errors[~np.isnan(picture.errors)]
    if errors.size < 8:
        return 0
    centre = float(np.median(errors))
    mad = 1.4826 * float(np.median(np.abs(errors - centre)))
    return int((np.abs(errors - centre) > OUTLIER_MADS * mad).sum()) if mad > 0 else 0


def level_shift(past: Past) -> Shift | None:
    """The most surprising jump of the level in the past, when beyond ``SHIFT_Z``; at least a week from
    both ends.
    """
    n = past.rows.size
    if n < past.x.shape[1] + 20:
        return None
    factor = whitening(past.rows, past.variances)
    steps = solve_triangular(factor, np.tri(n)[:, 7:-6], lower=True, check_finite=False)
    q, _ = np.linalg.qr(past.x)
    steps -= q @ (q.T @ steps)
    rest = past.y - q @ (q.T @ past.y)
    size = np.sqrt(np.maximum((steps**2).sum(axis=0), 1e-12))
    z = (steps.T @ rest) / size
    best = int(np.argmax(np.abs(z)))
    if abs(float(z[best])) < SHIFT_Z:
        return None
    return Shift(int(past.rows[best + 7]), float(z[best]))
