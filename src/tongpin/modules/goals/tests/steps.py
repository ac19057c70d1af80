"""What the tests of this module do again and again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from tongpin.kernel.actions.registry import Action
from tongpin.kernel.errors import Denied, NotFound
from tongpin.kernel.events.models import Event
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.goals import actions, jobs
from tongpin.modules.goals.models import LookBack
from tongpin.modules.goals.tests.sample import LAUNCH, table


def create(actor: Actor, **more: Any) -> LookBack:
    """A look back with its question."""
    data = {"text": table(), "launch": LAUNCH, "expected": 0.08, "worth": 0.02, "metric": "发布排班"}
    return actions.create_lookback.run(actor, data | more).value


def conclude(actor: Actor, row: LookBack) -> LookBack:
    """Ask for the result and compute it."""
    actions.evaluate_lookback.run(actor, target=row)
    run_jobs()
    row.refresh_from_db()
    return row


def queued() -> list[ProcrastinateJob]:
    """Jobs of this module that wait."""
    return list(ProcrastinateJob.objects.filter(task_name=actions.JOB, status="todo").order_by("pk"))


def run_jobs() -> None:
    """Run the waiting jobs as the worker would; those already run do nothing."""
    for job in queued():
        jobs.evaluate_lookback(**job.args)


def denied(action: Action[Any], actor: Actor, data: dict[str, Any] | None = None, target: Any = None) -> None:
    """The action is refused to this actor, and no row, event or job changed."""
    before = _snapshot()
    with pytest.raises((Denied, NotFound)):
        action.run(actor, data or {}, target=target)
    assert _snapshot() == before


def _snapshot() -> list[Any]:
    watched: tuple[Callable[[], Any], ...] = (
        lambda: list(LookBack.objects.order_by("pk").values()),
        lambda: Event.objects.count(),
        lambda: ProcrastinateJob.objects.count(),
    )
    return [look() for look in watched]
