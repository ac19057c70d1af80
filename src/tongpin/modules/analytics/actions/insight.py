"""Keeping insights: a question with a name, changed, deleted and brought back."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, StringConstraints

from tongpin.kernel import clock
from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.errors import Conflict, Denied, Invalid
from tongpin.kernel.events.recording import emit
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.analytics import insight_events as events
from tongpin.modules.analytics.insights import running
from tongpin.modules.analytics.models import DeletedInsight, Insight
from tongpin.modules.analytics.models.insight import LONGEST_NAME
from tongpin.modules.analytics.permissions import CREATE_INSIGHT, EDIT_INSIGHT

MOST = 5_000

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]


class SaveInsight(BaseModel):
    """``question`` is the JSON of an insight's question (docs/guides/insights.md)."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    description: Text = ""
    question: dict[str, Any]


class EditInsight(BaseModel):
    """Only what is given is changed. ``owner`` is the public id of a member."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    description: Text | None = None
    question: dict[str, Any] | None = None
    owner: uuid.UUID | None = None


@action("analytics.insight.create", permission=CREATE_INSIGHT.name, inverse="analytics.insight.delete")
def save_insight(actor: Actor, data: SaveInsight) -> Insight:
    """Keep a question. Raises Invalid if it cannot be read."""
    if actor.membership is None or actor.workspace is None:
        raise Denied(_("An insight is kept by a member, and a token is none."))
    if Insight.objects.filter(workspace=actor.workspace, deleted_at=None).count() >= MOST:
        raise Conflict(
            _("A workspace keeps %(n)d insights.") % {"n": MOST}, code="too_many_insights",
            hint=_("Delete insights nobody looks at any more."),
        )  # fmt: skip
    question = running.read(data.question)
    row = Insight.objects.create(
        workspace=actor.workspace,
        name=data.name,
        description=data.description,
        kind=question.kind,
        question=running.told(question),
        owner=actor.membership,
    )
    emit(events.InsightSaved(name=row.name, kind=row.kind), row)
    return row


def _before(before: dict[str, Any], row: Insight) -> dict[str, Any]:
    names = ("name", "description", "question")
    found: dict[str, Any] = {name: before[name] for name in names if before[name] != getattr(row, name)}
    if before["owner_id"] != row.owner_id:
        found["owner"] = str(Membership.objects.get(pk=before["owner_id"]).public_id)
    return found


@action(
    "analytics.insight.edit", permission=EDIT_INSIGHT.name, target=Insight, inverse="analytics.insight.edit",
    inverse_data=_before,
)  # fmt: skip
def edit_insight(actor: Actor, row: Insight, data: EditInsight) -> Insight:
    """Change its name, what it is for, its question or who answers for it."""
    given = data.model_dump(exclude_none=True)
    if data.question is not None:
        question = running.read(data.question)
        given["question"] = running.told(question)
        row.kind = question.kind
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
    emit(events.InsightEdited(name=row.name, fields=changed), row)
    return row


@action(
    "analytics.insight.delete", permission=EDIT_INSIGHT.name, target=Insight,
    inverse="analytics.insight.restore",
)  # fmt: skip
def delete_insight(actor: Actor, row: Insight, data: Empty) -> Insight:
    """Take it out of sight; it can be brought back."""
    row.deleted_at = clock.now()
    row.save(update_fields=["deleted_at"])
    emit(events.InsightDeleted(name=row.name), row)
    return row


@action(
    "analytics.insight.restore", permission=EDIT_INSIGHT.name, target=DeletedInsight,
    inverse="analytics.insight.delete",
)  # fmt: skip
def restore_insight(actor: Actor, row: DeletedInsight, data: Empty) -> DeletedInsight:
    """Bring a deleted insight back."""
    row.deleted_at = None
    row.save(update_fields=["deleted_at"])
    emit(events.InsightRestored(name=row.name), Insight.objects.select_related("workspace").get(pk=row.pk))
    return row
