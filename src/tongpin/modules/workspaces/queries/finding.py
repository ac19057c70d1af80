"""Rows found by what a person types: a part of a name, or its pinyin from any syllable, whole, initials or mixed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from tongpin.lib import pinyin

M = TypeVar("M", bound=Model)


def find(
    rows: QuerySet[M], text: str, *, within: Iterable[str], spoken: str, also: Q | None = None
) -> QuerySet[M]:
    """Rows with the text in one of the fields ``within``, or said by ``spoken`` (syllables apart by spaces), or that
    fit ``also``. All of them for no text.
    """
    return (
        rows.filter(fitting(text, within=within, spoken=spoken) | (also or Q(pk=None)))
        if text.strip()
        else rows
    )


def fitting(text: str, *, within: Iterable[str], spoken: str) -> Q:
    """The condition of ``find``."""
    text = text.strip()
    found = Q()
    for field in within:
        found |= Q(**{f"{field}__icontains": text})
    said = pinyin.typed(text)
    if said:
        # Each letter goes on in its syllable or begins the next one: shenyn, syn and yinuo are all 沈一诺.
        letters = "([a-z0-9]* )?".join(said)
        found |= Q(**{f"{spoken}__regex": rf"(^| ){letters}"})
    return found
