"""Who may be where: people, workspaces and the membership between them.

Screens and actions on these live in ``modules/workspaces``; the models are here because everything refers to them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext as _

from tongpin.kernel import clock
from tongpin.kernel.tenancy.enums import Density, Language, Role, Theme, WeekStart
from tongpin.lib.ids import new_id

if TYPE_CHECKING:
    from tongpin.kernel.tenancy.actor import Actor


class UserManager(BaseUserManager["User"]):
    """People. Workspace tokens, which act under an account of their own, are left out: whatever lists, counts, finds or
    signs in people starts here. ``User.actors`` has both.
    """

    def get_queryset(self) -> models.QuerySet[User]:
        return super().get_queryset().filter(is_token=False)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Make a person who can sign in. ``email`` is kept lower-case; the first one owns the server."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A person's account on this server. What they are in a workspace is their ``Membership``.

    ``is_token``: no person but a workspace token, by its name. It has one membership, no password, and no way in but
    its secret.
    """

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=80)
    pinyin = models.CharField(max_length=400, blank=True, editable=False)
    avatar = models.UUIDField(null=True, blank=True)
    language = models.CharField(max_length=8, choices=Language, default=Language.ENGLISH)
    time_zone = models.CharField(max_length=64, default="Asia/Shanghai")
    theme = models.CharField(max_length=8, choices=Theme, default=Theme.SYSTEM)
    density = models.CharField(max_length=12, choices=Density, default=Density.COMFORTABLE)
    owns_server = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    is_token = models.BooleanField(default=False, editable=False)
    joined_at = models.DateTimeField(default=clock.now)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = UserManager()
    #: People and workspace tokens: for naming who did something.
    actors: ClassVar[models.Manager[User]] = models.Manager()

    class Meta:
        ordering: ClassVar[list[str]] = []
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["owns_server"], condition=models.Q(owns_server=True), name="one_server_owner"
            )
        ]

    # django-allauth and django.contrib ask for these two; the server has no Django admin.
    @property
    def is_staff(self) -> bool:
        return self.owns_server

    @property
    def is_superuser(self) -> bool:
        return False

    def get_short_name(self) -> str:
        """What whoever did something is called, in the reader's language: a token says that it is one."""
        if self.is_token:
            return _("Token %(name)s") % {"name": self.name}
        return self.name or self.email.split("@")[0]


class WorkspaceQuerySet(models.QuerySet["Workspace"]):
    def visible_to(self, actor: Actor) -> Self:
        """Workspaces in which the actor's person is an active member."""
        if actor.user is None:
            return self.none()
        return self.filter(deleted_at=None, memberships__user=actor.user, memberships__deactivated_at=None)


class Workspace(models.Model):
    """The tenant boundary: a company's or a team's own data."""

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    logo = models.UUIDField(null=True, blank=True)
    language = models.CharField(max_length=8, choices=Language, default=Language.ENGLISH)
    time_zone = models.CharField(max_length=64, default="Asia/Shanghai")
    week_start = models.SmallIntegerField(choices=WeekStart, default=WeekStart.MONDAY)
    second_factor_required = models.BooleanField(default=False)
    #: Networks people come in from, as CIDR; none is no restriction.
    allowed_networks = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    #: After so long a person signs in again: hours since they did, minutes since they last opened a page; 0 is never.
    session_hours = models.PositiveIntegerField(default=0)
    idle_minutes = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=clock.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = []


class OldSlug(models.Model):
    """A slug a workspace had before; its addresses still lead there."""

    slug = models.SlugField(max_length=40, unique=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")


class WorkspaceScopedQuerySet(models.QuerySet[Any]):
    """The default for rows of a workspace: its active members see them, nobody else."""

    def visible_to(self, actor: Actor) -> Self:
        """Rows of the actor's workspace; none if the actor is in no workspace."""
        if actor.workspace is None or not (actor.membership or actor.is_system):
            return self.none()
        return self.filter(workspace=actor.workspace)


class WorkspaceModel(models.Model):
    """A row that belongs to a workspace. ``public_id`` is its only name outside the database.

    Each subclass sets ``objects`` from a queryset that has ``visible_to(actor)`` (a test sees to it).
    """

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")

    class Meta:
        abstract = True
        ordering: ClassVar[list[str]] = []


#: For a guest: further members it works with. A module whose places bring people together adds to it in ``ready()``.
circles: list[Callable[[Actor], models.Q]] = []


class MembershipQuerySet(WorkspaceScopedQuerySet):
    def active(self) -> Self:
        return self.filter(deactivated_at=None)

    def places_of(self, user: User) -> Self:
        """Where the person is an active member, by the workspace's name."""
        rows = self.active().filter(user=user, workspace__deleted_at=None)
        return rows.select_related("workspace", "user").order_by("workspace__name", "pk")

    def visible_to(self, actor: Actor) -> Self:
        """Members see all of their workspace; a guest sees itself, the workspace's owners and admins, and its
        ``circles``.
        """
        rows = super().visible_to(actor)
        if actor.membership is not None and actor.membership.role == Role.GUEST:
            known = models.Q(pk=actor.membership.pk) | models.Q(role__in=[Role.OWNER, Role.ADMIN])
            for circle in circles:
                known |= circle(actor)
            return rows.filter(known)
        return rows


_Memberships = models.Manager.from_queryset(MembershipQuerySet)


class MembershipManager(_Memberships["Membership"]):
    """People's. ``Membership.actors`` has those of workspace tokens as well."""

    def get_queryset(self) -> MembershipQuerySet:
        return MembershipQuerySet(self.model, using=self._db).filter(is_token=False)


class Membership(WorkspaceModel):
    """A person in a workspace: a *member* 成员. Deactivated ones stay, so that history keeps its names.

    ``is_token``: a workspace token's, as ``User.is_token`` says; here too, because nearly every list asks for it.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role, default=Role.MEMBER)
    joined_at = models.DateTimeField(default=clock.now)
    deactivated_at = models.DateTimeField(null=True, blank=True)
    is_token = models.BooleanField(default=False, editable=False)
    version = models.PositiveIntegerField(default=1)

    objects = MembershipManager()
    #: People's and workspace tokens': for letting in, and for naming who did something.
    actors = MembershipQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "user"], name="one_membership_per_person")
        ]
