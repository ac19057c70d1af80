"""Ask a question: the one door from pages, API, command line, dashboards and metrics."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from pydantic import ValidationError

from tongpin.kernel import clock
from tongpin.kernel.errors import Invalid
from tongpin.kernel.store import client
from tongpin.modules.analytics.insights import (
    attribution,
    funnel,
    lifecycle,
    paths,
    retention,
    sessions,
    stickiness,
    trends,
)
from tongpin.modules.analytics.insights.schema import QUESTION, AnyQuestion, Breakdown, Sessions
from tongpin.modules.analytics.insights.scope import Scope
from tongpin.modules.analytics.insights.statement import Statement
from tongpin.modules.analytics.insights.unread import unread
from tongpin.modules.analytics.models import EventName
from tongpin.modules.analytics.queries import segment_rules

KINDS: dict[str, Any] = {
    "attribution": attribution,
    "funnel": funnel,
    "lifecycle": lifecycle,
    "paths": paths,
    "retention": retention,
    "sessions": sessions,
    "stickiness": stickiness,
    "trends": trends,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One statement as it went to the store, and what it was given."""

    sql: str
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the kind's own result, when it was asked (UTC), and the statements."""

    result: dict[str, Any]
    at: datetime
    asked: list[Asked]


def read(said: Any) -> AnyQuestion:
    """A question from what a page, a file or a program said (a dict, or JSON text). Raises Invalid with the place."""
    try:
        return (
            QUESTION.validate_json(said) if isinstance(said, str | bytes) else QUESTION.validate_python(said)
        )
    except ValidationError as problem:
        raise unreadable(problem) from problem


def unreadable(problem: ValidationError) -> Invalid:
    """What is wrong with a question, or a part of one, and where."""
    place, reason = unread(problem)
    return Invalid(
        _("This question cannot be read: %(place)s: %(problem)s") % {"place": place, "problem": reason},
        code="question_unreadable",
        hint=_("Change it and ask again. The guide to insights says what each field takes."),
    )


def told(question: AnyQuestion) -> dict[str, Any]:
    """The question as it is kept: JSON values, only what differs from the defaults."""
    kept: dict[str, Any] = json.loads(question.model_dump_json(by_alias=True, exclude_defaults=True))
    return {"kind": question.kind, **kept}


def filled(question: AnyQuestion, scope: Scope) -> AnyQuestion:
    """With the catalogue's key events, where a question leaves to it which these are."""
    if not isinstance(question, Sessions) or question.key_events is not None:
        return question
    rows = EventName.objects.filter(workspace__public_id=scope.workspace, key_event=True)
    return question.model_copy(update={"key_events": list(rows.values_list("name", flat=True))})


def answer(question: AnyQuestion, scope: Scope) -> Answer:
    """Ask the store. Callers have checked that the actor may see the workspace's events. All that one question takes to
    be asked has the time of one question together (``settings.QUESTION_SECONDS``).

    Raises Invalid if the question cannot be asked as it is, StoreUnavailable, QueryTooHeavy.
    """
    if question.kind not in KINDS:
        raise Invalid(
            _("Questions of this kind are not answered yet: %(kind)s.") % {"kind": question.kind},
            code="kind_not_answered",
            hint=_("Answered are: %(kinds)s.") % {"kinds": ", ".join(KINDS)},
        )
    asked: list[Asked] = []
    until = time.monotonic() + settings.QUESTION_SECONDS

    def ask(st: Statement, sql: str) -> client.Rows:
        asked.append(Asked(sql, dict(st.parameters)))
        left = ceil(until - time.monotonic())
        if left <= 0:
            raise client.QueryTooHeavy(busy=False)
        return st.ask(sql, left)

    at = clock.now()
    scope = segment_rules.ready(question, scope, people)
    try:
        result = KINDS[question.kind].answer(filled(question, scope), scope, ask)
    except ValueError as problem:
        raise Invalid(
            _("This question has no answer: %(problem)s") % {"problem": problem},
            code="question_unanswerable",
            hint=_("Change it and ask again. The guide to insights says what each field takes."),
        ) from problem
    by: Breakdown | None = getattr(question, "breakdown", None)
    if by is not None and by.segments:
        result["segments"] = {str(each): scope.segments[each].name for each in by.segments}
    return Answer(result, at, asked)


def people(question: AnyQuestion, scope: Scope, point: dict[str, Any]) -> tuple[Statement, str]:
    """Who is behind a point of the answer: a SELECT of ``who`` (UInt64; the hash of a customer's key where customers
    are counted). Raises Invalid if there is no such point, or no such segment as it asks about."""
    scope = segment_rules.ready(question, scope, people)
    try:
        found: tuple[Statement, str] = KINDS[question.kind].people(filled(question, scope), scope, point)
    except (ValueError, KeyError, TypeError) as problem:
        raise Invalid(_("There is no such point."), field="point") from problem
    return found
