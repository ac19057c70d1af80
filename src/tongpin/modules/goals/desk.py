"""What the page of a new look back shows: what was understood of the data, what is open, what the window can tell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tongpin.kernel.tenancy.models import Workspace
from tongpin.lib.effects import Detectable, Note, SizeUnit, SpecError, plan
from tongpin.lib.series import Question, Series, SeriesDraft, SeriesError, Severity
from tongpin.modules.goals import charts, reading
from tongpin.modules.goals.forms import LookBackForm, blank
from tongpin.modules.goals.models import LookBack
from tongpin.modules.goals.wording import failures, findings, notes, numbers
from tongpin.modules.goals.wording.notes import Params

NOISE = 0.7
"""The interval's half width as a share of the smallest detectable effect (1.96 / 2.80 at 80 % power)."""

_ASKED_OF = {"looks_like_running_total": "running_total", "percent_mixed": "plain_beside_percent"}
"""Findings that a question of another code tells as well."""

WORKBOOK_LIMIT = 2_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """Something noticed: ``severity`` info, warning, error; ``rows`` names them."""

    severity: str
    text: str
    rows: str


@dataclass(frozen=True, slots=True)
class Option:
    key: str
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its chips. ``name`` is the field's; ``open`` while it must still be answered."""

    name: str
    text: str
    options: list[Option]
    open: bool


@dataclass(slots=True)
class Power:
    """What the window can show, in words; ``enough`` is None without an expectation."""

    noise: str
    smallest: str
    enough: bool | None = None
    verdict: str = ""


@dataclass(slots=True)
class Desk:
    """The page. ``series`` is None until the data can be read without open questions."""

    form: LookBackForm
    series: Series | None = None
    overview: str = ""
    error: str = ""
    hint: str = ""
    notes: list[Line] = field(default_factory=list)
    warnings: list[Line] = field(default_factory=list)
    questions: list[Asked] = field(default_factory=list)
    sheets: Asked | None = None
    chart: dict[str, Any] | None = None
    launch_error: str = ""
    spec_errors: dict[str, str] = field(default_factory=dict)
    power: Power | None = None
    short_of: str = ""
    share: bool = False

    @property
    def ready(self) -> bool:
        """A result can be asked for."""
        return self.series is not None and self.form.is_valid() and not self.spec_errors

    @property
    def first_launch(self) -> date | None:
        """The earliest day that can have been the launch: one with a day before it."""
        return self.series.start + timedelta(days=1) if self.series else None

    @property
    def launch(self) -> date | None:
        found: date | None = self.form.cleaned_data.get("launch") if self.form.is_bound else None
        return found


def lay_out(
    values: Mapping[str, Any], workspace: Workspace, today: date, upload: UploadedFile[bytes] | None = None
) -> Desk:
    """Read what was typed or uploaded. Nothing that was typed is dropped, whatever is wrong with it."""
    # The fields below the data are only there once the data could be read: until then they have their defaults.
    typed = blank(workspace) | dict(values)
    upload_error: SeriesError | None = None
    if upload is not None:
        try:
            _take_upload(typed, upload)
        except SeriesError as error:
            upload_error = error
    _take_sheet(typed)
    answers = {name[7:]: str(value) for name, value in typed.items() if name.startswith("answer_") and value}
    draft, unread = _read(str(typed.get("text") or ""), answers, today)
    unread = upload_error or unread
    series = draft.series if draft and not draft.open_questions and upload_error is None else None
    share = bool(series and series.unit.value == "share")
    form = _form(typed, share)
    desk = Desk(form=form, series=series, share=share, sheets=_sheets(typed))
    if draft is not None:
        _describe(desk, draft)
    if unread is not None:
        desk.error, desk.hint = findings.error(unread), findings.hint(unread)
    if series is not None:
        _ask_of(desk, series, today)
    return desk


def _read(text: str, answers: dict[str, str], today: date) -> tuple[SeriesDraft | None, SeriesError | None]:
    if not text.strip():
        return None, None
    try:
        draft = reading.read(text, answers, today)
    except SeriesError as error:
        if error.code != "unknown_answer" or not answers:
            return None, error
        # The answers were to another table that stood here before.
        return _read(text, {}, today)
    return draft, draft.error


def _form(typed: dict[str, Any], share: bool) -> LookBackForm:
    form = LookBackForm(typed, share=share)
    allowed = [key for key, _label in form.fields["expected_unit"].choices]  # type: ignore[attr-defined]
    if typed.get("expected_unit") not in allowed:
        typed["expected_unit"] = allowed[0]
    form.is_valid()
    return form


def _take_upload(typed: dict[str, Any], upload: UploadedFile[bytes]) -> None:
    """Put the file's table where a paste would be. Raises SeriesError."""
    name = upload.name or ""
    if upload.size is not None and upload.size > reading.MAX_CHARACTERS:
        raise SeriesError("too_large", {"limit": reading.MAX_CHARACTERS}, "only_two_columns")
    found = reading.sheets(name, upload.read())
    for key in [key for key in typed if key.startswith("answer_")]:
        del typed[key]
    first = next((i for i, sheet in enumerate(found) if _has_table(sheet.text)), 0)
    typed |= {"text": found[first].text, "source_name": name, "workbook": "", "sheet_shown": ""}
    if len(found) > 1 and sum(len(sheet.text) for sheet in found) < WORKBOOK_LIMIT:
        typed["workbook"] = json.dumps([[sheet.name, sheet.text] for sheet in found], ensure_ascii=False)
        typed["sheet"] = typed["sheet_shown"] = str(first)


