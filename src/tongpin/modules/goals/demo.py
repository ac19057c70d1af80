"""The look backs of the example company, made through the same actions and computed by the same job as any other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from tongpin.kernel import clock
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership, Workspace
from tongpin.lib.effects import Size
from tongpin.modules.goals import actions, jobs
from tongpin.modules.goals.demo_series import COUNTRY, Story, stories
from tongpin.modules.goals.models import LookBack

PATIENCE = 60.0
"""Seconds that a running worker gets to compute the results before this does it itself."""


def seed(
    workspace: Workspace, *, patience: float = PATIENCE, wait: Callable[[float], object] | None = None
) -> None:
    """Write what is not there yet. Run again it changes nothing: what a visitor renamed or deleted stays so.

    ``wait`` pauses between two looks at the results (seconds); it stands in for a clock in tests.
    """
    now, today = clock.now(), clock.today(workspace.time_zone)
    made = []
    for story in stories(today):
        with clock.frozen_at(now - (today - story.on)):
            made += [pair] if (pair := _write(workspace, story)) else []
    _settle(workspace, made, patience, wait or threading.Event().wait)
    for row, story in made:
        if story.reading:
            actor = _author(workspace, story.author)
            with clock.frozen_at(now - (today - story.on)):
                actions.interpret_lookback.run(actor, {"text": story.reading}, target=row)


def _write(workspace: Workspace, story: Story) -> tuple[LookBack, Story] | None:
    """The look back with its job queued; None if it was written before."""
    # The file tells the example's own apart whatever they are called by now. Deleted ones count too: what a
    # visitor threw away does not come back by itself.
    if LookBack.objects.filter(workspace=workspace, source_name=story.source).exists():
        return None
    actor = _author(workspace, story.author)
    spec = story.spec
    row = actions.create_lookback.run(
        actor,
        {
            "title": story.title,
            "metric": story.metric,
            "unit": story.unit,
            "source_name": story.source,
            "text": story.series.to_csv(),
            "answers": {"unit": "share"} if story.series.unit.value == "share" else {},
            "launch": spec.launch,
            "window_days": spec.window_days,
            "direction": spec.direction,
            "country": COUNTRY,
            **_size("expected", spec.expected),
            **_size("worth", spec.worth),
        },
    ).value
    return actions.evaluate_lookback.run(actor, target=row).value, story


def _size(name: str, size: Size | None) -> dict[str, object]:
    return {name: size.value, f"{name}_unit": size.unit} if size else {}


def _author(workspace: Workspace, name: str) -> Actor:
    """The member whose address begins with ``name``; the owner in a workspace that has no such member."""
    members = Membership.objects.active().filter(workspace=workspace).select_related("user", "workspace")
    found = members.filter(user__email__startswith=f"{name}@").first()
    return Actor.for_member(found or members.filter(role=Role.OWNER).order_by("pk")[0])


def _settle(
    workspace: Workspace,
    made: list[tuple[LookBack, Story]],
    patience: float,
    wait: Callable[[float], object],
) -> None:
    """Wait for the worker; compute here what it has not computed in time."""
    until = time.monotonic() + patience
    waiting = [row for row, _story in made]
    while waiting and time.monotonic() < until:
        wait(0.5)
        for row in waiting:
            row.refresh_from_db()
        waiting = [row for row in waiting if row.is_busy]
    for row in waiting:
        jobs.evaluate_lookback(str(row.public_id), str(workspace.public_id), row.run)
