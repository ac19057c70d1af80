"""Saved results come back as they were, and importing the types stays cheap."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import replace

import pytest

from tongpin.lib.effects import (
    LookBackSpec,
    Size,
    UnknownVersion,
    effect_from_json,
    effect_to_json,
    evaluate,
    simulation,
)


def test_an_effect_survives_the_journey() -> None:
    series = simulation.draw("iid", 1, lift=0.1)
    holed = replace(series, values=(*series.values[:20], math.nan, *series.values[21:]), name="激活率")
    for launch in (90, 8):
        effect = evaluate(holed, LookBackSpec(series.day(launch), expected=Size(0.05)))
        stored = json.dumps(effect_to_json(effect), allow_nan=False)
        assert effect_from_json(json.loads(stored)) == effect


def test_an_unknown_version_is_refused() -> None:
    with pytest.raises(UnknownVersion):
        effect_from_json({"version": 99})


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = (
        "import sys, tongpin.lib.effects, tongpin.lib.series; "
        "print([m for m in ('numpy', 'scipy', 'pandas', 'statsmodels', 'holidays', 'openpyxl') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip() == "[]"
