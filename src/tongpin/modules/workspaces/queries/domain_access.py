"""Which workspaces a person may join by the domain of their confirmed address."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db.models import QuerySet

from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership, User
from tongpin.modules.workspaces.models import DomainAccess


def domain_of(email: str) -> str:
    """What stands behind the @, in lower case."""
    return email.rpartition("@")[2].lower()


def confirmed_domain(user: User) -> str:
    """The domain of the address the person signs in with, if they have shown that it is theirs; else ""."""
    own = EmailAddress.objects.filter(user=user, email=user.email, verified=True)
    return domain_of(user.email) if user.is_active and own.exists() else ""


def joinable(user: User) -> QuerySet[DomainAccess]:
    """Workspaces that let this person in and in which they never were, by name."""
    domain = confirmed_domain(user)
    rows = DomainAccess.objects.select_related("workspace").order_by("workspace__name", "pk")
    if not domain:
        return rows.none()
    found: QuerySet[DomainAccess] = rows.filter(domains__contains=[domain], workspace__deleted_at=None)
    return found.exclude(workspace__in=Membership.objects.filter(user=user).values("workspace"))


def lets_anybody_in() -> bool:
    """Whether any workspace of this server lets people in by their domain."""
    return DomainAccess.objects.filter(workspace__deleted_at=None).exclude(domains=[]).exists()


def own_domains(actor: Actor) -> set[str]:
    """Domains at which an owner or admin of the workspace has a confirmed address."""
    admins = Membership.objects.active().filter(
        workspace=actor.workspace, role__in=[Role.OWNER, Role.ADMIN], user__is_active=True
    )
    rows = EmailAddress.objects.filter(user__in=admins.values("user"), verified=True)
    return {domain_of(email) for email in rows.values_list("email", flat=True)}


def of_workspace(actor: Actor) -> DomainAccess:
    """The workspace's own; an empty one that is not stored where nothing was ever set."""
    row = DomainAccess.objects.visible_to(actor).first()
    return row or DomainAccess(workspace=actor.workspace)
