"""What people uploaded. The bytes lie in the blob store under their SHA-256; a row is one person's use of
them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q

from tongpin.kernel import clock
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership
from tongpin.lib.ids import new_id

if TYPE_CHECKING:
    from tongpin.kernel.tenancy.actor import Actor


class Kind(models.TextChoices):
    """A picture was re-encoded here and may be shown in a page; an attachment is only ever downloaded."""

    PICTURE = "picture"
    ATTACHMENT = "attachment"


class StoredFileQuerySet(models.QuerySet["StoredFile"]):
    def visible_to(self, actor: Actor) -> Self:
        """Files this person may fetch, from whichever workspace page they came.

        Pictures of a workspace: its active members. Pictures of an account: the person, and everyone who
        shares a workspace with them. Attachments: the uploader and, while they are members, everyone but
        guests; not those that belong to an object, which are found with it (``public.fetch``).
        """
        if actor.user is None:
            return self.filter(workspace=actor.workspace) if actor.is_system else self.none()
        mine = Membership.actors.active().filter(
            user=actor.user, user__is_active=True, workspace__deleted_at=None
        )
        if actor.workspace is not None:
            mine = mine.filter(workspace=actor.workspace)
        here = mine.values("workspace")
        inside = mine.exclude(role=Role.GUEST).values("workspace")
        colleagues = Membership.objects.filter(workspace__in=here).values("user")
        return self.filter(
            Q(workspace__in=here, kind=Kind.PICTURE)
            | Q(workspace__in=inside, subject_id=None)
            | Q(workspace__in=here, subject_id=None, uploader=actor.user)
            | Q(workspace=None, uploader=actor.user)
            | Q(workspace=None, kind=Kind.PICTURE, uploader__in=colleagues)
        )


class StoredFile(models.Model):
    """One upload. ``workspace`` is empty for what belongs to an account (an avatar).

    ``subject_type`` and ``subject_id`` name the object it hangs on, if any: whoever sees that object may
    fetch it.
    """

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    workspace = models.ForeignKey("tenancy.Workspace", on_delete=models.CASCADE, null=True, related_name="+")
    uploader = models.ForeignKey("tenancy.User", on_delete=models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    media_type = models.CharField(max_length=80)
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(default=clock.now)

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = []
        indexes: ClassVar = [models.Index(fields=["subject_type", "subject_id"], name="file_subject")]
