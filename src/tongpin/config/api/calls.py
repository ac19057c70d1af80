"""One operation for each registered action, with its own path, input and documentation."""

from __future__ import annotations

import re
from typing import Annotated, Any
from uuid import UUID

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Body, Header, Router
from pydantic import BaseModel, ConfigDict, Field, create_model

from tongpin.config.api import shapes
from tongpin.config.api.auth import actor_of
from tongpin.kernel import objects
from tongpin.kernel.actions import door
from tongpin.kernel.actions.declared import Declared
from tongpin.kernel.actions.door import Outcome
from tongpin.kernel.actions.registry import Empty
from tongpin.kernel.errors import Conflict
from tongpin.kernel.tenancy.actor import Actor

PATH = "/workspaces/{slug}/actions/"

OnceHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=120,
        pattern=r"^[\x21-\x7e]+$",
        description="Any text of your own. The same key again gets the first answer and does nothing twice.",
    ),
]
MatchHeader = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=24,
        pattern=r'^"?[0-9]{1,18}"?$',
        description="The version you saw, as “version” in the body.",
    ),
]


def offered(action: Declared[Any]) -> bool:
    """Whether the API has the action. A token belongs to a workspace: what concerns the account alone is not
    its business."""
    return action.api and not action.account


def add(router: Router, action: Declared[Any]) -> None:
    """Give ``router`` the operation of one action."""
    call = call_model(action)

    def operation(
        request: HttpRequest,
        slug: str,
        call: BaseModel,
        once: OnceHeader = None,
        match: MatchHeader = None,
    ) -> shapes.Outcome:
        return run(action, actor_of(request), call, once=once, match=match)

    # Written out here: the framework reads annotations, and this one is known only now.
    operation.__annotations__.update(call=Annotated[call, Body()], request=HttpRequest, slug=str)  # type: ignore[type-arg]
    operation.__name__ = re.sub(r"\W", "_", action.name)
    operation.__doc__ = action.doc
    router.post(
        PATH + action.name,
        response=shapes.Outcome,
        operation_id=action.name,
        summary=(action.doc or action.name).partition("\n")[0],
        description=action.doc,
        tags=[action.name.partition(".")[0]],
    )(operation)


def call_model(action: Declared[Any]) -> type[BaseModel]:
    """The body of an action's operation: ``target`` and ``version`` where it has them, and ``data``."""
    fields: dict[str, Any] = {}
    if action.target is not None:
        fields["target"] = (UUID, Field(description="The id of the object to change."))
        if _has_version(action.target):
            fields["version"] = (
                int | None,
                Field(
                    default=None,
                    ge=0,
                    description="The version you saw: refused if someone changed the same field since.",
                ),
            )
    data = action.input
    optional = data is Empty or not any(field.is_required() for field in data.model_fields.values())
    fields["data"] = (
        (data, Field(default_factory=dict, validate_default=True)) if optional else (data, Field())
    )
    name = "".join(part.capitalize() for part in re.split(r"\W|_", action.name))
    return create_model(f"{name}Call", __config__=ConfigDict(extra="forbid", title=name), **fields)


def _has_version(model: type[models.Model]) -> bool:
    return any(field.name == "version" for field in model._meta.fields)


def run(
    action: Declared[Any], actor: Actor, call: BaseModel, *, once: str | None, match: str | None
) -> shapes.Outcome:
    """Go through the action's door with what came in."""
    version: int | None = getattr(call, "version", None)
    if match is not None:
        seen = int(match.strip('"'))
        if version is not None and version != seen:
            raise Conflict(_("“If-Match” and “version” differ."), code="versions_differ")
        version = seen
    outcome = door.run(
        action,
        actor,
        call.data,  # type: ignore[attr-defined]
        target=getattr(call, "target", None),
        version=version,
        once=once,
    )
    return shape(actor, outcome)


def shape(actor: Actor, outcome: Outcome[Any]) -> shapes.Outcome:
    """The answer to an action that went through."""
    row = outcome.value if isinstance(outcome.value, models.Model) else None
    card = None
    if row is not None and row._meta.label_lower in objects.types():
        reference = (row._meta.label_lower, row.public_id)  # type: ignore[attr-defined]
        card = objects.cards(actor, [reference]).get(reference)
    undo = outcome.undo
    return shapes.Outcome(
        card=shapes.Card.of(card) if card else None,
        version=getattr(row, "version", None),
        undo=shapes.Undo(action=undo.action, target=undo.target, data=undo.data) if undo else None,
        shown_once=getattr(row, "shown_once", "") or None,
        repeated=outcome.repeated,
    )
