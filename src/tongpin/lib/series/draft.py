"""A reading of pasted or uploaded rows: what was understood, what was noticed, what is still open."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from tongpin.lib.series import days, spacing, values
from tongpin.lib.series.columns import Layout, as_day, lay_out
from tongpin.lib.series.grid import Cell, Grid, Row, text_of
from tongpin.lib.series.inquiry import Inquiry
from tongpin.lib.series.types import Choice, DraftRow, Finding, Question, Series, SeriesError, Severity, Unit

_DOTTED_DAY = re.compile(r"\d{1,2}\.\d{1,2}\.\d{2,4}\b")

MAX_BAD = 0.2
"""Share of rows that may be unreadable before the whole is refused."""


@dataclass(frozen=True)
class SeriesDraft:
    """One reading. Stateless for a form: keep the text and the answers, read again, ``with_answers``.

    ``series`` is the series under the defaults and answers so far, None when it cannot be built;
    ``error`` says why. ``resolve`` is strict: it also refuses while a required question is open. ``layout``
    has the columns that could be chosen.
    """

    rows: tuple[DraftRow, ...]
    findings: tuple[Finding, ...]
    questions: tuple[Question, ...]
    answers: Mapping[str, str]
    series: Series | None
    error: SeriesError | None
    open_questions: tuple[Question, ...]
    grids: tuple[Grid, ...] = field(repr=False)
    layout: Layout = field(repr=False)
    today: date | None = None

    def with_answers(self, answers: Mapping[str, str]) -> SeriesDraft:
        """The same input read again with more answers (they replace earlier ones of the same code)."""
        return interpret(self.grids, {**self.answers, **answers}, self.today)

    def resolve(self, answers: Mapping[str, str] | None = None) -> Series:
        """The series; raises ``SeriesError`` (with findings, row by row) when it cannot be built."""
        draft = self.with_answers(answers) if answers else self
        if draft.error is not None:
            raise draft.error
        if draft.open_questions:
            code = draft.open_questions[0].code
            raise SeriesError("question_open", {"question": code}, findings=draft.findings)
        assert draft.series is not None, "a draft without error has a series"
        return draft.series

    def to_json(self, rows: int = 200) -> dict[str, Any]:
        """For a screen or the command line: the first ``rows`` rows, all findings and questions."""
        error = self.error
        return {
            "rows": [
                {
                    "number": row.number,
                    "raw_day": row.raw_day,
                    "raw_value": row.raw_value,
                    "day": row.day.isoformat() if row.day else None,
                    "value": row.value,
                    "problem": row.problem,
                }
                for row in self.rows[:rows]
            ],
            "row_count": len(self.rows),
            "findings": [finding.to_json() for finding in self.findings],
            "questions": [question.to_json() for question in self.questions],
            "open_questions": [question.code for question in self.open_questions],
            "answers": dict(self.answers),
            "series": self.series.to_json() if self.series else None,
            "error": {"code": error.code, "params": error.params, "hint": error.hint} if error else None,
        }


def interpret(grids: tuple[Grid, ...], answers: Mapping[str, str], today: date | None) -> SeriesDraft:
    """Read the sheets under ``answers``. Raises ``SeriesError`` when not even columns
    can be found or an answer is no choice.
    """
    inquiry = Inquiry(dict(answers), today)
    grid = _sheet(grids, inquiry)
    inquiry.findings.extend(grid.findings)
    layout, date_column, value_column = _columns(grid, inquiry)
    inquiry.findings.extend(layout.findings)
    written = [(row.number, as_day(row.cell(date_column), layout.serial)) for row in layout.rows]
    settled = days.settle(written, inquiry)
    name = layout.names[value_column]
    found = values.settle(
        [(row.number, row.cell(value_column)) for row in layout.rows],
        name,
        inquiry,
        european=_european(grid, layout.rows, date_column),
    )
    rows = tuple(
        DraftRow(
            number=row.number,
            raw_day=text_of(row.cell(date_column))[:80],
            raw_value=text_of(row.cell(value_column))[:80],
            day=day,
            value=None if math.isnan(value) else value,
            problem="bad_date" if day is None else problem,
        )
        for row, day, value, problem in zip(layout.rows, settled, found.values, found.problems, strict=True)
    )
    times = [number for number, w in written if w is not None and w.time]
    again = _repeats(layout.rows)
    series: Series | None = None
    error: SeriesError | None = None
    try:
        series = _build(rows, found.unit, name, Doubled(times, again), inquiry)
    except SeriesError as raised:
        if raised.code == "unknown_answer":
            raise
        error = SeriesError(raised.code, raised.params, raised.hint, tuple(inquiry.findings))
    return SeriesDraft(
        rows=rows,
        findings=tuple(inquiry.findings),
        questions=tuple(inquiry.questions),
        answers=dict(answers),
        series=series,
        error=error,
        open_questions=inquiry.unanswered(),
        grids=grids,
        layout=layout,
        today=today,
    )


def _sheet(grids: tuple[Grid, ...], inquiry: Inquiry) -> Grid:
    if len(grids) == 1:
        return grids[0]
    default = next((i for i, grid in enumerate(grids) if _usable(grid)), 0)
    choices = [Choice(str(i), {"name": g.name, "rows": len(g.rows)}) for i, g in enumerate(grids)]
    return grids[int(inquiry.ask("sheet", choices, str(default)))]


def _usable(grid: Grid) -> bool:
    try:
        lay_out(grid)
    except SeriesError:
        return False
    return True


def _columns(grid: Grid, inquiry: Inquiry) -> tuple[Layout, int, int]:
    answer = inquiry.answers.get("date_column", "")
    layout = lay_out(grid, int(answer) if answer.isdecimal() else None)
    date_column, value_column = layout.date_columns[0], layout.value_columns[0]
    if len(layout.date_columns) > 1:
        offered = tuple(sorted(layout.date_columns))
        first = lay_out(grid).date_columns[0]
        date_column = int(inquiry.ask("date_column", _offer(layout, offered), str(first)))
    if len(layout.value_columns) > 1:
        offer = _offer(layout, layout.value_columns)
        value_column = int(inquiry.ask("value_column", offer, str(value_column)))
    inquiry.note(
        "columns",
        date_column=date_column + 1,
        value_column=value_column + 1,
        date_name=layout.names[date_column],
        value_name=layout.names[value_column],
    )
    return layout, date_column, value_column


def _european(grid: Grid, rows: tuple[Row, ...], date_column: int) -> bool:
    """Whether the table is written as where the comma is the decimal mark: by semicolons, or 31.12.2026."""
    semicolons = any(
        finding.code == "separator" and finding.params["separator"] == "semicolon"
        for finding in grid.findings
    )
    dotted = sum(bool(_DOTTED_DAY.match(text_of(row.cell(date_column)))) for row in rows)
    return semicolons or 2 * dotted > len(rows)


def _offer(layout: Layout, columns: tuple[int, ...]) -> list[Choice]:
    first = layout.rows[0]
    return [
        Choice(str(c), {"column": c + 1, "name": layout.names[c], "example": text_of(first.cell(c))[:40]})
        for c in columns
    ]


@dataclass(frozen=True)
class Doubled:
    """What bears on days that occur more than once: rows with a ``times`` of day, and rows whose cells are all
    those of an earlier row (``again``).
    """

    times: list[int]
    again: frozenset[int]


def _repeats(rows: tuple[Row, ...]) -> frozenset[int]:
    """Numbers of the rows that say again, cell by cell, what a row before them said."""
    seen: set[tuple[Cell, ...]] = set()
    found = set()
    for row in rows:
        if row.cells in seen:
            found.add(row.number)
        seen.add(row.cells)
    return frozenset(found)


def _build(rows: tuple[DraftRow, ...], unit: Unit, name: str, twice: Doubled, inquiry: Inquiry) -> Series:
    bad = [row for row in rows if row.day is None]
    if bad:
        inquiry.note(
            "bad_date", [r.number for r in bad], Severity.WARNING, examples=[r.raw_day for r in bad[:3]]
        )
    broken = sum(row.problem in ("bad_date", "not_a_number", "uncalculated") for row in rows)
    never = sum(row.problem == "uncalculated" for row in rows)
    if never > MAX_BAD * len(rows):
        raise SeriesError("uncalculated", {"rows": never}, "calculate_and_save")
    if broken > MAX_BAD * len(rows):
        raise SeriesError("too_many_bad_rows", {"bad": broken, "rows": len(rows)}, "look_at_rows")
    dated = [(row.number, row.day, math.nan if row.value is None else row.value) for row in rows if row.day]
    dated = _past_only(dated, inquiry)
    if not dated:
        raise SeriesError("no_rows", {}, "paste_two_columns")
    dated = _not_too_long(dated, inquiry)
    _note_order(dated, inquiry)
    dated = _without_repeats(dated, twice.again, inquiry)
    by_day = _one_a_day(dated, unit, twice.times, inquiry)
    by_day = _differences(by_day, unit, inquiry)
    step = spacing.step_of(by_day, inquiry.findings)
    by_day, off = spacing.on_grid(by_day, step)
    if off:
        inquiry.note(
            "off_grid_days", severity=Severity.WARNING, days=[d.isoformat() for d in sorted(off)[:20]]
        )
    by_day = _trimmed(by_day)
    inquiry.findings.extend(spacing.gaps(by_day, step))
    series = Series.from_days(by_day, step_days=step, unit=unit, name=name)
    if series.observed * step < spacing.SHORT_VALUES:
        inquiry.note("short_series", severity=Severity.WARNING, have=series.observed, step=step)
    seen = {v for v in series.values if not math.isnan(v)}
    if len(seen) == 1:
        inquiry.note("constant", severity=Severity.WARNING)
    return series


def _past_only(dated: list[spacing.Dated], inquiry: Inquiry) -> list[spacing.Dated]:
    """Days after today are plans, not facts: named and left out. Today itself is still running."""
    today = inquiry.today
    if today is None:
        return dated
    future = [row for row, day, _ in dated if day > today]
    if future:
        inquiry.note("future_days", future, Severity.WARNING, today=today.isoformat())
    running = [row for row, day, _ in dated if day == today]
    if running:
        inquiry.note("running_day", running, today=today.isoformat())
    return [row for row in dated if row[1] <= today]


def _not_too_long(dated: list[spacing.Dated], inquiry: Inquiry) -> list[spacing.Dated]:
    """More days than can be read are cut to the last two years, once the person says so."""
    spread = sorted(day for _, day, _ in dated)
    days = (spread[-1] - spread[0]).days + 1
    if days <= spacing.MAX_DAYS:
        return dated
    inquiry.ask("too_long", [Choice("recent")], "recent", required=True, params={"days": days})
    kept = spacing.recent(dated)
    inquiry.note("history_cut", severity=Severity.WARNING, days=days)
    return kept


def _without_repeats(
    dated: list[spacing.Dated], again: frozenset[int], inquiry: Inquiry
) -> list[spacing.Dated]:
    """Without rows pasted twice. In a table of many rows a day equal rows are real, and stay."""
    found = spacing.doubled(dated)
    slips = {
        number
        for rows in found.values()
        if all(number in again for number, _, _ in rows[1:])
        for number, _, _ in rows[1:]
    }
    differing = sum(any(number not in again for number, _, _ in rows[1:]) for rows in found.values())
    if not slips or differing * 2 > len({day for _, day, _ in dated}):
        return dated
    inquiry.note("repeated_rows", sorted(slips), Severity.WARNING)
    return [row for row in dated if row[0] not in slips]


def _note_order(dated: list[spacing.Dated], inquiry: Inquiry) -> None:
    falls = [b[0] for a, b in pairwise(dated) if b[1] < a[1]]
    if not falls:
        return
    if len(falls) >= len({day for _, day, _ in dated}) - 1:
        inquiry.note("newest_first")
    else:
        inquiry.note("unsorted", falls)


def _one_a_day(
    dated: list[spacing.Dated], unit: Unit, times: list[int], inquiry: Inquiry
) -> dict[date, float]:
    twice = spacing.doubled(dated)
    if times:
        inquiry.note("times_of_day", times)
    if not twice:
        return spacing.combine(dated, "last")
    rows = [number for found in twice.values() for number, _, _ in found]
    default = "mean" if unit is Unit.SHARE else "sum"
    if any(finding.code == "repeated_rows" for finding in inquiry.findings):
        default = "last"  # pasted twice: the later row is the newer one
    first = min(twice)
    example = [value for _, _, value in twice[first]]
    shown = {how: spacing.combine(twice[first], how)[first] for how in ("sum", "last", "mean")}
    choices = [Choice(how, {"day": first.isoformat(), "value": shown[how]}) for how in shown]
    params: dict[str, Any] = {
        "days": len(twice),
        "day": first.isoformat(),
        "values": [f"{v:g}" for v in example[:5]],
    }
    code = "several_times_a_day" if times else "doubled_days"
    # Where exports overlap, some days come twice, slightly different: adding them up would make an effect.
    differing = any(len({value for _, _, value in found}) > 1 for found in twice.values())
    partly = not times and differing and len(twice) < len({day for _, day, _ in dated})
    how = inquiry.ask(code, choices, default, required=partly, params=params, rows=rows)
    inquiry.note(code, rows, Severity.WARNING, days=len(twice), how=how)
    by_day = spacing.combine(dated, how)
    return _whole_days(by_day, dated, inquiry) if times else by_day


def _whole_days(by_day: dict[date, float], dated: list[spacing.Dated], inquiry: Inquiry) -> dict[date, float]:
    """Days that lack some of their hours are missing, not small: most often the first and the last."""
    usual, cut = spacing.incomplete(dated)
    if cut:
        named = [day.isoformat() for day in cut[: spacing.NAMED]]
        inquiry.findings.append(
            Finding("incomplete_days", Severity.WARNING, {"days": named, "usual": usual}, count=len(cut))
        )
    return by_day | dict.fromkeys(cut, math.nan)


def _differences(by_day: dict[date, float], unit: Unit, inquiry: Inquiry) -> dict[date, float]:
    """Running totals are asked about: a total that only grows says nothing until it is taken apart."""
    seen = [(day, value) for day, value in by_day.items() if not math.isnan(value)]
    never_falls = all(b[1] >= a[1] for a, b in pairwise(seen))
    if unit is Unit.SHARE or len(seen) < 20 or not never_falls or len({v for _, v in seen}) < 0.8 * len(seen):
        return by_day
    choices = [Choice("keep"), Choice("difference")]
    if inquiry.ask("running_total", choices, "keep") == "keep":
        inquiry.note("looks_like_running_total", severity=Severity.WARNING)
        return by_day
    out: dict[date, float] = {}
    for (before, a), (day, b) in pairwise(seen):
        # A gap in a running total hides how its growth fell on the days between.
        out[day] = b - a if day - before == timedelta(days=1) else math.nan
    return out


def _trimmed(by_day: dict[date, float]) -> dict[date, float]:
    """Without missing days at both ends: they are not part of the series."""
    have = [day for day, value in by_day.items() if not math.isnan(value)]
    return {day: value for day, value in by_day.items() if have[0] <= day <= have[-1]}
