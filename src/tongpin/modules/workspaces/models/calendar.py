"""When a workspace works."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from tongpin.kernel.tenancy.models import WorkspaceModel, WorkspaceScopedQuerySet
from tongpin.lib.workdays import OFFICE_HOURS, Span, Week


def office_hours() -> list[list[list[int]]]:
    """Monday to Friday, as ``WorkCalendar.hours`` keeps them."""
    return [[list(span) for span in spans] for spans in OFFICE_HOURS]


class WorkCalendar(WorkspaceModel):
    """A workspace's working calendar: whose holidays it keeps and when it works. Made when first changed; until then
    it is as its time zone suggests.

    ``hours`` are seven lists, Monday first, of ``[begin, end]`` in minutes after midnight in the workspace's zone.
    """

    country = models.CharField(max_length=2, blank=True)
    hours = models.JSONField(default=office_hours)

    objects = WorkspaceScopedQuerySet.as_manager()

    #: What the last action found before it, to put it back.
    before: dict[str, Any] | None = None

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace"], name="one_calendar_per_workspace")
        ]

    @property
    def week(self) -> Week:
        """The hours as the working calendar takes them."""
        return tuple(tuple(Span(*span) for span in spans) for spans in self.hours)


class MarkedDay(WorkspaceModel):
    """A day the workspace made a workday or a day off by itself, whatever the official calendar says."""

    day = models.DateField()
    working = models.BooleanField()
    name = models.CharField(max_length=60, blank=True)

    objects = WorkspaceScopedQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "day"], name="day_marked_once")]
