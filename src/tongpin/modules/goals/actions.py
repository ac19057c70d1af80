"""Everything that changes a look back. The result is written once, by the system; a person may only stand beside it."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Annotated, Any

from django.utils.translation import gettext as _
from procrastinate.contrib.django import app as jobs
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tongpin.kernel import clock
from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.errors import Conflict, Invalid
from tongpin.kernel.events.recording import emit
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.lib.effects import Direction, Scale, SizeUnit, SpecError
from tongpin.lib.series import SeriesError
from tongpin.modules.goals import reading, summary
from tongpin.modules.goals.enums import LookBackState
from tongpin.modules.goals.events import (
    LookBackAsked,
    LookBackConcluded,
    LookBackCreated,
    LookBackDeleted,
    LookBackFailed,
    LookBackGiven,
    LookBackInterpreted,
    LookBackQueued,
    LookBackRenamed,
    LookBackRestored,
    LookBackStarted,
)
from tongpin.modules.goals.models import WINDOW_DAYS, DeletedLookBack, LookBack
from tongpin.modules.goals.wording import failures, numbers

JOB = "goals.evaluate"
STALE = timedelta(minutes=10)
"""A job that has shown no progress for this long may be asked for again by a person."""

Line = Annotated[str, StringConstraints(strip_whitespace=True)]


class Other(BaseModel):
    """Something else that launched on ``day``."""

    model_config = ConfigDict(extra="forbid")
    day: date
    label: Annotated[Line, Field(max_length=80)] = ""


class Question(BaseModel):
    """What is asked of the series. Sizes are in the good direction and above zero: 0.05 with ``relative`` is 5 %,
    6 with ``points`` is six percentage points, ``absolute`` is in the metric's unit per day.
    """

    model_config = ConfigDict(extra="forbid")
    launch: date | None = None
    window_days: int = Field(default=WINDOW_DAYS, ge=1, le=366)
    expected: float | None = Field(default=None, gt=0, lt=1e15)
    expected_unit: SizeUnit = SizeUnit.RELATIVE
    worth: float | None = Field(default=None, gt=0, lt=1e15)
    worth_unit: SizeUnit = SizeUnit.RELATIVE
    direction: Direction = Direction.UP
    scale: Scale = Scale.AUTO
    country: Annotated[str, Field(pattern=r"^([A-Z]{2})?$")] = "CN"
    partial_days: int = Field(default=0, ge=0, le=90)
    others: list[Other] = Field(default=[], max_length=20)


class CreateLookBack(Question):
    """``text`` is the table as pasted or as a CSV file holds it; ``answers`` settle what the reader asked about it."""

    title: Annotated[Line, Field(max_length=120)] = ""
    metric: Annotated[Line, Field(max_length=80)] = ""
    unit: Annotated[Line, Field(max_length=20)] = ""
    source_name: Annotated[Line, Field(max_length=200)] = ""
    text: str = Field(min_length=1, max_length=reading.MAX_CHARACTERS)
    answers: dict[str, str] = {}


class RenameLookBack(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: Annotated[Line, Field(min_length=1, max_length=120)]


class GiveLookBack(BaseModel):
    """``owner``: the member who answers for it from now on."""

    model_config = ConfigDict(extra="forbid")
    owner: uuid.UUID


class InterpretLookBack(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: Annotated[Line, Field(max_length=4000)] = ""


class StartRun(BaseModel):
    model_config = ConfigDict(extra="forbid")
    run: int


class RecordProgress(StartRun):
    progress: float = Field(ge=0, le=1)
    step: str = Field(max_length=20)


class RecordResult(StartRun):
    """``result`` is ``effect_to_json``."""

    result: dict[str, Any]


class RecordFailure(StartRun):
    code: str = Field(max_length=60)
    params: dict[str, Any] = {}


@action(
    "goals.lookback.create",
    permission="goals.lookback.create",
    inverse="goals.lookback.delete",
)
def create_lookback(actor: Actor, data: CreateLookBack) -> LookBack:
    """Keep a series with what was noticed while reading it, and the question if there already is one."""
    try:
        taken = reading.take(data.text, data.answers, clock.today(_zone(actor)))
    except SeriesError as error:
        raise Invalid(failures.series_error(error), field="text", code=f"series_{error.code}") from None
    metric = data.metric or taken.series.name or _("Metric")
    row = LookBack(
        workspace=actor.workspace,
        author=actor.user,
        owner=actor.user,
        metric=metric[:80],
        unit=data.unit,
        source_name=data.source_name,
        series=taken.series.to_json(),
        findings=[finding.to_json() for finding in taken.findings],
    )
    _ask(row, data)
    row.title = data.title or _title(row)
    row.save()
    emit(LookBackCreated(title=row.title, days=taken.series.observed), row)
    return row


@action("goals.lookback.set_launch", permission="goals.lookback.edit", target=LookBack)
def set_launch(actor: Actor, row: LookBack, data: Question) -> LookBack:
    """Say what launched when and what was expected, as long as nothing was computed."""
    _refuse_unless(row, LookBackState.DRAFT, LookBackState.FAILED)
    _ask(row, data)
    row.save()
    emit(LookBackAsked(launch=str(row.launch), window_days=row.window_days), row)
    return row


@action("goals.lookback.evaluate", permission="goals.lookback.edit", target=LookBack)
def evaluate_lookback(actor: Actor, row: LookBack, data: Empty) -> LookBack:
    """Have the result computed. Once there is one it stays: another question is another look back."""
    if not (row.is_busy and clock.now() - row.changed_state_at > STALE):
        _refuse_unless(row, LookBackState.DRAFT, LookBackState.FAILED)
    if row.launch is None:
        raise Invalid(_("Pick the day it launched."), field="launch", code="launch_missing")
    _check(row)
    row.run += 1
    row.as_of = clock.today(row.workspace.time_zone)
    row.progress, row.step, row.failure = 0.0, "", None
    _enter(row, LookBackState.QUEUED)
    row.save()
    emit(LookBackQueued(run=row.run), row)
    jobs.configure_task(JOB).defer(
        lookback=str(row.public_id), workspace=str(row.workspace.public_id), run=row.run
    )
    return row


@action("goals.lookback.start", permission="goals.lookback.record", target=LookBack, api=False)
def start_lookback(actor: Actor, row: LookBack, data: StartRun) -> LookBack:
    """The job has begun. Does nothing for a run that is over or was replaced."""
    if row.run == data.run and row.state == LookBackState.QUEUED:
        _enter(row, LookBackState.RUNNING)
        row.save(update_fields=["state", "changed_state_at"])
        emit(LookBackStarted(run=row.run), row)
    return row


@action("goals.lookback.record_progress", permission="goals.lookback.record", target=LookBack, api=False)
def record_progress(actor: Actor, row: LookBack, data: RecordProgress) -> LookBack:
    """How far the job is; read by the page that waits. Not history, so no event."""
    if row.run == data.run and row.is_busy:
        row.progress, row.step, row.changed_state_at = data.progress, data.step, clock.now()
        row.save(update_fields=["progress", "step", "changed_state_at"])
    return row


@action("goals.lookback.record_result", permission="goals.lookback.record", target=LookBack, api=False)
def record_result(actor: Actor, row: LookBack, data: RecordResult) -> LookBack:
    """Conclude, once. A retried or replaced job changes nothing and says nothing a second time."""
    if row.run != data.run or not row.is_busy:
        return row
    row.result = data.result
    row.summary = summary.of(data.result)
    row.word = data.result["result"]
    row.evidence = data.result["evidence"]
    row.evaluated_at = clock.now()
    row.progress, row.step = 1.0, "done"
    _enter(row, LookBackState.DONE)
    row.save()
    emit(
        LookBackConcluded(
            title=row.title,
            result=row.word,
            evidence=row.evidence,
            relative=_part(data.result, "value"),
            low=_part(data.result, "low"),
            high=_part(data.result, "high"),
        ),
        row,
    )
    return row


@action("goals.lookback.record_failure", permission="goals.lookback.record", target=LookBack, api=False)
def record_failure(actor: Actor, row: LookBack, data: RecordFailure) -> LookBack:
    """Nothing could be computed; the question can be changed and asked again."""
    if row.run != data.run or not row.is_busy:
        return row
    row.failure = {"code": data.code, "params": data.params}
    _enter(row, LookBackState.FAILED)
    row.save()
    emit(LookBackFailed(title=row.title, code=data.code, params=data.params), row)
    return row


@action(
    "goals.lookback.rename",
    permission="goals.lookback.edit",
    target=LookBack,
    inverse="goals.lookback.rename",
    inverse_data=lambda before, row: {"title": before["title"]},
)
def rename_lookback(actor: Actor, row: LookBack, data: RenameLookBack) -> LookBack:
    """Give it another title."""
    row.title = data.title
    row.save(update_fields=["title"])
    emit(LookBackRenamed(title=data.title), row)
    return row


@action(
    "goals.lookback.give",
    permission="goals.lookback.edit",
    target=LookBack,
    inverse="goals.lookback.give",
    inverse_data=lambda before, row: {"owner": row.owner_before},
)
def give_lookback(actor: Actor, row: LookBack, data: GiveLookBack) -> LookBack:
    """Have another member answer for it: who hears of its result, finds it among their own, and may change it."""
    members = Membership.objects.filter(workspace=row.workspace_id).select_related("user")
    new: Membership | None = members.filter(public_id=data.owner, deactivated_at=None).first()
    if new is None:
        raise Invalid(_("This is not a member of the workspace."), field="owner", code="no_member")
    old = members.filter(user=row.owner_id).first()
    row.owner_before = str(old.public_id) if old else ""  # type: ignore[attr-defined]
    if new.user_id != row.owner_id:
        row.owner = new.user
        row.save(update_fields=["owner"])
        emit(LookBackGiven(title=row.title, name=new.user.name), row)
    return row


@action(
    "goals.lookback.interpret",
    permission="goals.lookback.interpret",
    target=LookBack,
    inverse="goals.lookback.interpret",
    inverse_data=lambda before, row: {"text": before["reading"]},
)
def interpret_lookback(actor: Actor, row: LookBack, data: InterpretLookBack) -> LookBack:
    """Write a person's reading beside the result. It never changes the result."""
    if not row.is_done:
        raise Conflict(_("There is no result to interpret yet."), code="no_result")
    row.reading = data.text
    row.reading_by = actor.user if data.text else None
    row.reading_at = clock.now() if data.text else None
    row.save(update_fields=["reading", "reading_by", "reading_at"])
    emit(LookBackInterpreted(text=data.text), row)
    return row


