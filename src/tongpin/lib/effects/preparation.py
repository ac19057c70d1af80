"""From a series and a question to the arrays the methods work on: which day counts where, and why not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from tongpin.lib.effects import calendars
from tongpin.lib.effects.placebo import is_sparse
from tongpin.lib.effects.scale import Reading, backward, check_size, choose_scale, forward, reading, unit_of
from tongpin.lib.effects.state_space import Bools, Design, Floats
from tongpin.lib.effects.types import HolidayNote, LookBackSpec, Note, Scale, SpecError
from tongpin.lib.series.types import Series, Unit
from tongpin.lib.workdays import UnknownCountry

MAX_PAST = 730
"""Steps of past used: two years hold every holiday twice; older days tell little about tomorrow."""

MIN_PAST_DAILY = 21
MIN_PAST_WEEKLY = 8
ROUNDING = 1e-7
"""Of a usual value: what is left of the past below it is how numbers are stored, not how the metric moves."""


@dataclass(frozen=True)
class Frame:
    """Rows are steps from ``days[0]`` to the end of the window. ``raw`` in the metric's unit, ``y`` on
    the scale.

    ``past`` marks observed rows before the launch; ``window`` all rows of the window; ``used`` those
    whose value enters the effect; ``why`` tells for each row why it is not used (missing, partial, or the
    kind of holiday).
    """

    series: Series
    spec: LookBackSpec
    days: list[date]
    raw: Floats
    y: Floats
    scale: Scale
    unit: float
    past: Bools
    window: Bools
    used: Bools
    why: list[str]
    design: Design
    columns: set[int]
    never: Bools
    window_over: bool
    blockers: tuple[Note, ...]
    warnings: tuple[Note, ...]
    holidays: tuple[HolidayNote, ...]

    @property
    def n_past(self) -> int:
        """Observed steps before the launch."""
        return int(self.past.sum())

    @property
    def steps(self) -> int:
        """Length of the window so far, in steps: up to the last day with a value, at least one."""
        rows = np.flatnonzero(self.window)
        seen = rows[~np.isnan(self.raw[rows])]
        return int(seen[-1] - rows[0] + 1) if seen.size else max(1, rows.size)

    @property
    def usual(self) -> Reading:
        """Reads a window in which nothing was launched, from the latest four weeks of the past."""
        past = self.y[self.past]
        level = float(self.back(np.array([np.mean(past[-28:])]))[0])
        return reading(self.scale, level, 0.0, level, float(np.std(past)), self.unit)

    def back(self, values: Floats) -> Floats:
        """Values of the model's scale in the metric's unit."""
        return backward(self.scale, values, self.unit)

    @property
    def sparse(self) -> bool:
        """Mostly zeros in the past."""
        return is_sparse(self.raw[self.past])

    @property
    def regressors(self) -> Floats:
        """Columns the past informs."""
        return self.design.matrix(self.columns)

    @property
    def least_past(self) -> int:
        """Observed steps before the launch without which there is no model."""
        need = MIN_PAST_DAILY if self.series.step_days == 1 else MIN_PAST_WEEKLY
        return max(need, int(self.regressors.shape[1]) + 8)

    @property
    def varies(self) -> bool:
        """Whether the past holds any noise to judge by: a weekly pattern repeated to the last digit has none."""
        y = self.y[self.past]
        if not y.size:
            return False
        x = np.column_stack([np.ones(y.size), self.regressors[self.past]])
        rest = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
        return bool(np.abs(rest).max() > ROUNDING)

    @property
    def enough_past(self) -> bool:
        """Whether the model can be fitted at all."""
        return self.n_past >= self.least_past and self.varies

    def window_rows(self) -> NDArray[np.int64]:
        """Rows of the used days."""
        return np.flatnonzero(self.used)


def _limits(series: Series, spec: LookBackSpec) -> tuple[int, int, int, int]:
    """(first past row, first row after the past, first window row, row after the window)."""
    if not series.start < spec.launch <= series.end + timedelta(days=series.step_days - 1):
        raise SpecError(
            "launch_outside_series",
            {"start": series.start.isoformat(), "end": series.end.isoformat()},
            "launch",
        )
    first_window = series.index(spec.window_start)
    if series.step_days == 1:
        past_end, stop = series.index(spec.launch), first_window + spec.window_days
    else:
        # A week that straddles the launch belongs to neither side.
        past_end = (spec.launch - series.start).days // series.step_days
        stop = first_window + max(1, spec.window_days // series.step_days)
    return max(0, past_end - MAX_PAST), past_end, first_window, stop


def prepare(series: Series, spec: LookBackSpec, covariates: Floats | None = None) -> Frame:
    """Lay out the rows; raises ``SpecError``. ``covariates``: one row for each value of ``series``,
    nan-free.
    """
    check_size(spec.expected, series.unit, "expected")
    check_size(spec.worth, series.unit, "worth")
    begin, past_end, first_window, stop = _limits(series, spec)
    steps = stop - begin
    days = [series.day(begin + i) for i in range(steps)]
    raw = np.full(steps, np.nan)
    have = np.array(series.values[begin:stop], dtype=np.float64)
    raw[: have.size] = have
    warnings: list[Note] = []
    as_of = spec.as_of or series.end + timedelta(days=series.step_days)
    unfinished = np.array([day + timedelta(days=series.step_days) > as_of for day in days])
    if bool((unfinished & ~np.isnan(raw)).any()):
        warnings.append(Note("running_day_dropped", {"day": as_of.isoformat()}))
        raw[unfinished] = np.nan
    if begin > 0:
        warnings.append(Note("history_capped", {"steps": MAX_PAST}))
    rows = np.arange(begin, stop)
    before, window = rows < past_end, rows >= first_window
    if bool((~before & ~window & ~np.isnan(raw)).any()) or spec.partial_days:
        warnings.append(Note("partial_days_dropped", {"days": int((~before & ~window).sum())}))
    seen = ~np.isnan(raw)
    past = before & seen
    scale = choose_scale(spec.scale, raw[past | (window & seen)], series.unit)
    if scale is Scale.LINEAR and spec.scale is Scale.AUTO:
        warnings.append(Note("linear_scale_share" if series.unit is Unit.SHARE else "linear_scale"))
    daily = series.step_days == 1
    if not daily:
        warnings.append(Note("weekly_data", {"step_days": series.step_days}))
        whole = days[first_window - begin], days[-1] + timedelta(days=series.step_days - 1)
        if whole != (spec.window_start, spec.window_end):
            start, end = (day.isoformat() for day in whole)
            warnings.append(Note("weekly_window", {"weeks": stop - first_window, "start": start, "end": end}))
    try:
        kinds = calendars.kinds_of(days, spec.country) if daily else [""] * steps
    except UnknownCountry as error:
        raise SpecError("unknown_country", {"country": str(error)}, "country") from error
    some = covariates[begin:stop] if covariates is not None else None
    design = Design.make(steps, daily, kinds, some)
    if daily:
        design = design.reduced(past)
    columns = _informed(design, past)
    place = np.arange(steps) % 7
    never = ~np.isin(place, place[past]) if daily and past.any() else np.zeros(steps, dtype=np.bool_)
    unknown = np.array([bool(k) and design.kinds.index(k) not in columns for k in kinds])
    used = window & seen & ~unknown & ~never
    # An uninformed day of the past would only fit itself: it is left out there too.
    past &= ~unknown
    why = [
        "missing" if not s else "partial" if not (b or w) else k if u else "new_weekday" if x else ""
        for s, b, w, u, x, k in zip(seen, before, window, unknown, never, kinds, strict=True)
    ]
    notes = _holidays(days, kinds, window, unknown)
    over = as_of > days[-1] + timedelta(days=series.step_days - 1) and series.end >= days[-1]
    blockers = _blockers(series, spec, days, as_of, window, seen, used, notes)
    if any(note.treatment == "dropped" for note in notes):
        warnings.append(Note("holidays_dropped", {"days": int((window & unknown).sum())}))
    unit = unit_of(scale, raw[past])
    frame = Frame(
        series,
        spec,
        days,
        raw,
        forward(scale, np.where(seen & (past | window), raw, np.nan), unit),
        scale,
        unit,
        past,
        window,
        used,
        why,
        design,
        columns,
        never,
        over,
        blockers,
        tuple(warnings),
        notes,
    )
    _check_worth(frame)
    return frame


def _check_worth(frame: Frame) -> None:
    """Sizes in different units can only be compared on a series."""
    expected, worth = frame.spec.expected, frame.spec.worth
    if expected is None or worth is None or not frame.n_past:
        return
    bar, least = (frame.usual.needed(size, frame.spec.direction) for size in (expected, worth))
    if least > bar * (1 + 1e-9):
        raise SpecError("worth_above_expected", {}, "worth")


def _informed(design: Design, past: Bools) -> set[int]:
    """Kinds the past informs, without those whose column repeats what other columns already say."""
    columns: set[int] = set()
    ones = np.ones((int(past.sum()), 1))
    for k in sorted(design.informed(past)):
        matrix = np.hstack([ones, design.matrix(columns | {k})[past]])
        if np.linalg.matrix_rank(matrix) == matrix.shape[1]:
            columns.add(k)
    return columns


def _holidays(days: list[date], kinds: list[str], window: Bools, unknown: Bools) -> tuple[HolidayNote, ...]:
    """Holidays touching the window; the weekday and weekend parts of one long holiday are one note."""
    position = {day: i for i, day in enumerate(days)}
    notes: list[HolidayNote] = []
    for run in calendars.stretches(days, ["long_off" if k == "long_weekend" else k for k in kinds]):
        rows = range(position[run.start], position[run.end] + 1)
        if not any(window[i] for i in rows):
            continue
        treatment = "modelled"
        if any(unknown[i] and window[i] for i in rows):
            treatment = "blocks" if run.kind in calendars.LONG_KINDS else "dropped"
        notes.append(HolidayNote(run.kind, run.start, run.end, treatment))
    return tuple(notes)


def _blockers(
    series: Series,
    spec: LookBackSpec,
    days: list[date],
    as_of: date,
    window: Bools,
    seen: Bools,
    used: Bools,
    notes: tuple[HolidayNote, ...],
) -> tuple[Note, ...]:
    """Reasons that forbid a result whatever the numbers say, the weightiest first."""
    found: list[Note] = []
    last = days[-1] + timedelta(days=series.step_days - 1)
    if as_of <= last:
        found.append(
            Note(
                "window_not_over",
                {
                    "ready_on": (last + timedelta(days=1)).isoformat(),
                    "days_left": (last - as_of).days + 1,
                    "days_so_far": int((window & seen).sum()) * series.step_days,
                },
            )
        )
    elif series.end < days[-1]:
        found.append(
            Note("data_end_early", {"last_day": series.end.isoformat(), "window_end": last.isoformat()})
        )
    for other in spec.other_launches:
        reach = timedelta(days=spec.window_days - 1)
        if spec.window_start - reach <= other.day <= spec.window_end:
            found.append(Note("overlap", {"day": other.day.isoformat(), "label": other.label}))
    for note in notes:
        if note.treatment == "blocks":
            start, end = note.start.isoformat(), note.end.isoformat()
            found.append(Note("holiday_in_window", {"kind": note.kind, "start": start, "end": end}))
    steps = int(window.sum())
    finished = as_of > last and series.end >= days[-1]
    blocked = any(n.treatment == "blocks" for n in notes)
    if finished and not blocked and int(used.sum()) < max(min(3, steps), (steps + 1) // 2):
        have, missing = int(used.sum()), int((window & ~seen).sum())
        # Say which of the two took the days away.
        code = "data_gap" if missing * 2 >= steps - have else "holiday_in_window"
        params: dict[str, str | int | float | bool | None] = {
            "have": have,
            "need": (steps + 1) // 2,
            "step": series.step_days,
        }
        if code == "holiday_in_window" and notes:
            params |= {
                "kind": notes[0].kind,
                "start": notes[0].start.isoformat(),
                "end": notes[0].end.isoformat(),
            }
        found.append(Note(code, params))
    return tuple(found)
