"""``tongpin bet evaluate``: the same honest result from a file, with no server and no database."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

SCHEMA = "tongpin.look_back/1"
"""Name and version of the JSON this prints. Keys are only ever added under one version."""

EXIT_REFUSED = 2
_SIZE = re.compile(r"^\s*([+\-−]?)\s*(\d+(?:\.\d+)?)\s*(%|％|pts?|points?|个点|点)?\s*$", re.IGNORECASE)


class Measure(click.ParamType):  # type: ignore[type-arg]
    """``+5%``, ``-3``, ``4pts``: sign, number and unit."""

    name = "size"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, float, str]:
        if isinstance(value, tuple):
            return value
        match = _SIZE.match(value)
        if match is None or float(match[2]) == 0:
            self.fail(f"{value!r} is no size; write for example +5%, -3 or 4pts", param, ctx)
        sign = "-" if match[1] in {"-", "−"} else "+" if match[1] else ""
        unit = (match[3] or "").lower()
        return sign, float(match[2]), "relative" if unit in {"%", "％"} else "points" if unit else "absolute"


@click.group()
def bet() -> None:
    """What a launch was expected to do, and what it did."""


@bet.command()
@click.argument("file", type=click.Path(allow_dash=True, dir_okay=False, exists=True))
@click.option(
    "--launch", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The first day it was visible."
)
@click.option(
    "--window", type=click.IntRange(1, 366), default=14, show_default=True, help="Days to judge it by."
)
@click.option(
    "--expect",
    type=Measure(),
    help="What was expected: +5%, -3 (the metric's unit), 4pts. A minus: down is good.",
)
@click.option("--worth", type=Measure(), help="The smallest size worth having.")
@click.option(
    "--direction",
    type=click.Choice(["up", "down"]),
    help="Which way is good; else the sign of --expect, else up.",
)
@click.option(
    "--rollout-days",
    type=click.IntRange(0, 90),
    default=0,
    help="Days from the launch that belong to neither side.",
)
@click.option(
    "--country",
    default="CN",
    show_default=True,
    metavar="CODE",
    help="Whose holidays count; 'none' for none.",
)
@click.option(
    "--scale",
    type=click.Choice(["auto", "log", "logit", "linear"]),
    default="auto",
    show_default=True,
    help="How days are compared: by ratio, odds or difference; auto decides by the values.",
)
@click.option(
    "--other-launch",
    multiple=True,
    metavar="DAY",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Something else that launched; may be given again.",
)
@click.option("--sheet", metavar="NAME|N", help="Sheet of a workbook.")
@click.option("--date-column", metavar="NAME|N", help="Column of the day, by heading or number.")
@click.option("--value-column", metavar="NAME|N", help="Column of the value, by heading or number.")
@click.option("--date-order", type=click.Choice(["dmy", "mdy"]), help="Which comes first in 3/4/2026.")
@click.option(
    "--year", type=click.IntRange(1970, 2099), help="Year of the last day, where the days have none."
)
@click.option("--decimal", type=click.Choice(["dot", "comma"]), help="The decimal mark.")
@click.option(
    "--doubled",
    type=click.Choice(["sum", "mean", "last"]),
    help="The value of a day that occurs more than once.",
)
@click.option("--too-long", type=click.Choice(["recent"]), help="More days than can be read: keep two years.")
@click.option("--unit", type=click.Choice(["number", "share", "percent"]), help="What the values are.")
@click.option(
    "--plain",
    type=click.Choice(["share", "percent"]),
    help="What values without a %% sign are among some with one.",
)
@click.option(
    "--running-total",
    type=click.Choice(["keep", "difference"]),
    help="Values that never fall: keep them, or take daily differences.",
)
@click.option("--no-second-opinion", is_flag=True, help="Skip the second method; twice as fast.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.option(
    "--language", type=click.Choice(["en", "zh"]), help="Language of the answer; else that of the terminal."
)
def evaluate(file: str, **given: Any) -> None:
    """Did that launch work? Reads FILE (CSV, TSV, XLSX; - for standard input) and says so.

    Exit code 0 when there is an answer, whatever it is; 2 when the file or the question cannot be read.
    """
    _speak(given["language"])
    from tongpin.lib.series import SeriesError  # noqa: PLC0415  `tongpin --help` must not wait for numpy

    try:
        draft = _read(file, given)
        series = draft.resolve()
    except SeriesError as error:
        _refuse_series(error, locals().get("draft"))
    _conclude(file, draft, series, given)


def _speak(language: str | None) -> None:
    """Activate the reader's language; Django's translations, and nothing else of Django."""
    import django  # noqa: PLC0415
    from django.apps import apps  # noqa: PLC0415
    from django.conf import settings  # noqa: PLC0415
    from django.utils import translation  # noqa: PLC0415

    if not settings.configured:
        settings.configure(
            USE_I18N=True, LOCALE_PATHS=[str(Path(__file__).parent / "locale")], INSTALLED_APPS=[]
        )
    if not apps.ready:
        django.setup()
    spoken = language or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    translation.activate("zh-hans" if spoken.lower().startswith("zh") else "en")


def _today() -> date:
    from tongpin.kernel import clock  # noqa: PLC0415

    return clock.now().astimezone().date()


def _read(file: str, given: dict[str, Any]) -> Any:
    from tongpin.lib.series import SeriesError, read_file  # noqa: PLC0415

    data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    name = "stdin.csv" if file == "-" else Path(file).name
    answers = {
        code: str(given[option])
        for code, option in (
            ("date_order", "date_order"),
            ("year", "year"),
            ("decimal", "decimal"),
            ("unit", "unit"),
            ("plain_beside_percent", "plain"),
            ("running_total", "running_total"),
            ("too_long", "too_long"),
        )
        if given[option] is not None
    }
    draft = read_file(name, data, today=_today(), answers=answers)
    # Columns and sheets are named by people; the reader knows them by position.
    for code, option in (
        ("sheet", "sheet"),
        ("date_column", "date_column"),
        ("value_column", "value_column"),
    ):
        if given[option] is not None:
            key = _position(draft, code, given[option])
            if key is None:
                raise SeriesError("unknown_answer", {"question": code, "answer": given[option]})
            draft = draft.with_answers({code: key})
    if given["doubled"] is not None:
        codes = {question.code for question in draft.questions} & {"doubled_days", "several_times_a_day"}
        draft = draft.with_answers(dict.fromkeys(codes, given["doubled"]))
    return draft


def _position(draft: Any, code: str, wanted: str) -> str | None:
    question = next((q for q in draft.questions if q.code == code), None)
    for choice in question.choices if question else ():
        number = choice.params.get("column", int(choice.key) + 1)
        if wanted in {str(choice.params.get("name")), str(number)}:
            return str(choice.key)
    return None


def _conclude(file: str, draft: Any, series: Any, given: dict[str, Any]) -> None:
    from tongpin.lib.effects import SpecError, evaluate  # noqa: PLC0415
    from tongpin.lib.effects.calendars import UnknownCountry  # noqa: PLC0415
    from tongpin.modules.goals.wording import failures  # noqa: PLC0415

    try:
        effect = evaluate(series, _spec(given), second_opinion=not given["no_second_opinion"])
    except SpecError as error:
        _fail(failures.spec_error(error))
    except UnknownCountry:
        _fail(failures.by_code("unknown_country", {}))
    else:
        if given["as_json"]:
            click.echo(json.dumps(_as_json(file, draft, series, effect), ensure_ascii=False, indent=2))
        else:
            click.echo("\n".join(_lines(draft, series, effect)))


def _spec(given: dict[str, Any]) -> Any:
    from tongpin.lib.effects import Direction, LookBackSpec, OtherLaunch, Scale, Size, SizeUnit  # noqa: PLC0415

    expect, worth = given["expect"], given["worth"]
    direction = given["direction"] or ("down" if expect and expect[0] == "-" else "up")
    country = given["country"].upper()
    launch: datetime = given["launch"]
    return LookBackSpec(
        launch=launch.date(),
        window_days=given["window"],
        expected=_as_size(expect, Size, SizeUnit),
        worth=_as_size(worth, Size, SizeUnit),
        direction=Direction(direction),
        scale=Scale(given["scale"]),
        country=None if country in {"NONE", ""} else country,
        partial_days=given["rollout_days"],
        as_of=_today(),
        other_launches=tuple(OtherLaunch(day.date()) for day in given["other_launch"]),
    )


def _as_size(measure: tuple[str, float, str] | None, size: Any, unit: Any) -> Any:
    if measure is None:
        return None
    _sign, value, kind = measure
    return size(value / 100 if kind == "relative" else value, unit(kind))


def _as_json(file: str, draft: Any, series: Any, effect: Any) -> dict[str, Any]:
    from tongpin.lib.effects import effect_to_json  # noqa: PLC0415
    from tongpin.modules.goals.wording import findings, notes, results  # noqa: PLC0415

    name = series.name or _metric(series)
    return {
        "schema": SCHEMA,
        "file": file,
        "series": {
            "name": series.name,
            "unit": series.unit.value,
            "step_days": series.step_days,
            "start": series.start.isoformat(),
            "end": series.end.isoformat(),
            "observed": series.observed,
            "missing": len(series.missing_days()),
        },
        "findings": [{**finding.to_json(), "text": findings.say(finding)} for finding in draft.findings],
        "questions": [{**question.to_json(), "text": findings.ask(question)} for question in draft.questions],
        "words": {
            "result": results.word(effect.result),
            "evidence": results.evidence(effect.evidence),
            "answer": results.answer(effect, name),
            "reasons": [notes.say(note) for note in effect.reasons],
            "next_steps": [notes.say(note) for note in effect.next_steps],
            "warnings": [notes.say(note) for note in effect.warnings],
        },
        "effect": effect_to_json(effect),
    }


def _lines(draft: Any, series: Any, effect: Any) -> Sequence[str]:
    from django.utils.translation import gettext as _  # noqa: PLC0415

    from tongpin.modules.goals import sizes  # noqa: PLC0415
    from tongpin.modules.goals.wording import findings, method, notes, results  # noqa: PLC0415

    name = series.name or _metric(series)
    out = [
        f"{results.word(effect.result)}  ·  {results.evidence(effect.evidence)}",
        results.answer(effect, name),
        "",
    ]
    lead = sizes.lead(effect)
    if lead is not None:
        label = _("Measured") if lead.has_interval else _("Observed change")
        out.append(f"{label}: {lead.value} {lead.interval}".rstrip())
    if effect.spec.expected:
        out.append(f"{_('Expected')}: {sizes.asked(effect.spec.expected, effect.spec.direction)}")
    out += [f"{label}: {value}" for label, value in results.chances(effect)]
    for title, said in (
        (_("Why"), effect.reasons),
        (_("What next"), effect.next_steps),
        (_("Mind that"), effect.warnings),
    ):
        if said:
            out += ["", title, *(f"  - {notes.say(note)}" for note in said)]
    out += ["", _("The data"), f"  {findings.overview(series)}"]
    out += [f"  - {findings.say(found)}" for found in draft.findings if found.severity.value != "info"]
    out += ["", _("How it was computed"), *(f"  {text}" for text in method.paragraphs(effect, name) if text)]
    out += ["", _("Looked back on afterwards: the expectation was not locked before the launch.")]
    return out


def _metric(series: Any) -> str:
    from django.utils.translation import gettext as _  # noqa: PLC0415

    return _("the metric")


def _refuse_series(error: Any, draft: Any) -> None:
    """Say what is wrong, row by row, and which option answers an open question."""
    from tongpin.modules.goals.wording import failures, findings  # noqa: PLC0415

    lines = [failures.series_error(error)]
    for found in error.findings:
        if found.severity.value != "info":
            lines.append(f"  - {findings.say(found)} {findings.rows_named(found)}".rstrip())
    for question in draft.open_questions if draft is not None else ():
        lines.append(f"  ? {findings.ask(question)}")
        option = "--" + {"plain_beside_percent": "plain"}.get(question.code, question.code).replace("_", "-")
        lines += [
            f"      {option} {choice.key}   {findings.choice(question, choice)}"
            for choice in question.choices
        ]
    _fail("\n".join(lines))


def _fail(message: str) -> None:
    click.secho(message, fg="red", err=True)
    sys.exit(EXIT_REFUSED)