@action(
    "goals.lookback.delete",
    permission="goals.lookback.edit",
    target=LookBack,
    inverse="goals.lookback.restore",
)
def delete_lookback(actor: Actor, row: LookBack, data: Empty) -> LookBack:
    """Take it out of sight; it can be brought back."""
    row.deleted_at = clock.now()
    row.save(update_fields=["deleted_at"])
    emit(LookBackDeleted(title=row.title), row)
    return row


@action(
    "goals.lookback.restore",
    permission="goals.lookback.edit",
    target=DeletedLookBack,
    inverse="goals.lookback.delete",
)
def restore_lookback(actor: Actor, row: DeletedLookBack, data: Empty) -> DeletedLookBack:
    """Bring a deleted look back back."""
    row.deleted_at = None
    row.save(update_fields=["deleted_at"])
    # Its history goes on under the one type that everybody knows it by.
    emit(LookBackRestored(title=row.title), LookBack.objects.select_related("workspace").get(pk=row.pk))
    return row


def _refuse_unless(row: LookBack, *states: LookBackState) -> None:
    if row.state in states:
        return
    if row.is_busy:
        raise Conflict(_("This is being computed right now."), code="busy")
    raise Conflict(
        _("This look back has its result, and a result stays with its question."),
        code="already_concluded",
        hint=_("Start another look back from it to ask with another window."),
    )