def _has_table(text: str) -> bool:
    try:
        return reading.read(text, {}, date.max).series is not None
    except SeriesError:
        return False


def _workbook(typed: Mapping[str, Any]) -> list[tuple[str, str]]:
    try:
        return [(str(name), str(text)) for name, text in json.loads(str(typed.get("workbook") or "[]"))]
    except (ValueError, TypeError):
        return []


def _take_sheet(typed: dict[str, Any]) -> None:
    """Another sheet was chosen: its rows take the place of the first one's."""
    wanted, shown = str(typed.get("sheet") or ""), str(typed.get("sheet_shown") or "")
    book = _workbook(typed)
    if wanted == shown or not wanted.isdecimal() or int(wanted) >= len(book):
        return
    for key in [key for key in typed if key.startswith("answer_")]:
        del typed[key]
    typed |= {"text": book[int(wanted)][1], "sheet_shown": wanted}


def _sheets(typed: Mapping[str, Any]) -> Asked | None:
    book = _workbook(typed)
    if len(book) < 2:
        return None
    shown = str(typed.get("sheet_shown") or "0")
    options = [Option(str(i), name, str(i) == shown) for i, (name, _text) in enumerate(book)]
    return Asked("sheet", _("Which sheet?"), options, open=False)


def _describe(desk: Desk, draft: SeriesDraft) -> None:
    if draft.series is not None:
        desk.overview = findings.overview(draft.series, str(desk.form.data.get("unit") or ""))
    asked = {question.code for question in draft.questions}
    for found in draft.findings:
        if _ASKED_OF.get(found.code, found.code) in asked:
            continue  # the question says it already
        line = Line(found.severity.value, findings.say(found), findings.rows_named(found))
        (desk.notes if found.severity is Severity.INFO else desk.warnings).append(line)
    still_open = {question.code for question in draft.open_questions}
    desk.questions = [_asked(question, draft, still_open) for question in draft.questions]
    # What blocks comes first.
    desk.questions.sort(key=lambda asked: not asked.open)


def _asked(question: Question, draft: SeriesDraft, still_open: set[str]) -> Asked:
    given = draft.answers.get(question.code) or ("" if question.code in still_open else question.default)
    options = [Option(one.key, findings.choice(question, one), one.key == given) for one in question.choices]
    return Asked(f"answer_{question.code}", findings.ask(question), options, question.code in still_open)


def _ask_of(desk: Desk, series: Series, today: date) -> None:
    """The chart, and if a launch day is chosen, what its window can show."""
    question = desk.form.question()
    launch = question.get("launch")
    metric = str(desk.form.data.get("metric") or series.name or _("The metric"))
    desk.chart = charts.of_series(series, metric, launch, int(question.get("window_days") or 14))
    if launch is None:
        return
    row = LookBack(
        **{k: v for k, v in question.items() if k != "others"}, others=question.get("others", []), as_of=today
    )
    try:
        spec = row.to_spec()
        reading.check(series, spec)
        found = plan(series, spec)
    except SpecError as error:
        name = error.field_name or "launch"
        desk.spec_errors[name] = failures.spec_error(error)
        return
    if found is not None:
        desk.power = _power(found, row, desk)
    last = series.end + timedelta(days=series.step_days - 1)
    if last < spec.window_end:
        ends: Params = {
            "last_day": last.isoformat(),
            "window_end": spec.window_end.isoformat(),
        }
        desk.short_of = notes.say(Note("data_end_early", ends))


def _power(found: Detectable, row: LookBack, desk: Desk) -> Power:
    unit, value = _in_unit(found, row, desk.share)
    metric_unit = str(desk.form.data.get("unit") or "")
    days = ngettext("%(n)s day", "%(n)s days", row.window_days) % {"n": row.window_days}
    power = Power(
        noise=_("An average over %(days)s moves by about ±%(size)s on its own: that is normal noise.")
        % {"days": days, "size": numbers.size(NOISE * value, unit, metric_unit, signed=False)},
        smallest=_("%(days)s can show an effect of %(size)s or more.")
        % {"days": days, "size": numbers.size(value, unit, metric_unit, signed=False)},
    )
    if found.confirms_expected is None:
        return power
    power.enough = found.confirms_expected
    if found.confirms_expected:
        power.verdict = _("Enough to confirm what you expected.")
    elif found.weeks_needed:
        weeks = ngettext("%(n)s week", "%(n)s weeks", found.weeks_needed) % {"n": found.weeks_needed}
        power.verdict = _("Too short to confirm what you expected: that would take about %(weeks)s.") % {
            "weeks": weeks
        }
    else:
        power.verdict = _(
            "Too noisy to confirm what you expected, however long the window: a metric nearer to the"
            " change would show it."
        )
    return power


def _in_unit(found: Detectable, row: LookBack, share: bool) -> tuple[SizeUnit, float]:
    """The smallest effect in the unit the person thinks in."""
    if share and row.expected_unit != SizeUnit.RELATIVE.value:
        return SizeUnit.POINTS, found.absolute
    if row.expected_unit == SizeUnit.ABSOLUTE.value or found.relative is None:
        return (SizeUnit.POINTS if share else SizeUnit.ABSOLUTE), found.absolute
    return SizeUnit.RELATIVE, found.relative
