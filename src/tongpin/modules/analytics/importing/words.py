"""What is wrong with a file, or with one row of it, in the reader's words."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.utils.translation import gettext as _


def why(code: str) -> str:
    """Why a file cannot be read: a code of ``reading.FileRefused``."""
    return {
        "empty": _("The file is empty."),
        "no_columns": _("The first line of a CSV must name its columns, each once."),
        "wide": _("The file has more than 500 columns."),
        "encoding": _("The characters of the file cannot be read. Save it as UTF-8."),
        "separator": _("A separator is one character."),
        "damaged": _("The file breaks off, or is damaged."),
        "parquet": _("The Parquet file cannot be read."),
        "lost": _("The file is not here any more."),
    }[code]


#: What ``mapping`` and ``reading`` say of a row, which is kept in English, and how a reader hears it.
_ROWS: list[tuple[str, Callable[[], str]]] = [
    (r"“(?P<column>.*)” is no time: (?P<value>.*)", lambda: _("“%(column)s” is no time: %(value)s")),
    (r"“(?P<column>.*)” is missing\.", lambda: _("“%(column)s” is empty.")),
    (
        r"“(?P<column>.*)” is longer than (?P<n>\d+) characters\.",
        lambda: _("“%(column)s” is longer than %(n)s characters."),
    ),
    (
        r"(?P<n>\d+) cells where the heading has (?P<heading>\d+)",
        lambda: _("%(n)s cells where the heading has %(heading)s."),
    ),
    (r"not JSON: .*", lambda: _("The line is no JSON.")),
    (r"not a JSON object", lambda: _("The line is no JSON object.")),
    (r"nested deeper than (?P<n>\d+) levels", lambda: _("Its values are nested deeper than %(n)s levels.")),
    (r"larger than (?P<n>\d+) MiB", lambda: _("It is larger than %(n)s MB.")),
    (r"the row: more than (?P<n>\d+) properties\.", lambda: _("It has more than %(n)s properties.")),
    (
        r"the row: a name is longer than (?P<n>\d+) characters\.",
        lambda: _("The name of a property is longer than %(n)s characters."),
    ),
    (r"field larger than field limit .*", lambda: _("A cell is too long.")),
]


def row(detail: str) -> str:
    """Why a row is no event: what is kept of it, in the reader's language where we know how."""
    for pattern, words in _ROWS:
        if found := re.fullmatch(pattern, detail, re.S):
            return words() % found.groupdict()
    return detail
