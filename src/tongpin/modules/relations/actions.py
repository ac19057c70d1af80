"""Linking two objects and unlinking them."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field

from tongpin.kernel import objects
from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.errors import Conflict, Invalid, NotFound
from tongpin.kernel.events.recording import emit
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Workspace
from tongpin.modules.relations import queries
from tongpin.modules.relations.enums import Kind
from tongpin.modules.relations.events import RelationAdded, RelationRemoved
from tongpin.modules.relations.models import Reference, Relation


class End(BaseModel):
    """One of the two objects: its type, such as ``goals.lookback``, and its id."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(max_length=60)
    id: uuid.UUID


class AddRelation(BaseModel):
    """It reads “this *kind* other”."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    this: End
    other: End


@action(
    "relations.relation.add",
    permission="relations.relation.edit",
    inverse="relations.relation.remove",
)
def add_relation(actor: Actor, data: AddRelation) -> Relation:
    """Say what one object is to another. Both must be seen by who says it."""
    assert actor.workspace is not None
    this, other = _end(actor, data.this, "this"), _end(actor, data.other, "other")
    start, end = (data.this.type, data.this.id), (data.other.type, data.other.id)
    if start == end:
        raise Invalid(_("Nothing can be linked with itself."), field="other", code="itself")
    if data.kind.is_mutual and end < start:
        start, end = end, start
    row = Relation(
        workspace=actor.workspace,
        kind=data.kind,
        from_type=start[0],
        from_id=start[1],
        to_type=end[0],
        to_id=end[1],
        made_by=actor.user,
    )
    # One at a time: two at once could close a circle, or be the same.
    Workspace.objects.select_for_update(no_key=True).get(pk=actor.workspace.pk)
    _require_new(row)
    _require_no_circle(row)
    row.save()
    _tell(RelationAdded, row, [this, other])
    return row


def _end(actor: Actor, end: End, field: str) -> Any:
    if end.type not in queries.linkable():
        raise Invalid(_("Such things cannot be linked."), field=field, code="not_linkable")
    try:
        return objects.find(actor, end.type, end.id)
    except NotFound:
        raise Invalid(
            _("This is not there any more."), field=field, code="not_there", hint=_("Choose another.")
        ) from None


def _require_new(row: Relation) -> None:
    same = Relation.objects.filter(
        workspace=row.workspace,
        kind=row.kind,
        from_type=row.from_type,
        from_id=row.from_id,
        to_type=row.to_type,
        to_id=row.to_id,
    )
    if same.exists():
        raise Conflict(_("The two are linked like this already."), field="other", code="linked_already")


def _require_no_circle(row: Relation) -> None:
    if Kind(row.kind).is_acyclic and queries.leads_to(row):
        raise Conflict(
            _("This would close a circle: the other one leads back to here."),
            field="other",
            code="circle",
            hint=_("Turn the link around, or remove the one that leads back."),
        )


def _data(before: dict[str, Any], row: Relation) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "this": {"type": row.from_type, "id": str(row.from_id)},
        "other": {"type": row.to_type, "id": str(row.to_id)},
    }


@action(
    "relations.relation.remove",
    permission="relations.relation.edit",
    target=Relation,
    inverse="relations.relation.add",
    inverse_data=_data,
)
def remove_relation(actor: Actor, row: Relation, data: Empty) -> Relation:
    """Unlink two objects."""
    ends = [objects.find(actor, key, public_id) for key, public_id in (row.start, row.end)]
    row.delete()
    _tell(RelationRemoved, row, ends)
    return row


def _tell(event: type[RelationAdded] | type[RelationRemoved], row: Relation, ends: list[Any]) -> None:
    """On the stream of both."""
    for subject in ends:
        here: Reference = (subject._meta.label_lower, subject.public_id)
        other_type, other_id = row.end if row.start == here else row.start
        backward = queries.phrase_of(row, here).backward
        emit(event(row.public_id, row.kind, backward, other_type, other_id), subject)
