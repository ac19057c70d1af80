"""Look backs on series that people really produced, from the file to the answer, through the command line.

The data lie beside the checkout (``../shared/data/events``); where they do not, each test says so and is skipped.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from tongpin.modules.goals.cli import bet

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "events"


def have(name: str) -> Path:
    """The file, or skip."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"{path} is not here: 1 real series not tried")
    return path


def written(path: Path, days: Counter[date], *, heading: str) -> str:
    """A CSV of the counts by day; days without any are 0, since these are counts of everything that happened."""
    first, last = min(days), max(days)
    span = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    path.write_text("\n".join([f"day,{heading}", *(f"{day},{days[day]}" for day in span)]))
    return str(path)


def evaluate(file: str, *arguments: str) -> dict:
    done = CliRunner().invoke(bet, ["evaluate", file, "--json", "--language", "en", *arguments])
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def sane(told: dict) -> dict:
    """What holds for every honest answer, whatever it is."""
    effect = told["effect"]
    assert effect["result"] in {"met", "partly", "missed", "missed_too_small", "negative", "cant_tell"}
    if effect["evidence"] == "D":
        assert effect["result"] == "cant_tell"
    else:
        low, value, high = (effect["absolute"][k] for k in ("low", "value", "high"))
        assert low < value < high
        assert 0 <= effect["p_positive"] <= 1
    assert told["words"]["answer"]
    if effect["result"] == "cant_tell":
        assert len(told["words"]["next_steps"]) == 3
    return effect


def test_cdnow_purchases(tmp_path: Path) -> None:
    """Purchases fell at the end of March 1997, when no new customers entered the sample: that must be seen."""
    days: Counter[date] = Counter()
    for line in have("cdnow_master.txt").read_text().splitlines()[1:]:
        text = line.split()[1]
        days[date(int(text[:4]), int(text[4:6]), int(text[6:8]))] += 1
    file = written(tmp_path / "cdnow.csv", days, heading="purchases")
    fall = sane(evaluate(file, "--launch", "1997-03-26", "--expect", "+5%", "--country", "US"))
    assert fall["absolute"]["value"] < 0
    assert fall["result"] in {"negative", "cant_tell"}
    # A year later nothing happened on any particular day.
    quiet = sane(evaluate(file, "--launch", "1998-03-18", "--expect", "+60%", "--country", "US"))
    assert quiet["result"] not in {"met", "partly"}


def test_commit_activity(tmp_path: Path) -> None:
    days: Counter[date] = Counter()
    with gzip.open(have("git_activity_healthchecks.csv.gz"), "rt") as file:
        for row in csv.DictReader(file):
            day = next(
                value[:10] for value in row.values() if value and value[:2] == "20" and value[4:5] == "-"
            )
            days[date.fromisoformat(day)] += 1
    last = max(days)
    recent = Counter({day: n for day, n in days.items() if day > last - timedelta(days=365)})
    path = written(tmp_path / "commits.csv", recent, heading="commits")
    effect = sane(
        evaluate(path, "--launch", str(last - timedelta(days=40)), "--expect", "+1", "--country", "none")
    )
    assert effect["diagnostics"]["n_pre"] > 200


def test_shop_visits(tmp_path: Path) -> None:
    days: Counter[date] = Counter()
    with gzip.open(have("retentioneering-ecom.csv.gz"), "rt") as file:
        for row in csv.DictReader(file):
            stamp = next(value for value in row.values() if value and value[:2] == "20" and value[4:5] == "-")
            days[date.fromisoformat(stamp[:10])] += 1
    first, last = min(days), max(days)
    middle = first + (last - first) * 3 // 4
    path = written(tmp_path / "visits.csv", days, heading="visits")
    sane(evaluate(path, "--launch", str(middle), "--expect", "+10%", "--country", "none"))
