"""Reading the file under the options: what they name is found or refused, and none is ignored."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from tongpin.lib.series import SeriesDraft, read_file
from tongpin.modules.goals.terminal.refusal import OPTIONS, Refused

_ANSWERS = {
    "date_order": "date_order",
    "year": "year",
    "decimal": "decimal",
    "unit": "unit",
    "plain": "plain_beside_percent",
    "running_total": "running_total",
    "too_long": "too_long",
}
"""Options that answer a question as they are."""

_MUST_APPLY = ("date_order", "year", "plain_beside_percent")


def read(file: str, given: dict[str, Any], today: date) -> SeriesDraft:
    """What the file says. Raises ``SeriesError`` or ``Refused``."""
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        text = _("The file cannot be read: %(why)s") % {"why": error.strerror or error}
        raise Refused("unreadable_file", text) from error
    answers = {code: str(given[name]) for name, code in _ANSWERS.items() if given[name] is not None}
    draft = read_file("stdin.csv" if file == "-" else Path(file).name, data, today=today, answers=answers)
    if given["sheet"] is not None:
        names = [grid.name for grid in draft.grids]
        draft = _answered(draft, "sheet", _place(given["sheet"], names, range(len(names)), "sheet"))
    for code in ("date_column", "value_column"):
        if given[code] is not None:
            offered = draft.layout.date_columns if code == "date_column" else draft.layout.value_columns
            draft = _answered(draft, code, _place(given[code], draft.layout.names, offered, code))
    asked = {question.code for question in draft.questions}
    if given["doubled"] is not None:
        doubled = asked & {"doubled_days", "several_times_a_day"}
        draft = draft.with_answers(dict.fromkeys(doubled, given["doubled"]))
    unfit = [code for code in _MUST_APPLY if code in answers and code not in asked]
    if answers.get("running_total") == "difference" and "running_total" not in asked:
        unfit.append("running_total")
    if unfit:
        text = _("%(option)s does not apply: the file leaves nothing of that kind open.")
        raise Refused("option_not_applicable", text % {"option": OPTIONS[unfit[0]]}, _("Leave it out."))
    return draft


def _answered(draft: SeriesDraft, code: str, place: int) -> SeriesDraft:
    """With the sheet or column chosen; where there is only that one, there is nothing to choose."""
    if any(question.code == code for question in draft.questions):
        return draft.with_answers({code: str(place)})
    return draft


def _place(wanted: str, names: Any, offered: Any, code: str) -> int:
    """The position somebody means by a name or a number counted from 1."""
    same = [place for place in offered if names[place].strip().lower() == wanted.strip().lower()]
    by_number = int(wanted) - 1 if wanted.isdecimal() else -1
    if same:
        return int(same[0])
    if by_number in offered:
        return by_number
    choices = _(", ").join(f"{place + 1} {names[place]}".strip() for place in list(offered)[:20])
    if len(offered) > 20:
        choices += " …"
    text = {
        "sheet": _("There is no sheet “%(wanted)s”."),
        "date_column": _("There is no column of days “%(wanted)s”."),
        "value_column": _("There is no column of numbers “%(wanted)s”."),
    }[code]
    hint = _("Choose one of: %(choices)s") % {"choices": choices}
    raise Refused(f"unknown_{code}", text % {"wanted": wanted}, hint)
