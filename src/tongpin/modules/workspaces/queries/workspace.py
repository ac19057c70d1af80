"""A person's workspaces."""

from __future__ import annotations

from django.db.models import QuerySet

from tongpin.kernel import clock
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership, OldSlug, User, Workspace
from tongpin.lib import pinyin
from tongpin.modules.workspaces.fields import RESERVED
from tongpin.modules.workspaces.models import RESTORABLE


def restorable(user: User) -> QuerySet[Workspace]:
    """Deleted workspaces the person owns and can still bring back, last deleted first."""
    return Workspace.objects.filter(
        deleted_at__gt=clock.now() - RESTORABLE,
        memberships__user=user,
        memberships__role=Role.OWNER,
        memberships__deactivated_at=None,
    ).order_by("-deleted_at")


def last_used(user: User, slug: str | None) -> Membership | None:
    """The membership in the workspace with that slug, else the one joined last; None if there is none."""
    rows = list(Membership.objects.places_of(user))
    here = [row for row in rows if row.workspace.slug == slug]
    return here[0] if here else max(rows, key=lambda row: row.joined_at, default=None)


def propose_slug(name: str) -> str:
    """A free address made from a workspace's name: its pinyin or words, numbered if that is taken."""
    base = "-".join(pinyin.syllables(name))[:34].strip("-") or "team"
    if len(base) < 2 or base in RESERVED:
        base = f"{base}-team"
    like = Workspace.objects.filter(slug__startswith=base).values_list("slug", flat=True)
    taken = {*like, *OldSlug.objects.filter(slug__startswith=base).values_list("slug", flat=True)}
    if base not in taken:
        return base
    return next(slug for n in range(2, len(taken) + 3) if (slug := f"{base}-{n}") not in taken)
