"""What the reader of series noticed and asks, in plain words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from tongpin.lib.series import Choice, Finding, Question, Series, SeriesError
from tongpin.modules.goals.wording.numbers import day, level, number

Params = dict[str, Any]
DAYS_NAMED = 6


def _list(items: Any) -> str:
    return _(", ").join(str(item) for item in items)


def _float(value: Any) -> float:
    return float(value)


def _named_days(f: Finding) -> str:
    named: Any = f.params.get("days") or []
    days = [day(str(d)) for d in named]
    text = _list(days[:DAYS_NAMED])
    count = max(f.count, len(days))
    return text + " …" if count > DAYS_NAMED else text


def _rows(count: int) -> str:
    return ngettext("%(n)s row", "%(n)s rows", count) % {"n": number(count, 0)}


def _separator(kind: Any) -> str:
    names = {
        "tab": _("tab"),
        "semicolon": _("semicolon"),
        "comma": _("comma"),
        "pipe": _("vertical bar"),
        "spaces": _("spaces"),
    }
    return names.get(str(kind), str(kind))


def _date_format(kind: Any) -> str:
    names = {
        "iso": "2026-03-01",
        "slashed": "2026/3/1",
        "chinese": "2026年3月1日",
        "compact": "20260301",
        "numeric": "3/1/2026",
        "numeric_no_year": "3/1",
        "chinese_no_year": "3月1日",
        "english": "Mar 1, 2026",
        "english_no_year": "Mar 1",
        "serial": _("Excel day numbers"),
        "cell": _("dates of a workbook"),
        "week": _("week numbers"),
        "month": _("months"),
    }
    return names.get(str(kind), str(kind))


def _columns(f: Finding) -> str:
    p = f.params
    return _("Day from %(day)s, value from %(value)s.") % {
        "day": _column(p.get("date_column"), p.get("date_name")),
        "value": _column(p.get("value_column"), p.get("value_name")),
    }


def _column(position: Any, name: Any) -> str:
    return f"“{name}”" if name else _("column %(n)s") % {"n": position}


def _missing(f: Finding) -> str:
    weekly = f.params.get("step") == 7
    text = (
        ngettext("%(n)s week has no value", "%(n)s weeks have no value", f.count)
        if weekly
        else ngettext("%(n)s day has no value", "%(n)s days have no value", f.count)
    )
    return _("%(what)s and stay missing, they are not 0: %(days)s") % {
        "what": text % {"n": number(f.count, 0)},
        "days": _named_days(f),
    }


def _several(f: Finding) -> str:
    how = {"sum": _("added up"), "mean": _("averaged"), "last": _("the last one taken")}.get(
        str(f.params.get("how")), ""
    )
    count = int(_float(f.params["days"]))
    return ngettext(
        "%(n)s day occurs more than once: %(how)s.", "%(n)s days occur more than once: %(how)s.", count
    ) % {"n": number(count, 0), "how": how}


_ORDER: dict[str, Callable[[], str]] = {
    "dmy": lambda: _("In the days, the day comes before the month."),
    "mdy": lambda: _("In the days, the month comes before the day."),
    "ymd": lambda: _("In the days, the year comes first."),
}

_SAY: dict[str, Callable[[Finding], str]] = {
    "encoding": lambda f: (
        _("The file is encoded as %(encoding)s.") % {"encoding": str(f.params["encoding"]).upper()}
    ),
    "separator": lambda f: _("Columns apart by: %(what)s.") % {"what": _separator(f.params["separator"])},
    "header": lambda f: _("Row %(row)s is the heading.") % {"row": f.params["row"]},
    "rows_before_header": lambda f: _("%(rows)s above the heading left out.") % {"rows": _rows(f.count)},
    "columns": _columns,
    "columns_cut": lambda f: (
        _("The table has %(columns)s columns; those after the first %(limit)s were not read.")
        % {"columns": number(_float(f.params["columns"]), 0), "limit": number(_float(f.params["limit"]), 0)}
    ),
    "transposed": lambda f: _("The days ran across; they were turned to run down."),
    "total_rows_skipped": lambda f: _("%(rows)s with totals left out.") % {"rows": _rows(f.count)},
    "full_width": lambda f: _("Full-width characters were read as ordinary ones."),
    "thousands_in_commas": lambda f: _("Commas inside the numbers were read as thousands: 1,234 is 1234."),
    "date_format": lambda f: (
        _("Days are written like %(format)s.") % {"format": _date_format(f.params["format"])}
    ),
    "mixed_date_formats": lambda f: (
        _("Days are written in more than one way; most like %(format)s.")
        % {"format": _date_format(f.params["common"])}
    ),
    "date_order": lambda f: _ORDER[str(f.params["order"])](),
    "year_inferred": lambda f: (
        _("The days have no year; %(year)s was taken for the last one.") % {"year": f.params["year"]}
    ),
    "bad_date": lambda f: (
        _("%(rows)s with a day that cannot be read left out: %(examples)s")
        % {"rows": _rows(f.count), "examples": _list(f.params.get("examples") or [])}
    ),
    "times_of_day": lambda f: _("The days come with a time; the time was ignored."),
    "thousands": lambda f: _("Numbers have thousands marks, as in 1,234."),
    "decimal_comma": lambda f: _("The comma is the decimal mark, as in 12,5."),
    "currency": lambda f: _("Currency signs were taken off."),
    "multiples": lambda f: _("万, 亿, k and the like were multiplied out."),
    "counters": lambda f: _("Words behind the numbers were taken off."),
    "percent": lambda f: _("Values are shares: 12.3% is 0.123."),
    "percent_mixed": lambda f: (
        _("Some values have a %% sign and %(rows)s have none.") % {"rows": _rows(f.count)}
    ),
    "empty_values": lambda f: _("%(rows)s without a value.") % {"rows": _rows(f.count)},
    "not_a_number": lambda f: (
        _("%(rows)s with something that is no number left out: %(examples)s")
        % {"rows": _rows(f.count), "examples": _list(f.params.get("examples") or [])}
    ),
    "uncalculated": lambda f: (
        _("%(rows)s with a formula that was never calculated left out: %(examples)s")
        % {"rows": _rows(f.count), "examples": _list(f.params.get("examples") or [])}
    ),
    "negative_values": lambda f: _("There are values below zero."),
    "repeated_rows": lambda f: (
        _("%(rows)s that say exactly what another one says were left out.") % {"rows": _rows(f.count)}
    ),
    "history_cut": lambda f: (
        _("Of %(days)s days the last two years are kept.") % {"days": number(_float(f.params["days"]), 0)}
    ),
    "doubled_days": _several,
    "several_times_a_day": _several,
    "incomplete_days": lambda f: (
        _("Days with fewer than the usual %(usual)s values are incomplete and taken as missing: %(days)s")
        % {"usual": number(_float(f.params["usual"]), 0), "days": _named_days(f)}
    ),
    "newest_first": lambda f: _("The newest day stood first; the order was turned."),
    "unsorted": lambda f: _("The days were not in order; they were sorted."),
    "future_days": lambda f: _("%(rows)s after today left out.") % {"rows": _rows(f.count)},
    "running_day": lambda f: _("Today is still running; it will be left out of the result."),
    "looks_like_running_total": lambda f: _(
        "The values never fall: this looks like a running total rather than daily values."
    ),
    "weekly": lambda f: _("One value a week, not a day."),
    "irregular": lambda f: _("The days are far apart, about %(gap)s days.") % {"gap": f.params["gap"]},
    "off_grid_days": lambda f: (
        _("Days off the weekly rhythm were left out: %(days)s") % {"days": _named_days(f)}
    ),
    "missing_days": _missing,
    "weekdays_only": lambda f: _("There are only weekdays; weekends are taken as missing, not as 0."),
    "short_series": lambda f: (
        _("Only %(have)s values. Six weeks before the launch would allow a real result.")
        % {"have": number(_float(f.params["have"]), 0)}
    ),
    "constant": lambda f: _("Every value is the same."),
}
CODES = frozenset(_SAY)


def say(finding: Finding) -> str:
    """What was noticed, in a sentence; an unknown code is shown as it is."""
    words = _SAY.get(finding.code)
    return words(finding) if words else finding.code.replace("_", " ")


def rows_named(finding: Finding) -> str:
    """``rows 4, 18, 19 …``; "" if none are named."""
    if not finding.rows:
        return ""
    text = _list([str(row) for row in finding.rows[:8]])
    if finding.count > 8:
        text += " …"
    return ngettext("row %(rows)s", "rows %(rows)s", len(finding.rows)) % {"rows": text}


_ASK: dict[str, Callable[[Question], str]] = {
    "sheet": lambda q: _("Which sheet?"),
    "date_column": lambda q: _("Which column holds the day?"),
    "value_column": lambda q: _("Which column holds the value?"),
    "date_order": lambda q: _("In which order are day, month and year written?"),
    "year": lambda q: _("Which year is the last day in?"),
    "decimal": lambda q: _("How is %(example)s to be read?") % {"example": q.params.get("example", "1.234")},
    "plain_beside_percent": lambda q: _("Some values have a % sign, some do not. What are those without?"),
    "unit": lambda q: _("Are these values shares?"),
    "doubled_days": lambda q: (
        _("Some days occur more than once (%(day)s: %(values)s). What is the day’s value?")
        % {"day": day(str(q.params["day"])), "values": _list(q.params["values"])}
    ),
    "several_times_a_day": lambda q: (
        _("There are several values a day (%(day)s: %(values)s). What is the day’s value?")
        % {"day": day(str(q.params["day"])), "values": _list(q.params["values"])}
    ),
    "too_long": lambda q: (
        _("These are %(days)s days, more than can be read; two years are plenty.")
        % {"days": number(_float(q.params["days"]), 0)}
    ),
    "running_total": lambda q: _("The values never fall. Are they a running total?"),
}
QUESTION_CODES = frozenset(_ASK)


def ask(question: Question) -> str:
    """The question in words."""
    words = _ASK.get(question.code)
    return words(question) if words else question.code.replace("_", " ")


def _value(choice: Choice) -> str:
    value = choice.params.get("value")
    return f" → {number(float(value))}" if isinstance(value, int | float) else ""


def choice(question: Question, one: Choice) -> str:
    """One answer in words."""
    p = one.params
    match question.code:
        case "sheet":
            return f"{p['name']} ({_rows(int(_float(p['rows'])))})"
        case "date_column" | "value_column":
            name = str(p.get("name") or _("column %(n)s") % {"n": p["column"]})
            return _("%(name)s (%(example)s)") % {"name": name, "example": p.get("example", "")}
        case "date_order":
            text = {"dmy": _("day first"), "mdy": _("month first"), "ymd": _("year first")}[one.key]
            return f"{text}: {day(str(p['example']))}" if p.get("example") else text
        case "year":
            return str(p["year"])
        case "decimal":
            text = _("point is the decimal mark") if one.key == "dot" else _("comma is the decimal mark")
            return text + _value(one)
        case _other:
            return _plain_choice(question.code, one.key) + _value(one)


def _plain_choice(code: str, key: str) -> str:
    words = {
        ("plain_beside_percent", "share"): _("shares (0.13 is 13%)"),
        ("plain_beside_percent", "percent"): _("per cent (13 is 13%)"),
        ("unit", "share"): _("yes, shares (0.13 is 13%)"),
        ("unit", "percent"): _("yes, per cent (13 is 13%)"),
        ("unit", "number"): _("no, plain numbers"),
        ("too_long", "recent"): _("keep only the last two years"),
        ("running_total", "keep"): _("no, daily values"),
        ("running_total", "difference"): _("yes, take the daily differences"),
    }
    if (code, key) in words:
        return words[code, key]
    return {"sum": _("the sum"), "last": _("the last one"), "mean": _("the average")}.get(key, key)


def overview(series: Series, unit: str = "") -> str:
    """``180 days (2 missing), 1 March to 29 August 2026, 131 a day on average``."""
    seen = [v for v in series.values if v == v]
    # A table without weekends misses none of them.
    rhythm = {day.weekday() for day, value in zip(series.days, series.values, strict=True) if value == value}
    missing = sum(day.weekday() in rhythm for day in series.missing_days())
    said = {
        "start": day(series.start),
        "end": day(series.end),
        "mean": level(sum(seen) / len(seen), unit, share=series.unit.value == "share") if seen else "–",
    }
    if series.step_days == 7:
        count = ngettext("%(n)s week", "%(n)s weeks", len(seen)) % {"n": number(len(seen), 0)}
        if missing:
            text = pgettext("weeks", "%(count)s (%(missing)s missing)")
            count = text % {"count": count, "missing": number(missing, 0)}
        return _("%(count)s, %(start)s to %(end)s, %(mean)s a week on average") % (said | {"count": count})
    count = ngettext("%(n)s day", "%(n)s days", len(seen)) % {"n": number(len(seen), 0)}
    if missing:
        text = pgettext("days", "%(count)s (%(missing)s missing)")
        count = text % {"count": count, "missing": number(missing, 0)}
    return _("%(count)s, %(start)s to %(end)s, %(mean)s a day on average") % (said | {"count": count})


_ERROR: dict[str, Callable[[Params], str]] = {
    "no_rows": lambda p: _("There are no rows with a day and a value in it."),
    "one_column": lambda p: _("There is only one column; a day and a value are needed."),
    "no_date_column": lambda p: _("No column with days was found."),
    "no_value_column": lambda p: (
        _("No column with numbers was found: “%(cell)s” in row %(row)s is none.") % p
        if p.get("cell")
        else _("No column with numbers was found.")
    ),
    "too_large": lambda p: _("This is more than %(limit)s MB.") % {"limit": number(p["limit"] / 1e6, 0)},
    "too_many_rows": lambda p: (
        _("%(rows)s rows are too many; the limit is %(limit)s.")
        % {"rows": number(p["rows"], 0), "limit": number(p["limit"], 0)}
    ),
    "too_many_bad_rows": lambda p: (
        _("%(bad)s of %(rows)s rows cannot be read.")
        % {"bad": number(p["bad"], 0), "rows": number(p["rows"], 0)}
    ),
    "too_short": lambda p: _("Only %(have)s values; at least %(need)s are needed.") % p,
    "monthly": lambda p: _(
        "These are monthly values. Daily or weekly ones are needed to tell an effect from noise."
    ),
    "broken_csv": lambda p: (
        _("Row %(row)s breaks the table: a quotation mark is not closed, or a cell is far too long.") % p
    ),
    "uncalculated": lambda p: (
        _("The table holds formulas that were never calculated (%(rows)s).")
        % {"rows": _rows(int(_float(p["rows"])))}
    ),
    "broken_workbook": lambda p: _("The workbook cannot be opened; it may be damaged or protected."),
    "old_excel": lambda p: _("This is an old Excel file (.xls)."),
    "not_a_table": lambda p: _("This file is not a table."),
    "unknown_encoding": lambda p: _("The text of this file cannot be read."),
    "unknown_answer": lambda p: _("“%(answer)s” is no possible answer here.") % p,
    "question_open": lambda p: _("Please answer the open question about the data first."),
    "uneven_spacing": lambda p: _("The days do not lie evenly (around %(day)s).") % {"day": day(p["day"])},
    "unknown_version": lambda p: _("A newer version of Tongpin wrote this."),
}
ERROR_CODES = frozenset(_ERROR)

_HINT: dict[str, Callable[[], str]] = {
    "paste_two_columns": lambda: _(
        "Copy two columns from Excel, the day and the value, and paste them here."
    ),
    "date_column_first": lambda: _("Put the days into a column of their own, for example 2026-03-01."),
    "numbers_in_one_column": lambda: _("Put the values into one column, as plain numbers."),
    "only_two_columns": lambda: _("Keep only the two columns that matter."),
    "aggregate_first": lambda: _("Add them up by day first, in Excel with a pivot table."),
    "look_at_rows": lambda: _("Look at the rows named below."),
    "more_history": lambda: _("Add the days before."),
    "daily_values": lambda: _("Export the same metric by day."),
    "save_again_as_csv": lambda: _("Open it in Excel and save it again as CSV."),
    "save_as_xlsx": lambda: _("Open it in Excel and save it as .xlsx."),
    "calculate_and_save": lambda: _("Open it in Excel, let it calculate, and save it again."),
    "save_as_utf8": lambda: _("Save it as CSV in UTF-8."),
    "csv_or_xlsx": lambda: _("Take a CSV or XLSX file, or paste the cells."),
}
HINT_CODES = frozenset(_HINT)


def error(failure: SeriesError) -> str:
    """Why there is no series."""
    words = _ERROR.get(failure.code)
    return words(failure.params) if words else failure.code.replace("_", " ")


def hint(failure: SeriesError) -> str:
    """What to do about it; "" if there is nothing particular."""
    words = _HINT.get(failure.hint)
    return words() if words else ""
