"""Conditions on properties as a question states them, and their SQL."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from tongpin.modules.analytics.insights.statement import Statement

MOST_CONDITIONS = 50
MOST_VALUES = 1000
Plain = str | bool | int | float


class Strict(BaseModel):
    """A part of a question: what it does not know is refused, not ignored."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, frozen=True)


class On(StrEnum):
    """Whose property it is."""

    EVENT = "event"
    PERSON = "person"
    CUSTOMER = "customer"


class Op(StrEnum):
    """How a property is compared. Text is compared exactly, case and all (SPEC I3)."""

    IS = "is"
    IS_NOT = "is_not"
    CONTAINS = "contains"
    CONTAINS_NOT = "contains_not"
    MATCHES = "matches"
    MATCHES_NOT = "matches_not"
    OVER = "gt"
    AT_LEAST = "gte"
    UNDER = "lt"
    AT_MOST = "lte"
    SET = "set"
    NOT_SET = "not_set"
    EMPTY = "empty"
    NOT_EMPTY = "not_empty"


_NUMBERS = {Op.OVER: ">", Op.AT_LEAST: ">=", Op.UNDER: "<", Op.AT_MOST: "<="}
_NEGATIVE = {
    Op.IS_NOT: Op.IS, Op.CONTAINS_NOT: Op.CONTAINS, Op.MATCHES_NOT: Op.MATCHES, Op.NOT_SET: Op.SET,
    Op.NOT_EMPTY: Op.EMPTY,
}  # fmt: skip
NO_VALUE = frozenset({Op.SET, Op.NOT_SET, Op.EMPTY, Op.NOT_EMPTY})
"""What is asked of a property by itself. Empty: it is there, and is a text of no letters."""


class Condition(Strict):
    """One property compared with a value, or with any of several. A missing property fulfils only the negative ones.

    ``customer_kind`` says which customer of the event is meant where ``on`` is a customer.
    """

    property: Annotated[str, Field(min_length=1, max_length=200)]
    op: Op = Op.IS
    value: Plain | list[Plain] | None = None
    on: On = On.EVENT
    customer_kind: Annotated[str, Field(max_length=200)] = "company"

    @model_validator(mode="before")
    @classmethod
    def _of_no_letters(cls, said: Any) -> Any:
        """One spelling for empty text: a form's field left blank says that nothing has been typed yet."""
        op = said.get("op", Op.IS) if isinstance(said, dict) else None
        if op in (Op.IS, Op.IS_NOT) and said.get("value") == "":
            return {**said, "op": Op.EMPTY if op == Op.IS else Op.NOT_EMPTY, "value": None}
        return said

    @model_validator(mode="after")
    def _fits(self) -> Condition:
        if self.op in NO_VALUE:
            return self
        if self.value is None or self.value == []:
            raise ValueError(_("the value is missing"))
        if isinstance(self.value, list) and (self.op in _NUMBERS or len(self.value) > MOST_VALUES):
            raise ValueError(
                _("one value only") if self.op in _NUMBERS else _("at most %(n)d values") % {"n": MOST_VALUES}
            )
        if self.op in _NUMBERS and not _is_number(self.value):
            raise ValueError(_("the value is not a number"))
        return self


class InSegment(Strict):
    """Whether whoever did it is in a segment of users, or the customer it was done for in one of customers."""

    on: Literal["segment"] = "segment"
    segment: UUID
    op: Literal["in", "not_in"] = "in"


def _which(said: Any) -> str | None:
    """What a part of a group is, by what only it has."""
    if isinstance(said, BaseModel):
        return {Group: "group", InSegment: "segment"}.get(type(said), "condition")
    if not isinstance(said, dict):
        return None
    if said.keys() & {"match", "of"}:
        return "group"
    return "segment" if "segment" in said or said.get("on") == "segment" else "condition"


Part = Annotated[
    Annotated["Group", Tag("group")]
    | Annotated[InSegment, Tag("segment")]
    | Annotated[Condition, Tag("condition")],
    Discriminator(_which),
]


