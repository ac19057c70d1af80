"""The look back on published reference sets and on real daily series.

Reference sets: ``TONGPIN_EFFECTS`` or ``../shared/cases/effects``; events: ``TONGPIN_SHARED_DATA`` or
``../shared/data``. Where a folder is absent the tests say how many of how many files they lack.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tongpin.lib.effects import (
    Direction,
    Evidence,
    LookBackSpec,
    Result,
    Size,
    SizeUnit,
    evaluate,
    references,
)
from tongpin.lib.series import Series, Unit, read_text

ROOT = Path(__file__).resolve().parents[2]
EFFECTS = Path(os.environ.get("TONGPIN_EFFECTS", ROOT.parent / "shared" / "cases" / "effects"))
EVENTS = Path(os.environ.get("TONGPIN_SHARED_DATA", ROOT.parent / "shared" / "data")) / "events"
FILES = {
    "cdnow": "cdnow_master.txt",
    "git": "git_activity_healthchecks.csv.gz",
    "ecom": "retentioneering-ecom.csv.gz",
}
REFERENCES = {reference.name: reference for reference in references.load(EFFECTS)}
PRESENT = sum((EVENTS / name).is_file() for name in FILES.values())


def reference(name: str) -> references.Reference:
    if name not in REFERENCES:
        have = len(REFERENCES)
        pytest.skip(
            f"{have} of {1 + len(references.R_SETS)} reference sets in {EFFECTS}; {name} is not there"
        )
    return REFERENCES[name]


def events(name: str) -> Path:
    path = EVENTS / FILES[name]
    if not path.is_file():
        pytest.skip(f"{PRESENT} of {len(FILES)} event files in {EVENTS}; {path.name} is not there")
    return path


def test_the_vignette_is_reproduced() -> None:
    ours = references.reproduce(reference("vignette"))
    assert references.deviations(ours) == []
    # The planted effect is 10: the main method must not exclude it, alone or with the covariate.
    for main in (ours.main, ours.main_with_covariates):
        assert main is not None
        assert main.low < 10 < main.high  # type: ignore[operator]
    off = replace(ours, gibbs=replace(ours.gibbs, value=ours.gibbs.value + 0.6))
    assert len(references.deviations(off)) == 1


@pytest.mark.parametrize("name", references.R_SETS)
def test_r_results_are_reproduced(name: str) -> None:
    ours = references.reproduce(reference(name))
    assert references.deviations(ours) == []


def series_of(counts: pd.Series, name: str, step_days: int = 1) -> Series:
    """Through the door people use: a pasted table."""
    text = "date\t" + name + "\n" + "\n".join(f"{day.date()}\t{value}" for day, value in counts.items())
    return read_text(text).resolve()


@pytest.fixture(scope="module")
def cdnow() -> Series:
    """Purchases a day, 1997 to 1998."""
    rows = pd.read_csv(events("cdnow"), sep=r"\s+", skiprows=1, names=["customer", "day", "units", "amount"])
    days = pd.to_datetime(rows["day"].astype(str))
    counts = days.value_counts().reindex(pd.date_range("1997-01-01", "1998-06-30"), fill_value=0)
    return series_of(counts, "purchases")


@pytest.fixture(scope="module")
def commits() -> Series:
    """Commits a day to a real project, 2017 on: mostly zeros, in bursts."""
    rows = pd.read_csv(events("git"))
    days = pd.to_datetime(rows["timestamp"], utc=True).dt.tz_localize(None).dt.normalize()
    counts = days.value_counts().reindex(pd.date_range("2017-01-01", days.max()), fill_value=0)
    return series_of(counts, "commits")


@pytest.fixture(scope="module")
def ecom() -> pd.DataFrame:
    rows = pd.read_csv(events("ecom"))
    rows["day"] = pd.to_datetime(rows["timestamp"]).dt.normalize()
    return rows


def ecom_days(rows: pd.DataFrame, event: str) -> pd.Series:
    counts = rows.loc[rows["event"] == event, "day"].value_counts()
    return counts.reindex(pd.date_range("2024-01-04", "2024-06-29"), fill_value=0)


def judged_wrongly(series: Series, launches: list[date], spec: LookBackSpec) -> tuple[int, list[Result]]:
    """Look backs on days when nothing was launched: how many intervals exclude zero, and the words."""
    outside, words = 0, []
    for launch in launches:
        asked = LookBackSpec(launch, spec.window_days, spec.expected, country=spec.country)
        effect = evaluate(series, asked, second_opinion=False)
        assert effect.evidence is Evidence.C
        assert effect.absolute is not None
        outside += not effect.absolute.low <= 0 <= effect.absolute.high  # type: ignore[operator]
        words.append(effect.result)
    return outside, words


def nominal(n: int) -> int:
    """The most intervals of ``n`` that may exclude zero before 95 % is disbelieved (p < .01)."""
    return int(stats.binom.ppf(0.99, n, 0.05))


def test_placebo_launches_in_purchases_stay_nominal(cdnow: Series) -> None:
    launches = [date(1997, 7, 1) + timedelta(days=21 * i) for i in range(15)]
    outside, words = judged_wrongly(cdnow, launches, LookBackSpec(launches[0], 14, Size(0.1), country="US"))
    assert outside <= nominal(len(launches))
    assert words.count(Result.MET) <= nominal(len(launches))
    assert Result.CANT_TELL in words, "two weeks of these purchases cannot show 10 %"


def test_placebo_launches_in_bursty_commits_stay_nominal(commits: Series) -> None:
    launches = [date(2019, 1, 11) + timedelta(days=84 * i) for i in range(30)]
    outside, words = judged_wrongly(commits, launches, LookBackSpec(launches[0], 28, Size(0.1), country=None))
    assert outside <= nominal(len(launches))
    assert words.count(Result.MET) <= nominal(len(launches))


def test_a_lift_planted_into_real_purchases_is_found(cdnow: Series) -> None:
    launch = date(1998, 4, 1)
    first = cdnow.index(launch)
    lifted = tuple(v * 3 if first <= i < first + 28 else v for i, v in enumerate(cdnow.values))
    planted = Series(cdnow.start, lifted, name=cdnow.name)
    effect = evaluate(planted, LookBackSpec(launch, 28, Size(0.3), country="US"))
    assert effect.result is Result.MET
    assert effect.relative is not None
    assert effect.relative.low < 2.0 < effect.relative.high  # type: ignore[operator]
    # Purchases fell by half when the cohort was complete (end of March 1997): that is why it takes so much.
    assert effect.diagnostics.level_shift_day == date(1997, 3, 26)


def test_the_payment_incident_of_the_shop_is_found(ecom: pd.DataFrame) -> None:
    """Story 3: from May 19 to June 7 payments fail for half of the users, support chats spike."""
    incident, length = date(2024, 5, 19), 20
    purchases = series_of(ecom_days(ecom, "purchase"), "purchases")
    fall = evaluate(purchases, LookBackSpec(incident, length, Size(0.2), country=None))
    assert fall.result is Result.NEGATIVE
    assert -0.9 < fall.relative.value < -0.25  # type: ignore[union-attr]
    chats = series_of(ecom_days(ecom, "support_chat"), "support chats")
    spike = evaluate(chats, LookBackSpec(incident, length, Size(0.2), direction=Direction.DOWN, country=None))
    assert spike.result is Result.NEGATIVE
    assert spike.relative.value > 1  # type: ignore[union-attr]


def test_the_same_incident_as_a_weekly_share(ecom: pd.DataFrame) -> None:
    paid = (
        ecom_days(ecom, "purchase").resample("7D").sum()
        / ecom_days(ecom, "payment_details").resample("7D").sum()
    )
    values = tuple(float(v) for v in paid.iloc[1:-1])
    series = Series(paid.index[1].date(), values, step_days=7, unit=Unit.SHARE)
    spec = LookBackSpec(date(2024, 5, 19), 21, Size(10, SizeUnit.POINTS), country=None)
    effect = evaluate(series, spec, second_opinion=False)
    assert effect.result is Result.NEGATIVE
    assert effect.absolute.value < -0.25  # type: ignore[union-attr]


def test_the_viral_article_brought_visitors_but_no_purchases_anyone_could_claim(ecom: pd.DataFrame) -> None:
    """Story 1: new visitors browse from February 29 to March 3 and rarely buy."""
    purchases = series_of(ecom_days(ecom, "purchase"), "purchases")
    effect = evaluate(purchases, LookBackSpec(date(2024, 2, 29), 4, Size(0.2), country=None))
    assert effect.result is Result.CANT_TELL
    assert len(effect.next_steps) == 3
    assert effect.detectable is not None
    assert not effect.detectable.confirms_expected


def test_an_event_that_never_happened_before_gets_no_interval(ecom: pd.DataFrame) -> None:
    errors = series_of(ecom_days(ecom, "payment_error"), "payment errors")
    spec = LookBackSpec(
        date(2024, 5, 19), 20, Size(1, SizeUnit.ABSOLUTE), direction=Direction.DOWN, country=None
    )
    effect = evaluate(errors, spec)
    assert effect.result is Result.CANT_TELL
    assert effect.evidence is Evidence.D
    assert "no_variation" in [note.code for note in effect.reasons]
    assert effect.absolute is not None
    assert effect.absolute.value == pytest.approx(np.mean(errors.values[136:156]))
