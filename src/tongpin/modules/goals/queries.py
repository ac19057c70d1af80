"""Reads of look backs. Every one starts from what the actor may see."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Window

from tongpin.kernel import paging
from tongpin.kernel.errors import Invalid, NotFound
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.lib.effects import Result
from tongpin.modules.goals.enums import LookBackState
from tongpin.modules.goals.models import LookBack

PAGE = 30
HEAVY = ("series", "result", "findings")
"""Columns a list never shows."""

RESULT_FILTERS: dict[str, tuple[str, ...]] = {
    "met": (Result.MET.value,),
    "partly": (Result.PARTLY.value,),
    "missed": (Result.MISSED.value, Result.MISSED_TOO_SMALL.value),
    "negative": (Result.NEGATIVE.value,),
    "unclear": (Result.CANT_TELL.value,),
}
OPEN = "open"
"""The filter for those without a result."""


@dataclass(frozen=True, slots=True)
class Search:
    """What narrows a list besides the result: words of the title or the metric, and whose they are."""

    text: str = ""
    mine: bool = False

    def condition(self, actor: Actor) -> Q:
        """Every word must occur."""
        found = Q(owner=actor.user) if self.mine else Q()
        for word in self.text.split():
            found &= Q(title__icontains=word) | Q(metric__icontains=word)
        return found


def lookback(actor: Actor, public_id: uuid.UUID) -> LookBack:
    """One look back with its author and owner. Raises NotFound."""
    row: LookBack | None = (
        LookBack.objects.visible_to(actor)
        .select_related("author", "owner", "reading_by", "workspace")
        .filter(public_id=public_id)
        .first()
    )
    if row is None:
        raise NotFound
    return row


def listed(actor: Actor) -> QuerySet[Any]:
    """What lists show, newest first, without the heavy columns."""
    rows: QuerySet[Any] = (
        LookBack.objects.visible_to(actor)
        .select_related("author", "owner", "workspace")
        .defer(*HEAVY)
        .order_by("-public_id")
    )
    return rows


def lookbacks(
    actor: Actor, *, result: str = "", search: Search | None = None, cursor: str = "", limit: int = PAGE
) -> paging.Page[LookBack]:
    """A page of look backs, newest first. ``result`` is a key of RESULT_FILTERS or "open".

    Raises Invalid for an unknown filter or cursor.
    """
    rows = listed(actor).filter((search or Search()).condition(actor))
    if result == OPEN:
        rows = rows.filter(word="")
    elif result:
        if result not in RESULT_FILTERS:
            raise Invalid(field="result", code="unknown_filter")
        rows = rows.filter(word__in=RESULT_FILTERS[result])
    return paging.page(rows, cursor, limit, newest_first=True)


def counts(actor: Actor, search: Search) -> dict[str, int]:
    """How many there are for each filter of the result, "" for all of them; one query."""
    rows = (
        LookBack.objects.visible_to(actor)
        .filter(search.condition(actor))
        .order_by()
        .values_list("word")
        .annotate(n=Count("pk"))
    )
    found: dict[str, int] = dict(rows)
    by_filter = {key: sum(found.get(word, 0) for word in words) for key, words in RESULT_FILTERS.items()}
    return {"": sum(found.values()), OPEN: found.get("", 0), **by_filter}


def has_any(actor: Actor) -> bool:
    """Whether there is any look back to be seen."""
    return LookBack.objects.visible_to(actor).exists()


def has_result(actor: Actor) -> bool:
    """Whether any look back has its result."""
    return LookBack.objects.visible_to(actor).filter(state=LookBackState.DONE).exists()


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest look backs the actor sees, and how many there are: in all and with a result."""

    rows: list[LookBack]
    total: int
    done: int


def latest(actor: Actor, limit: int) -> Latest:
    """One query."""
    rows = list(
        listed(actor).annotate(
            in_all=Window(Count("pk")), with_result=Window(Count("pk", filter=Q(state=LookBackState.DONE)))
        )[:limit]
    )
    return Latest(rows, rows[0].in_all, rows[0].with_result) if rows else Latest([], 0, 0)


def owned_by(actor: Actor, member: Membership) -> QuerySet[LookBack]:
    """What a member answers for, newest first."""
    rows: QuerySet[LookBack] = listed(actor).filter(owner=member.user_id)
    return rows
