"""Keeping segments: by a rule, from a list, frozen from a number; changed, deleted and brought back."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tongpin.kernel import clock
from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.errors import Conflict, Denied, Invalid
from tongpin.kernel.events.recording import emit
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.analytics import segment_events as events
from tongpin.modules.analytics.actions import segment_list, segment_size
from tongpin.modules.analytics.enums import SegmentKind
from tongpin.modules.analytics.insights import running
from tongpin.modules.analytics.insights.members import Known
from tongpin.modules.analytics.insights.scope import Scope
from tongpin.modules.analytics.insights.segment import Rule, mentioned, told
from tongpin.modules.analytics.models import DeletedSegment, Segment
from tongpin.modules.analytics.models.segment import LONGEST_NAME
from tongpin.modules.analytics.permissions import CREATE_SEGMENT, EDIT_SEGMENT, SEE_PEOPLE
from tongpin.modules.analytics.queries import segment_rules

MOST = 1_000
MOST_IDS = 50_000
"""Ids in one request of a program; a file may have as many as ``segment_lines.MOST``."""

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]


class CreateSegment(BaseModel):
    """``rule`` is the JSON of a segment's rule (docs/guides/segments.md). ``frozen``: whoever fulfils it now stays in
    it, and nobody else comes."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    description: Text = ""
    rule: dict[str, Any]
    frozen: bool = False


