"""Segments as questions ask about them: found by id, with all that their rules ask about."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import ValidationError

from tongpin.kernel.errors import Invalid
from tongpin.modules.analytics.insights.members import Known, People
from tongpin.modules.analytics.insights.scope import Scope
from tongpin.modules.analytics.insights.segment import RULE, Rule, mentioned
from tongpin.modules.analytics.insights.unread import unread
from tongpin.modules.analytics.models import Segment

DEEPEST = 5
"""Segments that ask about segments, the first counted."""


def ready(asked: Any, scope: Scope, people: People) -> Scope:
    """The scope with every segment that a question or rule asks about.

    Raises Invalid, with its name, for one that was deleted, and for those there are not or that go round in a ring.
    """
    wanted = mentioned(asked)
    if wanted <= scope.segments.keys():
        return scope
    return dataclasses.replace(scope, segments={**scope.segments, **known(scope.workspace, wanted, people)})


def known(
    workspace: UUID, wanted: Iterable[UUID], people: People, without: UUID | None = None
) -> dict[UUID, Known]:
    """These segments of a workspace (its public id) and those their rules ask about, but ``without`` the one whose rule
    is about to be another. Raises Invalid."""
    found: dict[UUID, Known] = {}
    missing = set(wanted) - {without}
    while missing:
        rows = Segment._base_manager.filter(workspace__public_id=workspace, public_id__in=missing)
        for row in rows:
            if row.deleted_at is not None:
                raise Invalid(
                    _("The segment “%(name)s” was deleted.") % {"name": row.name}, code="segment_deleted",
                    hint=_("Bring it back, or take it out of what is asked."),
                )  # fmt: skip
            found[row.public_id] = of(row, people)
        if unknown := missing - found.keys():
            raise Invalid(
                _("There is no such segment: %(id)s.") % {"id": min(map(str, unknown))},
                code="segment_unknown",
                hint=_("Choose another, or take it out of what is asked."),
            )
        missing = {each for one in found.values() for each in mentioned(one.rule)} - found.keys() - {without}
    if without is None:
        for each in found:
            depth(each, found)
    return found


def read(said: Any) -> Rule:
    """A rule from what a page, a file or a program said (a dict, or JSON text). Raises Invalid with the place."""
    try:
        return RULE.validate_json(said) if isinstance(said, str | bytes) else RULE.validate_python(said)
    except ValidationError as problem:
        place, reason = unread(problem)
        raise Invalid(
            _("This rule cannot be read: %(place)s: %(problem)s") % {"place": place, "problem": reason},
            code="rule_unreadable",
            hint=_("Change it and try again. The guide to segments says what each field takes."),
        ) from problem


def of(row: Segment, people: People) -> Known:
    """One segment, by its row."""
    rule = RULE.validate_python(row.rule) if row.rule is not None else None
    return Known(row.public_id, row.name, row.unit, row.customer_kind, rule, people)


def depth(start: UUID, found: Mapping[UUID, Known], above: tuple[UUID, ...] = ()) -> int:
    """How many segments ask about one another from here, this one counted. Raises Invalid for a ring, for too many
    and where users are asked to be among customers."""
    one = found[start]
    if start in above or len(above) >= DEEPEST:
        raise Invalid(
            _("Segments ask about one another at most %(n)d deep, and never in a ring: “%(name)s”.")
            % {"n": DEEPEST, "name": one.name},
            code="segment_ring",
        )
    if one.rule is not None:
        fits(one.rule, found)
    inner = mentioned(one.rule)
    return 1 + max((depth(each, found, (*above, start)) for each in inner), default=0)


def fits(rule: Rule, found: Mapping[UUID, Known]) -> None:
    """Raises Invalid where a rule asks whether its users are in a segment of customers, or the other way round."""
    for part in rule.who.every():
        other = found.get(getattr(part, "segment", None))  # type: ignore[arg-type]
        if other is not None and (
            other.unit != rule.unit or (rule.unit == "customer" and other.customer_kind != rule.customer_kind)
        ):
            raise Invalid(
                _("The segment “%(name)s” is not made of what this one is made of.") % {"name": other.name},
                code="segment_of_others",
            )
