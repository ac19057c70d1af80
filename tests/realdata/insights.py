"""The worked examples through the product: HTTP capture, inbox, flusher, store, generated SQL.

``TONGPIN_CASES`` names the folder, ``../shared/cases`` unless set. A row of a case is sent as PostHog's server SDK
sends it, by itself or with what was received at the same instant; the server's clock stands at ``received_at`` for that
request.
"""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from tongpin.kernel.tenancy.models import Workspace
from tongpin.modules.analytics.actions import flush, mirror
from tongpin.modules.analytics.insights.scope import Scope
from tongpin.modules.analytics.models import Source, SourceKey
from tongpin.modules.analytics.tests.capture.serving import RECEIVED, serving

CASES = Path(os.environ.get("TONGPIN_CASES") or Path(__file__).resolve().parents[3] / "shared" / "cases")
WEEK_STARTS = {"monday": 0, "saturday": 5, "sunday": 6}


@dataclass(frozen=True)
class Case:
    """One question with the events it is asked about and the table expected; ``subset``: of these keys only."""

    name: str
    events: Path
    project: dict[str, Any]
    query: dict[str, Any]
    expected: dict[str, Any]
    subset: bool

    def rows(self) -> list[dict[str, Any]]:
        """The events in the order of arrival."""
        if self.events.suffix == ".jsonl":
            return [json.loads(line) for line in self.events.read_text().splitlines()]
        rows: list[dict[str, Any]] = json.loads(self.events.read_text())["events"]
        return rows

    def scope(self, workspace: UUID) -> Scope:
        """The project's zone, week and present."""
        project = self.project
        as_of = datetime.fromisoformat(project["as_of"])
        return Scope(workspace, project["timezone"], WEEK_STARTS[project["week_start"]], as_of)


def cases(*kinds: str) -> list[Case]:
    """All of the folder of these kinds, published ones first."""
    return [case for case in _all() if case.query["kind"] in kinds]


def _all() -> Iterator[Case]:
    for file in sorted((CASES / "published").glob("*.json")):
        case = json.loads(file.read_text())
        yield Case(file.stem, file, case["project"], case["query"], case["expected"], subset=True)
    for file in sorted((CASES / "dev").glob("*.json")):
        held = json.loads(file.read_text())
        if isinstance(held, dict) and "queries" in held:
            for case in held["queries"]:
                yield Case(
                    f"{file.stem}-{case['name']}", file.parent / held["events_file"], case["project"], case["query"],
                    case["expected"], subset=False,
                )  # fmt: skip


def same(expected: Any, got: Any, *, subset: bool) -> bool:
    """The comparison the examples come with."""
    spec = importlib.util.spec_from_file_location("compare", CASES / "compare.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: bool = module.compare(expected, got, subset)
    return found


def bring_in(
    workspace: Workspace, rows: list[dict[str, Any]], meanwhile: Callable[[], object] = lambda: None
) -> None:
    """Send them, and do what the worker does until all is in the store. ``meanwhile`` is called after each request."""
    source = Source.objects.create(workspace=workspace, name="cases", drop_bots=False)
    key = f"k{source.pk}"
    SourceKey.objects.create(workspace=workspace, source=source, value=key)
    with serving() as server:
        for received, group in groupby(rows, lambda row: row["received_at"]):
            batch = [{name: each[name] for name in each if name != "received_at"} for each in group]
            body = orjson.dumps({"api_key": key, "batch": batch})
            answered = server.raw(
                "POST", "/batch/", body, **{RECEIVED.decode(): received.replace("Z", "+00:00")}
            )
            assert answered.status == 200, answered
            meanwhile()
    while flush.run_once():
        pass
    while mirror.run_once():
        pass
