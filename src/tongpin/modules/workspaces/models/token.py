"""Keys for programs: a person's own, and the workspace's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tongpin.kernel import clock
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership, User, WorkspaceModel, WorkspaceScopedQuerySet
from tongpin.lib import access_key
from tongpin.modules.workspaces.models.access import digest

if TYPE_CHECKING:
    from tongpin.kernel.tenancy.actor import Actor


class ApiTokenQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """A person's own tokens; owners and admins see those of all members, to be able to revoke them."""
        rows = super().visible_to(actor).filter(made_by=None)
        if actor.is_system or actor.role in (Role.OWNER, Role.ADMIN):
            return rows
        return rows.filter(user=actor.user)

    def working(self) -> Self:
        """Neither revoked nor past their end, of a workspace that is there and, where they are a person's, of an active
        member.
        """
        return self.filter(
            models.Q(expires_at=None) | models.Q(expires_at__gt=clock.now()),
            revoked_at=None,
            workspace__deleted_at=None,
            user__is_active=True,
            membership__deactivated_at=None,
        )

    def opened_by(self, hashes: Iterable[str]) -> Self:
        """The working ones that one of these digests opens: of the secret, or of the one before while it is let in."""
        wanted = list(hashes)
        old = models.Q(old_hash__in=wanted, old_until__gt=clock.now())
        return self.working().filter(models.Q(secret_hash__in=wanted) | old)


class ApiToken(WorkspaceModel):
    """A key for programs, in one workspace, for a closed set of scopes: a person's own, or (``made_by`` set, see
    ``WorkspaceToken``) the workspace's. Only its digest is kept.

    ``old_hash`` is the digest of the secret before the last rotation, which works until ``old_until``.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12)
    secret_hash = models.CharField(max_length=64, unique=True)
    old_hash = models.CharField(max_length=64, blank=True, db_index=True)
    old_until = models.DateTimeField(null=True)
    scopes = ArrayField(models.CharField(max_length=60))
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    last_ip = models.GenericIPAddressField(null=True)
    revoked_at = models.DateTimeField(null=True)
    made_by = models.ForeignKey(Membership, on_delete=models.RESTRICT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    objects = ApiTokenQuerySet.as_manager()

    #: The token itself, known only where it was just made.
    secret: str = ""

    class Meta(WorkspaceModel.Meta):
        indexes: ClassVar = [models.Index(fields=["workspace", "user"], name="token_owner")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "name"],
                condition=models.Q(made_by__isnull=False, revoked_at=None),
                name="one_workspace_token_per_name",
            )
        ]

    PREFIX: ClassVar[str] = "tpk_"

    def renew(self) -> None:
        """Give it a new secret, known until this row is let go."""
        self.secret = access_key.new(self.PREFIX)
        self.prefix = self.secret[:10]
        self.secret_hash = digest(self.secret)

    @property
    def shown_once(self) -> str:
        """What its maker is shown: the token."""
        return self.secret

    @property
    def state(self) -> str:
        """working, expired or revoked."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= clock.now() else "working"


class WorkspaceTokenQuerySet(ApiTokenQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Owners and admins see them, nobody else."""
        rows = WorkspaceScopedQuerySet.visible_to(self, actor).filter(made_by__isnull=False)
        if actor.is_system or actor.role in (Role.OWNER, Role.ADMIN):
            return rows
        return rows.none()


class WorkspaceToken(ApiToken):
    """A token that is nobody's but the workspace's: it acts under its own name, as the account and the membership made
    for it (``is_token``), and outlasts whoever made it.
    """

    objects = WorkspaceTokenQuerySet.as_manager()  # type: ignore[misc]

    PREFIX: ClassVar[str] = "tpw_"

    class Meta:
        proxy = True

    @property
    def maker_left(self) -> bool:
        """Whether the member who made it is one no longer."""
        maker = self.made_by
        return maker is not None and (maker.deactivated_at is not None or not maker.user.is_active)

    @property
    def old_works(self) -> bool:
        """Whether the secret before the last rotation is still let in."""
        return self.state == "working" and self.old_until is not None and self.old_until > clock.now()
