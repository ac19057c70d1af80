"""Relations 关联: what one object is to another, whatever the two are."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models

from tongpin.kernel import clock, objects
from tongpin.kernel.tenancy.models import User, WorkspaceModel, WorkspaceScopedQuerySet
from tongpin.modules.relations.enums import Kind

if TYPE_CHECKING:
    import uuid

    from tongpin.kernel.tenancy.actor import Actor

Reference = tuple[str, "uuid.UUID"]


class RelationQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Those of whose both ends the actor sees; one end that is deleted or hidden hides the relation."""
        rows = super().visible_to(actor)
        return rows.filter(objects.seen(actor, "from"), objects.seen(actor, "to"))

    def of(self, reference: Reference) -> Self:
        """Those that one object is an end of."""
        key, public_id = reference
        return self.filter(
            models.Q(from_type=key, from_id=public_id) | models.Q(to_type=key, to_id=public_id)
        )


class Relation(WorkspaceModel):
    """“from *kind* to”. Of a mutual kind the end with the smaller reference is ``from``, so that there is one row."""

    kind = models.CharField(max_length=12, choices=Kind)
    from_type = models.CharField(max_length=60)
    from_id = models.UUIDField()
    to_type = models.CharField(max_length=60)
    to_id = models.UUIDField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    objects = RelationQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "kind", "from_type", "from_id", "to_type", "to_id"],
                name="relation_once",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["from_id", "from_type"], name="relations_from"),
            models.Index(fields=["to_id", "to_type"], name="relations_to"),
        ]

    @property
    def start(self) -> Reference:
        return self.from_type, self.from_id

    @property
    def end(self) -> Reference:
        return self.to_type, self.to_id
