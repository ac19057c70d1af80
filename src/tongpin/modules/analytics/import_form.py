"""What each column of a file is: chosen from the names, changed by people, tried on the first rows."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import available_timezones

import orjson
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from tongpin.modules.analytics.importing import words
from tongpin.modules.analytics.importing.mapping import IMPORT, Columns, Rows, guess
from tongpin.modules.analytics.models import EventFile
from tongpin.modules.analytics.wire import limits
from tongpin.modules.analytics.wire.record import Record
from tongpin.modules.analytics.wire.telling import Unfit

SHOWN = 20
PROPERTY, LEFT_OUT = "property", "left_out"
ROLES = [
    ("event", pgettext_lazy("column", "Name of the event")),
    ("user", pgettext_lazy("column", "User ID")),
    ("time", pgettext_lazy("column", "Time")),
    ("id", pgettext_lazy("column", "ID of the event")),
    ("customer", pgettext_lazy("column", "Customer")),
    (PROPERTY, pgettext_lazy("column", "Property")),
    (LEFT_OUT, gettext_lazy("Leave out")),
]
ONCE = ("event", "user", "time", "id", "customer")


@dataclass(slots=True)
class Head:
    """One column: its place, name and first values, and what it is."""

    at: int
    name: str
    examples: list[str]
    role: str


@dataclass(slots=True)
class Tried:
    """One of the first rows: the event it becomes, or why it becomes none."""

    number: int
    record: Record | None = None
    properties: dict[str, Any] = field(default_factory=dict)
    why: str = ""


@dataclass(slots=True)
class ImportForm:
    """What was chosen for an uploaded file. ``problems`` say what is missing; then there is no ``columns``."""

    file: EventFile
    heads: list[Head]
    name: str
    zone: str
    problems: list[str] = field(default_factory=list)
    columns: Columns | None = None
    tried: list[Tried] = field(default_factory=list)

    @classmethod
    def guessed(cls, file: EventFile) -> ImportForm:
        """From the names of the columns."""
        said = guess(file.shape["columns"], file.workspace.time_zone)
        roles = {column: role for role, column in said.items() if role in ONCE}
        return cls._made(file, lambda _at, name: roles.get(name, PROPERTY), "", said["zone"])

    @classmethod
    def sent(cls, file: EventFile, data: Mapping[str, str]) -> ImportForm:
        """From a form: ``c0``, ``c1`` … are roles of columns, ``name`` and ``zone``."""
        known = {role for role, _label in ROLES}

        def role(at: int, _name: str) -> str:
            said = data.get(f"c{at}", "")
            return said if said in known else PROPERTY

        return cls._made(file, role, data.get("name", "").strip(), data.get("zone", ""))

    @classmethod
    def _made(cls, file: EventFile, role: Any, name: str, zone: str) -> ImportForm:
        sample = orjson.loads(bytes(file.sample))
        heads = [
            Head(at, column, _examples(sample, column), role(at, column))
            for at, column in enumerate(file.shape["columns"])
        ]
        form = cls(file, heads, name, zone)
        form._choose()
        if form.columns is not None:
            form._try(sample)
        return form

    def _choose(self) -> None:
        said: dict[str, list[str]] = {}
        for head in self.heads:
            said.setdefault(head.role, []).append(head.name)
        labels = dict(ROLES)
        for role in ONCE:
            if len(said.get(role, ())) > 1:
                self.problems.append(
                    _("“%(role)s” is chosen for more than one column.") % {"role": labels[role]}
                )
        if "user" not in said:
            self.problems.append(_("Choose which column is the user ID."))
        if "time" not in said:
            self.problems.append(_("Choose which column is the time."))
        if "event" not in said and not self.name:
            self.problems.append(
                _("Choose which column is the name of the event, or give all rows one name below.")
            )
        if len(self.name) > limits.NAME:
            self.problems.append(
                _("The name of the event is longer than %(n)d characters.") % {"n": limits.NAME}
            )
        if self.zone not in available_timezones():
            self.problems.append(_("Choose a time zone."))
        if self.problems:
            return
        chosen = {role: said[role][0] for role in ONCE if role in said}
        self.columns = Columns(
            **chosen,
            name="" if "event" in chosen else self.name,
            zone=self.zone,
            left_out=said.get(LEFT_OUT, []),
        )

    def _try(self, sample: list[Any]) -> None:
        assert self.columns is not None
        rows = Rows(self.columns, self.file.source.public_id, uuid.UUID(int=0))
        for number, cells, trouble in sample:
            one = Tried(number)
            try:
                one.record = rows.record(cells) if cells is not None else None
            except Unfit as unfit:
                trouble = unfit.detail
            if one.record is None:
                one.why = words.row(trouble)
            else:
                one.properties = {key: value for key, value in one.record.properties.items() if key != IMPORT}
            self.tried.append(one)

    @property
    def shown(self) -> list[Tried]:
        """The rows of the preview."""
        return self.tried[:SHOWN]

    @property
    def bad(self) -> list[Tried]:
        """Those of all that were looked at which are no events."""
        return [one for one in self.tried if one.record is None]

    @property
    def by_column(self) -> bool:
        """Whether a column names the events."""
        return any(head.role == "event" for head in self.heads)


def _examples(sample: list[Any], column: str) -> list[str]:
    found: dict[str, None] = {}
    for _number, cells, _trouble in sample:
        value = (cells or {}).get(column)
        if value not in (None, ""):
            text = value if isinstance(value, str) else orjson.dumps(value).decode()
            found[text[:60]] = None
        if len(found) == 3:
            break
    return list(found)
