"""Keeping documents in step with their objects: from events as they happen, or all anew."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models

from tongpin.kernel import clock, objects
from tongpin.kernel.events.models import Event
from tongpin.kernel.objects import ObjectType, SearchText
from tongpin.kernel.search.models import SearchDocument
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership, User, Workspace
from tongpin.lib.grams import grams, normalise
from tongpin.lib.pinyin import keys

#: Characters of a text that are kept; what lies beyond cannot be found by its body.
TITLE_LIMIT = 500
BODY_LIMIT = 50_000
CHUNK = 500

#: (workspace id, type key, public id) of an object.
Reference = tuple[int, str, uuid.UUID]
Follow = Callable[[list[uuid.UUID]], Iterable[Reference]]

_follows: dict[str, list[Follow]] = {}


def follow(subject_type: str, references: Follow) -> None:
    """Index other objects again when something happens to a subject of that type.

    ``references`` gets the subjects' public ids and gives the objects whose text shows something of them.
    """
    if references not in _follows.setdefault(subject_type, []):
        _follows[subject_type].append(references)


def memberships_of(users: list[uuid.UUID]) -> Iterable[Reference]:
    """The memberships of those people: a member is found by the person's name."""
    rows = Membership.objects.filter(user__public_id__in=users).values_list("workspace_id", "public_id")
    return [(workspace, Membership._meta.label_lower, public_id) for workspace, public_id in rows]


follow(User._meta.label_lower, memberships_of)


def on_events(events: list[Event]) -> None:
    """Relay subscriber: bring the documents of every subject up to date with its row. Idempotent."""
    references: set[Reference] = set()
    followed: dict[str, set[uuid.UUID]] = {}
    searchable = {key for key, kind in objects.types().items() if kind.search is not None}
    for event in events:
        if event.subject_type in searchable and event.workspace_id is not None:
            references.add((event.workspace_id, event.subject_type, event.subject_id))
        if event.subject_type in _follows:
            followed.setdefault(event.subject_type, set()).add(event.subject_id)
    for subject_type, ids in followed.items():
        for lookup in _follows[subject_type]:
            references.update(r for r in lookup(sorted(ids)) if r[1] in searchable)
    index(references, changed_at=max((event.at for event in events), default=None))


def index(references: Iterable[Reference], *, changed_at: datetime | None = None) -> None:
    """Write the documents of these objects from their rows; drop those whose object is gone or has no
    text."""
    grouped: dict[tuple[int, str], set[uuid.UUID]] = {}
    for workspace_id, key, public_id in references:
        grouped.setdefault((workspace_id, key), set()).add(public_id)
    workspaces = Workspace.objects.in_bulk({workspace_id for workspace_id, _ in grouped})
    for (workspace_id, key), ids in grouped.items():
        workspace = workspaces.get(workspace_id)
        if workspace is None:
            continue  # deleted, and its documents with it
        kind = objects.types()[key]
        rows = _rows(kind, workspace).filter(public_id__in=ids)
        kept = _write(kind, workspace, rows, changed_at or clock.now())
        SearchDocument.objects.filter(type=key, object_id__in=ids - kept).delete()


@dataclass(frozen=True, slots=True)
class Reindexed:
    """How many documents a full run wrote and how many it dropped."""

    written: int
    dropped: int


def reindex() -> Reindexed:
    """Make every document again from its row; what has no row any more goes. Safe while the server runs."""
    written = dropped = 0
    for workspace in Workspace.objects.filter(deleted_at=None).iterator():
        for kind in objects.types().values():
            if kind.search is None:
                continue
            last = 0
            while rows := list(_rows(kind, workspace).filter(pk__gt=last).order_by("pk")[:CHUNK]):
                last = rows[-1].pk
                kept = _write(kind, workspace, rows, None)
                written += len(kept)
    last = 0
    while documents := list(
        SearchDocument.objects.filter(pk__gt=last)
        .order_by("pk")
        .only("workspace_id", "type", "object_id")[:CHUNK]
    ):
        last = documents[-1].pk
        dropped += _drop_gone(documents)
    return Reindexed(written, dropped)


def missing() -> int:
    """How many objects that should be found have no document (for the server's self-check). 0 when all is
    well.

    Objects whose event the relay has not reached yet count too, so it may be above 0 for a moment.
    """
    count = 0
    for workspace in Workspace.objects.filter(deleted_at=None).iterator():
        for kind in objects.types().values():
            if kind.search is None:
                continue
            known = SearchDocument.objects.filter(type=kind.key, object_id=models.OuterRef("public_id"))
            absent = _rows(kind, workspace).filter(~models.Exists(known))
            count += sum(1 for row in absent.iterator(chunk_size=CHUNK) if kind.search(row) is not None)
    return count


def _rows(kind: ObjectType, workspace: Workspace) -> models.QuerySet[Any]:
    return kind.visible_to(Actor.system(workspace))


def _write(
    kind: ObjectType, workspace: Workspace, rows: Iterable[Any], changed_at: datetime | None
) -> set[uuid.UUID]:
    """Upsert the documents of ``rows``; the ids of those that have a text. ``None`` keeps the time known
    before."""
    assert kind.search is not None
    documents = []
    for row in rows:
        text = kind.search(row)
        if text is not None:
            documents.append(_document(kind.key, workspace, row.public_id, text, changed_at or clock.now()))
    fields = [
        "workspace",
        "title",
        "body",
        "pinyin",
        "title_grams",
        "grams",
        *(["changed_at"] if changed_at else []),
    ]
    SearchDocument.objects.bulk_create(
        documents, update_conflicts=True, unique_fields=["type", "object_id"], update_fields=fields
    )
    return {document.object_id for document in documents}


def _document(
    key: str, workspace: Workspace, public_id: uuid.UUID, text: SearchText, changed_at: datetime
) -> SearchDocument:
    title = normalise(text.title[:TITLE_LIMIT])
    body = normalise(text.body[:BODY_LIMIT])
    spoken = keys(text.pinyin)
    in_title = grams(title)
    spoken_starts = {SearchDocument.SPOKEN + spoken_key[:n] for spoken_key in spoken for n in (1, 2)}
    title_starts = {SearchDocument.START + title[:n] for n in (1, 2)} if title else set()
    return SearchDocument(
        workspace=workspace,
        type=key,
        object_id=public_id,
        title=title,
        body=body,
        # A space before each key, so that one strpos finds a key's beginning.
        pinyin="".join(" " + spoken_key for spoken_key in spoken),
        title_grams=[*in_title, *sorted(title_starts)],
        grams=sorted({*in_title, *grams(body), *spoken_starts}),
        changed_at=changed_at,
    )


def _drop_gone(documents: list[SearchDocument]) -> int:
    """Delete those of the documents whose object is gone, has no text, or is of no known type. Returns how
    many."""
    grouped: dict[tuple[int, str], dict[uuid.UUID, int]] = {}
    for document in documents:
        grouped.setdefault((document.workspace_id, document.type), {})[document.object_id] = document.pk
    gone: list[int] = []
    workspaces = Workspace.objects.in_bulk({workspace_id for workspace_id, _ in grouped})
    for (workspace_id, key), pks in grouped.items():
        kind = objects.types().get(key)
        living: set[uuid.UUID] = set()
        if kind is not None and kind.search is not None:
            rows = _rows(kind, workspaces[workspace_id]).filter(public_id__in=pks)
            living = {row.public_id for row in rows if kind.search(row) is not None}
        gone += [pk for public_id, pk in pks.items() if public_id not in living]
    SearchDocument.objects.filter(pk__in=gone).delete()
    return len(gone)
