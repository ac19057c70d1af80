"""What an object is related to, and what it could be related to."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Case, IntegerField, Q, Value, When

from tongpin.kernel import objects, paging
from tongpin.kernel.objects import Card
from tongpin.kernel.search import query as search
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.relations.enums import PHRASES, Kind, Phrase
from tongpin.modules.relations.models import Reference, Relation

SHOWN = 10
"""Relations on an object's page before “load more”."""
FOUND = 20

#: Types that no relation begins or ends at: people and workspaces have places, roles and fields of their own.
UNLINKED = frozenset({"tenancy.membership", "tenancy.workspace"})

#: Cycles longer than this are not looked for.
DEEPEST = 200


@dataclass(frozen=True, slots=True)
class Shown:
    """A relation as one of its ends says it: ``phrase`` stands before the other end's ``card``."""

    row: Relation
    phrase: Phrase
    card: Card

    @property
    def label(self) -> str:
        """What the other end is, in words."""
        return str(objects.types()[self.card.type].label)


def linkable() -> list[str]:
    """The types that relations connect: those that can be found."""
    return [key for key, kind in objects.types().items() if kind.search is not None and key not in UNLINKED]


def phrase_of(row: Relation, reference: Reference) -> Phrase:
    """How that end says it."""
    kind = Kind(row.kind)
    return Phrase(kind, backward=not kind.is_mutual and row.end == reference)


def _rank(reference: Reference) -> Case:
    key, public_id = reference
    whens = []
    for rank, phrase in enumerate(PHRASES):
        side = "to" if phrase.backward else "from"
        at = Q(kind=phrase.kind, **{f"{side}_type": key, f"{side}_id": public_id})
        whens.append(When(Q(kind=phrase.kind) if phrase.kind.is_mutual else at, then=Value(rank)))
    return Case(*whens, default=Value(len(PHRASES)), output_field=IntegerField())


def related(
    actor: Actor, reference: Reference, cursor: str = "", limit: int = SHOWN
) -> tuple[list[Shown], str | None]:
    """One piece of an object's relations, grouped by phrase, and the cursor of the next. Raises Invalid for a
    cursor of another list."""
    rows = Relation.objects.visible_to(actor).of(reference).select_related("made_by")
    page = paging.ordered(rows.annotate(rank=_rank(reference)), ["rank"], cursor, limit)
    others = {row.public_id: row.end if row.start == reference else row.start for row in page.items}
    cards = objects.cards(actor, others.values())
    found = [
        Shown(row, phrase_of(row, reference), cards[others[row.public_id]])
        for row in page.items
        if others[row.public_id] in cards  # it may have gone between the two questions
    ]
    return found, page.next


def candidates(actor: Actor, reference: Reference, asked: str, host: str) -> list[Card]:
    """What could be linked to the object: what matches, what a pasted address of this server leads to, or, where
    nothing was asked, what changed last."""
    asked = asked.strip()
    types = linkable()
    path = _path(asked, host)
    if path:
        card = objects.at(actor, path)
        found = [card] if card and card.type in types else []
    elif asked:
        found = search.find(actor, asked, types=types, limit=FOUND + 1)
    else:
        found = search.latest(actor, types, limit=FOUND + 1)
    return [card for card in found if (card.type, card.id) != reference][:FOUND]


def _path(asked: str, host: str) -> str:
    """The path of an address of this server; "" for anything else."""
    try:
        address = urlsplit(asked)
    except ValueError:
        return ""
    ours = address.scheme in {"http", "https"} and address.netloc == host
    return address.path if (ours or not address.scheme) and address.path.startswith("/w/") else ""


def leads_to(relation: Relation) -> bool:
    """Whether relations of the same kind already lead from its end to its start, over whatever is between: then it
    would close a circle. Looks at all of the workspace, also at what the actor does not see."""
    seen = {relation.end}
    edge = [relation.end]
    rows = Relation.objects.filter(workspace_id=relation.workspace_id, kind=relation.kind)
    for _step in range(DEEPEST):
        if relation.start in seen or not edge:
            break
        at = Q(from_id__in=[public_id for _key, public_id in edge])
        following: list[Any] = list(rows.filter(at).values_list("from_type", "from_id", "to_type", "to_id"))
        edge = list({(to, end) for key, start, to, end in following if (key, start) in seen} - seen)
        seen.update(edge)
    return relation.start in seen


def linked_with(references: Collection[Reference], key: str) -> dict[Reference, set[uuid.UUID]]:
    """For the server itself, which tells who may see it: public ids of the objects of the type ``key`` (``app.model``)
    that each of the references is linked with, by whatever kind. Those linked with none are left out. One query.
    """
    ids = [public_id for _key, public_id in references]
    rows = Relation.objects.filter(Q(from_id__in=ids, to_type=key) | Q(to_id__in=ids, from_type=key))
    found: dict[Reference, set[uuid.UUID]] = {}
    for row in rows:
        for here, there in ((row.start, row.end), (row.end, row.start)):
            if here in references and there[0] == key:
                found.setdefault(here, set()).add(there[1])
    return found
