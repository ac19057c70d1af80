"""Saved results come back as they were, and importing the types stays cheap."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import replace
from datetime import date

import pytest

from tongpin.lib.effects import (
    Direction,
    LookBackSpec,
    OtherLaunch,
    Size,
    SizeUnit,
    UnknownVersion,
    effect_from_json,
    effect_to_json,
    evaluate,
    simulation,
    spec_from_json,
    spec_to_json,
)


def test_an_effect_survives_the_journey() -> None:
    series = simulation.draw("iid", 1, lift=0.1)
    holed = replace(series, values=(*series.values[:20], math.nan, *series.values[21:]), name="激活率")
    for launch in (90, 8):
        effect = evaluate(holed, LookBackSpec(series.day(launch), expected=Size(0.05)))
        stored = json.dumps(effect_to_json(effect), allow_nan=False)
        assert effect_from_json(json.loads(stored)) == effect


def test_a_specification_survives_the_journey() -> None:
    spec = LookBackSpec(
        date(2026, 3, 1),
        21,
        Size(6, SizeUnit.POINTS),
        direction=Direction.DOWN,
        country=None,
        as_of=date(2026, 4, 1),
        other_launches=(OtherLaunch(date(2026, 3, 5), "v2"),),
    )
    assert spec_from_json(json.loads(json.dumps(spec_to_json(spec)))) == spec
    assert spec_from_json({"launch": "2026-03-01"}) == LookBackSpec(date(2026, 3, 1))


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
