"""Finding: exact substrings, of any length, among what the actor may see."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection

from tongpin.kernel import objects
from tongpin.kernel.objects import Card
from tongpin.kernel.search.documents import SPOKEN
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
    for batch in _batches(actor.workspace.pk, phrase, wanted, limit):
        cards = objects.cards(actor, batch)
        found += [cards[reference] for reference in batch if reference in cards]
        if len(found) >= limit:
            break
    return found[:limit]


def _batches(
    workspace_id: int, phrase: str, types: list[str], limit: int
) -> Iterator[list[tuple[str, uuid.UUID]]]:
    """Matching references, best first, in batches that grow: someone who may see little needs many
    candidates."""
    sql, params = _statement(workspace_id, phrase, types)
    size, offset = max(FIRST_BATCH, limit), 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(f"{sql} LIMIT %s OFFSET %s", [*params, size, offset])
            batch = cursor.fetchall()
        if batch:
            yield batch
        if len(batch) < size:
            return
        offset += size
        size *= BATCH_GROWTH


def _statement(workspace_id: int, phrase: str, types: list[str]) -> tuple[str, list[Any]]:
    """The ranked query. Only column names and placeholders are in its text; all of a person's words are
    parameters."""
    words = list(dict.fromkeys(phrase.split(" ")))[:WORDS_LIMIT]
    grams = sorted({gram for word in words for gram in needed(word)})
    holds = " AND ".join(["(strpos(title, %s) > 0 OR strpos(body, %s) > 0)"] * len(words))
    where = f"(grams @> %s::text[] AND {holds})"
    params: list[Any] = [grams, *(word for word in words for _ in range(2))]
    spoken = typed(phrase)
    if spoken:
        where = f"({where} OR (grams @> %s::text[] AND strpos(pinyin, %s) > 0))"
        params += [[SPOKEN + spoken[:2]], " " + spoken]
    in_title = " AND ".join(["strpos(title, %s) > 0"] * len(words))
    said = "strpos(pinyin, %s) > 0"
    rank = (
        f"CASE WHEN strpos(title, %s) = 1 THEN 0 WHEN {in_title} THEN 1"
        f"{f' WHEN {said} THEN 2' if spoken else ''} ELSE 3 END"
    )
    order: list[Any] = [phrase, *words, *([" " + spoken] if spoken else [])]
    sql = (
        "SELECT type, object_id FROM search_searchdocument"  # noqa: S608  see above
        f" WHERE workspace_id = %s AND type = ANY(%s) AND {where}"
        f" ORDER BY {rank}, changed_at DESC, id DESC"
    )
    return sql, [workspace_id, types, *params, *order]