def _ask(row: LookBack, data: Question) -> None:
    row.launch = data.launch
    row.window_days = data.window_days
    row.expected, row.expected_unit = data.expected, data.expected_unit.value
    row.worth, row.worth_unit = data.worth, data.worth_unit.value
    row.direction, row.scale = data.direction.value, data.scale.value
    row.country, row.partial_days = data.country, data.partial_days
    row.others = [{"day": other.day.isoformat(), "label": other.label} for other in data.others]
    if row.launch is not None:
        _check(row)


def _check(row: LookBack) -> None:
    """Refuse a question that the engine would refuse, at the field where it is wrong."""
    try:
        reading.check(row.to_series(), row.to_spec())
    except SpecError as error:
        raise Invalid(
            failures.spec_error(error), field=error.field_name or "launch", code=error.code
        ) from None


def _title(row: LookBack) -> str:
    if row.launch is None:
        return row.metric[:120]
    return _("%(metric)s after %(day)s") % {"metric": row.metric[:90], "day": numbers.short_day(row.launch)}


def _zone(actor: Actor) -> str:
    return actor.workspace.time_zone if actor.workspace else "UTC"


def _enter(row: LookBack, state: LookBackState) -> None:
    row.state = state
    row.changed_state_at = clock.now()


def _part(result: dict[str, Any], name: str) -> float | None:
    relative = result.get("relative")
    return relative[name] if relative else None