class Group(Strict):
    """Conditions of which all or any must hold."""

    match: Literal["all", "any"] = "all"
    of: Annotated[list[Part], Field(max_length=MOST_CONDITIONS)] = Field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.of)


def given(value: Any) -> Any:
    """``{"path": "/x"}`` and a bare list of conditions as the group they mean; anything else as it is."""
    if isinstance(value, list):
        return {"of": value}
    if isinstance(value, dict) and not value.keys() & {"match", "of"}:
        return {"of": [{"property": name, "value": each} for name, each in value.items()]}
    return value


def _is_number(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def sql(st: Statement, where: Condition | InSegment | Group) -> str:
    """The condition as SQL on a row of ``events``: never NULL."""
    if isinstance(where, Group):
        if not where.of:
            return "1"
        glue = " AND " if where.match == "all" else " OR "
        return "(" + glue.join(sql(st, each) for each in where.of) + ")"
    if isinstance(where, InSegment):
        found = st.in_segment(where.segment)
        return found if where.op == "in" else f"NOT {found}"
    if where.on is On.EVENT:
        return _compare(st, where, st.text(where.property), lambda: st.number(where.property))
    inside, negative = told_by(st, where)
    mine = st.person if where.on is On.PERSON else f"customers[{st.value(where.customer_kind)}]"
    found = f"{mine} IN ({inside})"
    return f"NOT ({found})" if negative else f"({found})"


def told_by(st: Statement, where: Condition) -> tuple[str, bool]:
    """A SELECT of the users (``person``) or customers (``key``) whose properties fulfil the positive of a condition,
    and whether it is a negative one that was asked for."""
    positive, negative = parted(where)
    shown, raw = st.told(where.property)
    holds = _compare(st, positive, shown, lambda: st.as_number(shown, raw))
    known = f"WHERE workspace = {{workspace:UUID}} AND NOT deleted AND {holds}"
    if where.on is On.PERSON:
        return f"SELECT person FROM persons FINAL {known}", negative
    kind = st.value(where.customer_kind)
    return f"SELECT key FROM customers FINAL {known} AND kind = {kind}", negative


def parted(where: Condition) -> tuple[Condition, bool]:
    """A condition as the positive one it is about, and whether that must not hold."""
    return where.model_copy(update={"op": _NEGATIVE.get(where.op, where.op)}), where.op in _NEGATIVE


def _compare(st: Statement, where: Condition, text: str, number: Any) -> str:
    """The comparison of one value; ``text`` is Nullable(String), ``number()`` Nullable(Float64)."""
    if where.op in _NEGATIVE:
        positive = where.model_copy(update={"op": _NEGATIVE[where.op]})
        return f"NOT {_compare(st, positive, text, number)}"
    if where.op is Op.SET:
        return f"isNotNull({text})"
    if where.op is Op.EMPTY:
        return f"ifNull({text} = '', 0)"
    if where.op in _NUMBERS:
        assert isinstance(where.value, str | int | float)  # checked when it was read
        value = st.value(float(where.value), "Float64")
        return f"ifNull({number()} {_NUMBERS[where.op]} {value}, 0)"
    values = where.value if isinstance(where.value, list) else [where.value]
    if where.op is Op.IS:
        texts = [each if isinstance(each, str) else str(each) for each in values]
        numbers = [
            float(each) for each in values if isinstance(each, int | float) and not isinstance(each, bool)
        ]
        found = f"ifNull({text} IN {st.value(texts, 'Array(String)')}, 0)"
        if numbers:
            found = f"({found} OR ifNull({number()} IN {st.value(numbers, 'Array(Float64)')}, 0))"
        return found
    call = "positionCaseInsensitiveUTF8({0}, {1}) > 0" if where.op is Op.CONTAINS else "match({0}, {1})"
    return "(" + " OR ".join(f"ifNull({call.format(text, st.value(str(each)))}, 0)" for each in values) + ")"
