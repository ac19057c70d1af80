"""The rule of a segment 人群, as pages, API, command line and saved segments write it. Unknown fields are refused.

A rule is evaluated at a day of the workspace: relative dates count back from it, and what happened later does not
count. ``VERSION`` counts what would make an old reader misread a new rule.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import BaseModel, BeforeValidator, Discriminator, Field, Tag, TypeAdapter, model_validator

from tongpin.modules.analytics.insights.conditions import (
    MOST_CONDITIONS,
    Condition,
    InSegment,
    On,
    Strict,
    given,
)
from tongpin.modules.analytics.insights.schema import AnyQuestion, Breakdown, Day, Pick

VERSION = 1
DEEPEST = 4
"""Groups inside each other, the outermost counted."""
MOST_PARTS = 50
"""Conditions of a rule, in all its groups."""
MOST_TIMES = 1_000_000


class Did(Pick):
    """Whether somebody did an event so many times between two local dates, both counted. ``from`` None is ever.

    ``lte`` and ``eq`` of few hold for those who never did it, too; ``done`` False turns the whole around.
    """

    on: Literal["event"] = "event"
    done: bool = True
    op: Literal["gte", "lte", "eq"] = "gte"
    times: Annotated[int, Field(ge=0, le=MOST_TIMES)] = 1
    first: Annotated[Day | None, Field(alias="from")] = None
    last: Annotated[Day, Field(alias="to")] = "today"

    @model_validator(mode="after")
    def _ordered(self) -> Did:
        plain = self.first is not None and self.first[:1].isdigit() and self.last[:1].isdigit()
        if (
            plain and self.first is not None and self.last < self.first
        ):  # relative ones are told when it is asked
            raise ValueError(_("the range ends before it begins"))
        return self


class Behind(Strict):
    """Whether somebody is behind a number: a point of the answer to a question, asked anew each time."""

    question: AnyQuestion
    point: dict[str, Any] = Field(default_factory=dict)
    op: Literal["in", "not_in"] = "in"


def _which(said: Any) -> str | None:
    """What a part of a rule is, by what only it has."""
    if isinstance(said, BaseModel):
        return {Parts: "group", Did: "did", Behind: "behind", InSegment: "segment"}.get(
            type(said), "condition"
        )
    if not isinstance(said, dict):
        return None
    if said.keys() & {"match", "of"}:
        return "group"
    if "question" in said:
        return "behind"
    if "segment" in said or said.get("on") == "segment":
        return "segment"
    if "event" in said or (said.get("on") == "event" and "property" not in said):
        return "did"
    return "condition"


Part = Annotated[
    Annotated["Parts", Tag("group")]
    | Annotated[Behind, Tag("behind")]
    | Annotated[InSegment, Tag("segment")]
    | Annotated[Did, Tag("did")]
    | Annotated[Condition, Tag("condition")],
    Discriminator(_which),
]


class Parts(Strict):
    """Parts of which all or any must hold."""

    match: Literal["all", "any"] = "all"
    of: Annotated[list[Part], Field(max_length=MOST_CONDITIONS)] = Field(default_factory=list)

    def every(self) -> Iterator[Any]:
        """The conditions of all groups."""
        for part in self.of:
            yield from part.every() if isinstance(part, Parts) else (part,)

    @property
    def depth(self) -> int:
        """Groups inside each other, this one counted."""
        return 1 + max((part.depth for part in self.of if isinstance(part, Parts)), default=0)


class Rule(Strict):
    """Who belongs to a segment: users, or customers of one kind."""

    version: Literal[1] = 1
    unit: Literal["user", "customer"] = "user"
    customer_kind: Annotated[str, Field(min_length=1, max_length=200)] = "company"
    who: Annotated[Parts, BeforeValidator(given)]

    @model_validator(mode="before")
    @classmethod
    def _owned(cls, said: Any) -> Any:
        """Properties are those of whom the segment is made of, where a rule does not say whose."""
        if not isinstance(said, dict) or not isinstance(said.get("who"), dict | list):
            return said
        whose = On.CUSTOMER if said.get("unit") == "customer" else On.PERSON
        return {
            **said,
            "who": _filled(given(said["who"]), str(whose), str(said.get("customer_kind", "company"))),
        }

    @model_validator(mode="after")
    def _fits(self) -> Rule:
        if self.who.depth > DEEPEST:
            raise ValueError(_("at most %(n)d groups inside each other") % {"n": DEEPEST})
        parts = list(self.who.every())
        if not parts:
            raise ValueError(_("it takes at least one condition"))
        if len(parts) > MOST_PARTS:
            raise ValueError(_("at most %(n)d conditions") % {"n": MOST_PARTS})
        for part in parts:
            self._check(part)
        return self

    def _check(self, part: Any) -> None:
        whose = On.PERSON if self.unit == "user" else On.CUSTOMER
        if isinstance(part, Condition) and part.on is not whose:
            raise ValueError(
                _("of users only their own properties can be asked, and what they did")
                if self.unit == "user"
                else _("of customers only their own properties can be asked, and what was done in their name")
            )
        if (
            isinstance(part, Condition)
            and self.unit == "customer"
            and part.customer_kind != self.customer_kind
        ):
            raise ValueError(_("the segment is made of customers of another kind"))
        if isinstance(part, Behind) and (
            part.question.unit != self.unit
            or (self.unit == "customer" and part.question.customer_kind != self.customer_kind)
        ):
            raise ValueError(_("the number does not count what the segment is made of"))


RULE: TypeAdapter[Rule] = TypeAdapter(Rule)


def _filled(node: Any, whose: str, kind: str) -> Any:
    """With whose property it is, in every condition that leaves it out."""
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("of"), list):
        return {**node, "of": [_filled(each, whose, kind) for each in node["of"]]}
    if _which(node) != "condition":
        return node
    more = {"customer_kind": kind} if whose == On.CUSTOMER else {}
    return {"on": whose, **more, **node}


def told(rule: Rule) -> dict[str, Any]:
    """The rule as it is kept: JSON values, only what differs from the defaults, each part still what it was."""
    kept: dict[str, Any] = json.loads(rule.model_dump_json(by_alias=True, exclude_defaults=True))
    kept["who"] = _told(rule.who)
    return kept


def _told(part: Any) -> dict[str, Any]:
    if isinstance(part, Parts):
        return {"match": part.match, "of": [_told(each) for each in part.of]}
    kept: dict[str, Any] = json.loads(part.model_dump_json(by_alias=True, exclude_defaults=True))
    if isinstance(part, Did):
        return {"event": part.event, **kept}
    if isinstance(part, Behind):
        return {**kept, "question": {"kind": part.question.kind, **kept["question"]}}
    return kept


def mentioned(node: Any) -> set[UUID]:
    """The segments that a question or a rule asks about, at any depth of it (not those that these ask about)."""
    if isinstance(node, InSegment):
        return {node.segment}
    if isinstance(node, Breakdown):
        return set(node.segments)
    inner: Any = ()
    if isinstance(node, BaseModel):
        inner = (getattr(node, name) for name in type(node).model_fields)
    elif isinstance(node, list | tuple):
        inner = node
    found: set[UUID] = set()
    for each in inner:
        found |= mentioned(each)
    return found
