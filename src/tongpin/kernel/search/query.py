"""Finding: exact substrings, of any length, among what the actor may see."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from tongpin.kernel import objects
from tongpin.kernel.objects import Card
from tongpin.kernel.search.models import SearchDocument
from tongpin.kernel.tenancy.actor import Actor
from tongpin.lib.grams import needed, normalise
from tongpin.lib.pinyin import typed

#: Longer questions are cut: nobody types them, and a body pasted into the box must not become a heavy query.
QUERY_LIMIT = 200
WORDS_LIMIT = 8
FIRST_BATCH = 60
BATCH_GROWTH = 5


def find(actor: Actor, text: str, types: Iterable[str] | None = None, limit: int = 20) -> list[Card]:
    """Cards of the objects whose title or body holds every word of ``text``, best first, at most ``limit``.

    A word matches anywhere, also inside a word; case, width and composed characters do not matter; letters
    also match pinyin from a syllable's start. Order: title begins with the text, title, pinyin, body; newest
    first within each. ``types`` restricts the answer to those type keys. Only what ``visible_to`` gives the
    actor is in it.
    """
    phrase = normalise(text[:QUERY_LIMIT])
    if not phrase or actor.workspace is None or limit < 1:
        return []
    wanted = [key for key, kind in objects.types().items() if kind.search is not None]
    if types is not None:
        wanted = [key for key in types if key in wanted]
    found: list[Card] = []
    kinds = objects.types()
    open_to = [key for key in wanted if (may := kinds[key].body_open) is None or may(actor)]
    for batch in _batches(actor.workspace.pk, phrase, wanted, open_to, limit):
        cards = objects.cards(actor, batch)
        found += [cards[reference] for reference in batch if reference in cards]
        if len(found) >= limit:
            break
    return found[:limit]


def latest(actor: Actor, types: Iterable[str], limit: int = 20) -> list[Card]:
    """Cards of what changed last among the types and the actor may see, newest first, at most ``limit``."""
    if actor.workspace is None:
        return []
    rows = SearchDocument.objects.filter(workspace=actor.workspace, type__in=list(types))
    newest = list(rows.order_by("-changed_at", "-id").values_list("type", "object_id")[:FIRST_BATCH])
    cards = objects.cards(actor, newest)
    return [cards[reference] for reference in newest if reference in cards][:limit]


@dataclass(frozen=True, slots=True)
class _Tier:
    """One way to match; all of a person's words are in ``params``. ``where`` has only column names in it."""

    where: str
    params: list[Any]
    reads_body: bool = False


def _tiers(phrase: str) -> list[_Tier]:
    """The ways to match the phrase, best first; a document may match in several."""
    words = list(dict.fromkeys(phrase.split(" ")))[:WORDS_LIMIT]
    grams = sorted({gram for word in words for gram in needed(word)})
    spoken = typed(phrase)
    titles = " AND ".join(["strpos(title, %s) > 0"] * len(words))
    texts = " AND ".join(["(strpos(title, %s) > 0 OR strpos(body, %s) > 0)"] * len(words))
    found = [
        _Tier(
            "title_grams @> %s::text[] AND strpos(title, %s) = 1",
            [[*grams, SearchDocument.START + phrase[:2]], phrase],
        ),
        _Tier(f"title_grams @> %s::text[] AND {titles}", [grams, *words]),
    ]
    if spoken:
        start = SearchDocument.SPOKEN + spoken[:2]
        found.append(_Tier("grams @> %s::text[] AND strpos(pinyin, %s) > 0", [[start], f" {spoken}"]))
    found.append(
        _Tier(
            f"grams @> %s::text[] AND {texts}",
            [grams, *(word for word in words for _ in range(2))],
            reads_body=True,
        )
    )
    return found


def _batches(
    workspace_id: int, phrase: str, types: list[str], open_to: list[str], limit: int
) -> Iterator[list[tuple[str, uuid.UUID]]]:
    """Matching references, best first, each once, in batches that grow: who may see little needs many candidates.

    ``open_to`` are the types whose bodies may be looked into.
    """
    seen: set[tuple[str, uuid.UUID]] = set()
    size = max(FIRST_BATCH, limit)
    for tier in _tiers(phrase):
        offset, rows = 0, None
        while rows is None or len(rows) == size:
            if rows is not None:
                offset += size
                size *= BATCH_GROWTH
            rows = _read(tier, workspace_id, open_to if tier.reads_body else types, size, offset)
            fresh = [reference for reference in rows if reference not in seen]
            seen.update(fresh)
            if fresh:
                yield fresh


def _read(
    tier: _Tier, workspace_id: int, types: list[str], size: int, offset: int
) -> list[tuple[str, uuid.UUID]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT type, object_id FROM search_searchdocument"  # noqa: S608  see _Tier
            f" WHERE workspace_id = %s AND type = ANY(%s) AND {tier.where}"
            " ORDER BY changed_at DESC, id DESC LIMIT %s OFFSET %s",
            [workspace_id, types, *tier.params, size, offset],
        )
        return [(key, public_id) for key, public_id in cursor.fetchall()]
