"""A look back 回看: somebody's series, the launch they ask about, and the result the system found."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Self

from django.db import models

from tongpin.kernel import clock
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import WorkspaceModel, WorkspaceScopedQuerySet
from tongpin.lib.effects import (
    Direction,
    Effect,
    Evidence,
    LookBackSpec,
    OtherLaunch,
    Result,
    Scale,
    Size,
    SizeUnit,
    effect_from_json,
)
from tongpin.lib.series.types import Series
from tongpin.modules.goals.enums import LookBackState

WINDOW_DAYS = 14


def _choices(kind: type[Any]) -> list[tuple[str, str]]:
    return [(member.value, member.value) for member in kind]


class LookBackQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Members see all that are not deleted; a guest sees only what it wrote or answers for itself."""
        return self._of(actor).filter(deleted_at=None)

    def _of(self, actor: Actor) -> Self:
        rows = super().visible_to(actor)
        own = models.Q(author=actor.user) | models.Q(owner=actor.user)
        return rows.filter(own) if actor.role == Role.GUEST else rows


class DeletedQuerySet(LookBackQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """The deleted ones, for taking a deletion back."""
        return self._of(actor).exclude(deleted_at=None)


class LookBack(WorkspaceModel):
    """``series`` and ``result`` are the versioned JSON of ``lib.series`` and ``lib.effects``. ``author`` wrote it and
    stays named, ``owner`` answers for it: the author, until it is handed over.

    ``summary`` is what a list shows of the result, so that it need not load the whole: ``unit`` (relative, points,
    absolute), ``value``, ``low``, ``high``, and the first ``reason``. ``run`` counts evaluations; a job
    carries its number, so that a job left over from an earlier one writes nothing.
    ``as_of`` is the asker's day when the evaluation was asked for: a retried job gets the same answer.
    """

    author = models.ForeignKey("tenancy.User", on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey("tenancy.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    title = models.CharField(max_length=120)
    metric = models.CharField(max_length=80)
    unit = models.CharField(max_length=20, blank=True)
    source_name = models.CharField(max_length=200, blank=True)
    series = models.JSONField()
    findings = models.JSONField(default=list)

    launch = models.DateField(null=True, blank=True)
    window_days = models.PositiveSmallIntegerField(default=WINDOW_DAYS)
    partial_days = models.PositiveSmallIntegerField(default=0)
    expected = models.FloatField(null=True, blank=True)
    expected_unit = models.CharField(
        max_length=8, choices=_choices(SizeUnit), default=SizeUnit.RELATIVE.value
    )
    worth = models.FloatField(null=True, blank=True)
    worth_unit = models.CharField(max_length=8, choices=_choices(SizeUnit), default=SizeUnit.RELATIVE.value)
    direction = models.CharField(max_length=4, choices=_choices(Direction), default=Direction.UP.value)
    scale = models.CharField(max_length=8, choices=_choices(Scale), default=Scale.AUTO.value)
    country = models.CharField(max_length=2, blank=True, default="CN")
    others = models.JSONField(default=list)

    state = models.CharField(max_length=8, choices=LookBackState, default=LookBackState.DRAFT)
    run = models.PositiveIntegerField(default=0)
    as_of = models.DateField(null=True, blank=True)
    step = models.CharField(max_length=20, blank=True)
    progress = models.FloatField(default=0)
    changed_state_at = models.DateTimeField(default=clock.now)
    result = models.JSONField(null=True, blank=True)
    summary = models.JSONField(default=dict)
    word = models.CharField(max_length=20, choices=_choices(Result), blank=True)
    evidence = models.CharField(max_length=1, choices=_choices(Evidence), blank=True)
    evaluated_at = models.DateTimeField(null=True, blank=True)
    failure = models.JSONField(null=True, blank=True)

    reading = models.TextField(blank=True)
    reading_by = models.ForeignKey("tenancy.User", on_delete=models.PROTECT, null=True, related_name="+")
    reading_at = models.DateTimeField(null=True, blank=True)

    version = models.PositiveIntegerField(default=1)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = LookBackQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "-public_id"],
                condition=models.Q(deleted_at=None),
                name="lookback_newest_first",
            ),
        ]

    @property
    def is_busy(self) -> bool:
        return LookBackState(self.state).is_busy

    @property
    def is_done(self) -> bool:
        return self.state == LookBackState.DONE

    def to_series(self) -> Series:
        """The pasted series. Raises SeriesError if a later version of the program wrote it."""
        return Series.from_json(self.series)

    def to_spec(self) -> LookBackSpec:
        """The question as the engine takes it. Raises SpecError for values that make no question."""
        if self.launch is None:
            raise ValueError("a look back without a launch day has no question yet")
        return LookBackSpec(
            launch=self.launch,
            window_days=self.window_days,
            expected=_size(self.expected, self.expected_unit),
            worth=_size(self.worth, self.worth_unit),
            direction=Direction(self.direction),
            scale=Scale(self.scale),
            country=self.country or None,
            partial_days=self.partial_days,
            as_of=self.as_of,
            other_launches=tuple(
                OtherLaunch(date.fromisoformat(o["day"]), o.get("label", "")) for o in self.others
            ),
        )

    def to_effect(self) -> Effect | None:
        """The saved result; None while there is none. Raises UnknownVersion if a later program wrote it."""
        return effect_from_json(self.result) if self.result else None


class DeletedLookBack(LookBack):
    """The same rows while they are deleted: the target of taking a deletion back."""

    objects = DeletedQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        proxy = True


def _size(value: float | None, unit: str) -> Size | None:
    return Size(value, SizeUnit(unit)) if value is not None else None
