from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.urls import reverse

from tongpin.kernel import clock
from tongpin.kernel.mail import compose
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership, User, WorkspaceModel, WorkspaceScopedQuerySet

if TYPE_CHECKING:
    from tongpin.kernel.tenancy.actor import Actor

#: How long a deleted workspace can be brought back.
RESTORABLE = timedelta(days=30)


def digest(secret: str) -> str:
    """What is kept of a secret that is shown once: its SHA-256 in hexadecimal. The secrets are 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


class InvitationQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Owners and admins see the workspace's invitations, nobody else."""
        rows = super().visible_to(actor)
        if actor.is_system or actor.role in (Role.OWNER, Role.ADMIN):
            return rows
        return rows.none()

    def open(self) -> Self:
        """Those that can still be accepted."""
        return self.filter(revoked_at=None, expires_at__gt=clock.now()).exclude(
            max_uses__isnull=False, uses__gte=models.F("max_uses")
        )


class Invitation(WorkspaceModel):
    """A door into a workspace, by e-mail (``email`` set, one use) or by link. Only the token's digest is kept."""

    token_hash = models.CharField(max_length=64, unique=True)
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=8, choices=Role, default=Role.MEMBER)
    expires_at = models.DateTimeField()
    max_uses = models.PositiveIntegerField(null=True)
    uses = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    revoked_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = InvitationQuerySet.as_manager()

    #: The token itself, known only where it was just made.
    secret: str = ""

    class Meta(WorkspaceModel.Meta):
        indexes: ClassVar = [models.Index(fields=["workspace", "-id"], name="invitation_newest")]

    def renew(self, expires_at: datetime) -> None:
        """Give it a new token (the old one stops working) and a new end."""
        self.secret = secrets.token_urlsafe(32)
        self.token_hash = digest(self.secret)
        self.expires_at = expires_at

    @property
    def link(self) -> str:
        """The address at which it is accepted; "" where its secret is not known any more."""
        return compose.absolute(reverse("workspaces:invite", args=[self.secret])) if self.secret else ""

    @property
    def shown_once(self) -> str:
        """What its maker is shown: the link, but not a mailed one, which proves its reader's address."""
        return "" if self.email else self.link

    @property
    def state(self) -> str:
        """open, used, expired or revoked."""
        if self.revoked_at is not None:
            return "revoked"
        if self.max_uses is not None and self.uses >= self.max_uses:
            return "used"
        return "expired" if self.expires_at <= clock.now() else "open"


class AcceptanceQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        rows = super().visible_to(actor)
        if actor.is_system or actor.role in (Role.OWNER, Role.ADMIN):
            return rows
        return rows.none()


class Acceptance(WorkspaceModel):
    """Who came in through which invitation, and when."""

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="acceptances")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=clock.now)

    objects = AcceptanceQuerySet.as_manager()