class _List(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Name
    description: Text = ""
    unit: Literal["user", "customer"] = "user"
    customer_kind: Annotated[str, Field(min_length=1, max_length=200)] = "company"


class ListSegment(_List):
    """``ids``: ids of users as the app says them, or keys of customers."""

    ids: Annotated[list[str], Field(min_length=1, max_length=MOST_IDS)]


class UploadSegment(_List):
    """``lines`` of a file, read as they come."""

    lines: Any = Field(repr=False)


class EditSegment(BaseModel):
    """Only what is given is changed. ``owner`` is the public id of a member."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    description: Text | None = None
    rule: dict[str, Any] | None = None
    owner: uuid.UUID | None = None


def _room(actor: Actor) -> Membership:
    """Whose the new one is. Raises Denied, Conflict."""
    if actor.membership is None or actor.workspace is None:
        raise Denied(_("A segment is kept by a member, and a token is none."))
    if Segment.objects.filter(workspace=actor.workspace, deleted_at=None).count() >= MOST:
        raise Conflict(
            _("A workspace keeps %(n)d segments.") % {"n": MOST}, code="too_many_segments",
            hint=_("Delete segments nobody uses any more."),
        )  # fmt: skip
    return actor.membership


@action("analytics.segment.create", permission=CREATE_SEGMENT.name, inverse="analytics.segment.delete")
def create_segment(actor: Actor, data: CreateSegment) -> Segment:
    """Keep a rule, or whoever fulfils it now. Raises Invalid if it cannot be read, StoreUnavailable to freeze it."""
    owner = _room(actor)
    assert actor.workspace is not None
    rule = segment_rules.read(data.rule)
    row = Segment(
        workspace=actor.workspace,
        name=data.name,
        description=data.description,
        kind=SegmentKind.LIST if data.frozen else SegmentKind.RULE,
        unit=rule.unit,
        customer_kind=rule.customer_kind,
        rule=None if data.frozen else told(rule),
        owner=owner,
    )
    scope = _checked(row, rule)
    if data.frozen:
        known = Known(row.public_id, row.name, row.unit, row.customer_kind, rule, running.people)
        segment_list.freeze(row, known, scope)
    return _kept(row)


def _checked(row: Segment, rule: Rule) -> Scope:
    """The scope with all that the rule asks about. Raises Invalid for a ring, and for segments there are not."""
    scope = Scope.of(row.workspace)
    found = segment_rules.known(scope.workspace, mentioned(rule), running.people, without=row.public_id)
    known = Known(row.public_id, row.name, row.unit, row.customer_kind, rule, running.people)
    segment_rules.depth(row.public_id, {**found, row.public_id: known})
    return segment_rules.ready(rule, scope, running.people)


def _kept(row: Segment) -> Segment:
    row.save()
    segment_size.count_later(row)
    emit(events.SegmentCreated(name=row.name, kind=row.kind), row)
    return row


def _made_of(actor: Actor, data: _List, lines: Iterable[str]) -> Segment:
    owner = _room(actor)
    assert actor.workspace is not None
    row = Segment(
        workspace=actor.workspace, name=data.name, description=data.description, kind=SegmentKind.LIST,
        unit=data.unit, customer_kind=data.customer_kind, owner=owner,
    )  # fmt: skip
    known = segment_rules.of(row, running.people)
    row.report = segment_list.put(row, lines, known, Scope.of(actor.workspace)).told()
    return _kept(row)


@action("analytics.segment.list", permission=CREATE_SEGMENT.name, inverse="analytics.segment.delete")
def list_segment(actor: Actor, data: ListSegment) -> Segment:
    """Keep a list of ids; those of nobody count as soon as somebody is seen with them. Raises StoreUnavailable."""
    return _made_of(actor, data, data.ids)


@action(
    "analytics.segment.upload", permission=CREATE_SEGMENT.name, inverse="analytics.segment.delete", api=False
)
def upload_segment(actor: Actor, data: UploadSegment) -> Segment:
    """Keep a list out of a file. Raises Invalid if it is none, StoreUnavailable."""
    return _made_of(actor, data, data.lines)


def _before(before: dict[str, Any], row: Segment) -> dict[str, Any]:
    names = ("name", "description", "rule")
    found: dict[str, Any] = {name: before[name] for name in names if before[name] != getattr(row, name)}
    if before["owner_id"] != row.owner_id:
        found["owner"] = str(Membership.objects.get(pk=before["owner_id"]).public_id)
    return found


@action(
    "analytics.segment.edit", permission=EDIT_SEGMENT.name, target=Segment, inverse="analytics.segment.edit",
    inverse_data=_before,
)  # fmt: skip
def edit_segment(actor: Actor, row: Segment, data: EditSegment) -> Segment:
    """Change its name, what it is for, its rule or who answers for it. With another rule its sizes are counted anew."""
    given = data.model_dump(exclude_none=True)
    if data.rule is not None:
        rule = segment_rules.read(data.rule)
        if row.kind != SegmentKind.RULE:
            raise Invalid(_("A list has no rule."), field="rule", code="no_rule")
        if (rule.unit, rule.customer_kind) != (row.unit, row.customer_kind):
            raise Invalid(
                _("What a segment is made of stays as it is."), field="rule", code="unit_stays",
                hint=_("Make another segment."),
            )  # fmt: skip
        _checked(row, rule)
        given["rule"] = told(rule)
    if data.owner is not None:
        given["owner"] = Membership.objects.visible_to(actor).active().filter(public_id=data.owner).first()
        if given["owner"] is None:
            raise Invalid(_("Nobody of this workspace."), field="owner")
    changed = [name for name, value in given.items() if getattr(row, name) != value]
    if not changed:
        return row
    for name in changed:
        setattr(row, name, given[name])
    row.changed_at = clock.now()
    row.save()
    if "rule" in changed:
        row.sizes.all().delete()
        segment_size.count_later(row)
    emit(events.SegmentEdited(name=row.name, fields=changed), row)
    return row


@action(
    "analytics.segment.delete", permission=EDIT_SEGMENT.name, target=Segment,
    inverse="analytics.segment.restore",
)  # fmt: skip
def delete_segment(actor: Actor, row: Segment, data: Empty) -> Segment:
    """Take it out of sight; it can be brought back. Questions that ask about it say so until then."""
    row.deleted_at = clock.now()
    row.save(update_fields=["deleted_at"])
    emit(events.SegmentDeleted(name=row.name), row)
    return row


@action(
    "analytics.segment.restore", permission=EDIT_SEGMENT.name, target=DeletedSegment,
    inverse="analytics.segment.delete",
)  # fmt: skip
def restore_segment(actor: Actor, row: DeletedSegment, data: Empty) -> DeletedSegment:
    """Bring a deleted segment back."""
    row.deleted_at = None
    row.save(update_fields=["deleted_at"])
    segment_size.count_later(row)
    emit(events.SegmentRestored(name=row.name), Segment.objects.select_related("workspace").get(pk=row.pk))
    return row


@action("analytics.segment.export", permission=SEE_PEOPLE.name, target=Segment, api=False)
def export_segment(actor: Actor, row: Segment, data: Empty) -> Segment:
    """Note in the audit log that somebody takes its members away in a file."""
    emit(events.SegmentExported(name=row.name), row)
    return row
