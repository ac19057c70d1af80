"""How the command line says no: in the reader's language, as text or as JSON, never as a traceback."""

from __future__ import annotations

import json
import sys
from typing import Any, NoReturn

import click
from django.utils.translation import gettext as _

from tongpin.lib.effects import SpecError
from tongpin.lib.series import Question, SeriesDraft, SeriesError
from tongpin.modules.goals.wording import failures, findings

SCHEMA = "tongpin.look_back/1"
"""Name and version of the JSON this prints. Keys are only ever added under one version."""

EXIT_REFUSED = 2
EXIT_BROKEN = 1
OPTIONS = {
    "sheet": "--sheet",
    "date_column": "--date-column",
    "value_column": "--value-column",
    "date_order": "--date-order",
    "year": "--year",
    "decimal": "--decimal",
    "doubled_days": "--doubled",
    "several_times_a_day": "--doubled",
    "too_long": "--too-long",
    "unit": "--unit",
    "plain_beside_percent": "--plain",
    "running_total": "--running-total",
}
"""The option that answers each question of the reader."""


class Refused(Exception):
    """What was asked cannot be done. ``details`` are further lines; ``questions`` those that must be answered."""

    def __init__(
        self,
        code: str,
        message: str,
        hint: str = "",
        details: tuple[str, ...] = (),
        questions: tuple[Question, ...] = (),
    ) -> None:
        self.code, self.message, self.hint = code, message, hint
        self.details, self.questions = details, questions
        super().__init__(message)


def of_series(error: SeriesError, draft: SeriesDraft | None) -> Refused:
    """Why the file is no series, row by row, with the questions it leaves open."""
    said = [
        f"{findings.say(found)} {findings.rows_named(found)}".rstrip()
        for found in error.findings
        if found.severity.value != "info"
    ]
    questions = draft.open_questions if draft is not None else ()
    return Refused(error.code, findings.error(error), findings.hint(error), tuple(said), questions)


def of_spec(error: SpecError) -> Refused:
    """Why the question cannot be asked so."""
    return Refused(error.code, failures.spec_error(error), failures.spec_hint(error.code))


def of_usage(error: click.UsageError) -> Refused:
    """What is wrong with the command itself; our own types have said it in the reader's language already."""
    hint = _("tongpin bet evaluate --help lists what it takes.")
    name = getattr(getattr(error, "param", None), "opts", [""])[-1]
    match error:
        case click.MissingParameter():
            name = name if name.startswith("-") else name.upper()
            return Refused("missing_option", _("%(option)s is missing.") % {"option": name}, hint)
        case click.BadParameter():
            text = _("%(option)s: %(what)s") % {"option": name, "what": error.message}
            return Refused("bad_option", text, hint)
        case click.NoSuchOption():
            text = _("There is no option %(option)s.") % {"option": error.option_name}
            return Refused("no_such_option", text, hint)
        case _other:
            return Refused("bad_usage", error.format_message(), hint)


def of_accident(error: Exception) -> Refused:
    """Something nobody foresaw."""
    text = _("Something went wrong in the program, not in your file: %(what)s") % {
        "what": f"{type(error).__name__}: {error}"[:300]
    }
    return Refused("unexpected", text, _("Please report it together with the command you gave."))


def show(refused: Refused, *, as_json: bool) -> NoReturn:
    """JSON on standard output, else text on standard error; then the exit code."""
    if as_json:
        error = {
            "code": refused.code,
            "message": "\n".join((refused.message, *refused.details)),
            "hint": refused.hint,
            "questions": [asked(question) for question in refused.questions],
        }
        click.echo(json.dumps({"schema": SCHEMA, "error": error}, ensure_ascii=False, indent=2))
    else:
        lines = [" ".join(filter(None, [refused.message, refused.hint]))]
        lines += [f"  - {detail}" for detail in refused.details]
        for question in refused.questions:
            lines.append(f"  ? {findings.ask(question)}")
            lines += [
                f"      {OPTIONS[question.code]} {choice.key}   {findings.choice(question, choice)}"
                for choice in question.choices
            ]
        click.secho("\n".join(lines), fg="red", err=True)
    sys.exit(EXIT_BROKEN if refused.code == "unexpected" else EXIT_REFUSED)


def asked(question: Question) -> dict[str, Any]:
    """A question of the reader as JSON, with its words and the option that answers it."""
    return {**question.to_json(), "text": findings.ask(question), "option": OPTIONS[question.code]}
