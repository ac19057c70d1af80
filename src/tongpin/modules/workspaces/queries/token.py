"""Tokens that still count."""

from __future__ import annotations

from django.db.models import QuerySet

from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.workspaces.models import ApiToken, WorkspaceToken


def own(actor: Actor) -> QuerySet[ApiToken]:
    """The actor's own tokens that have not been revoked, newest first; ended ones are among them."""
    rows: QuerySet[ApiToken] = ApiToken.objects.visible_to(actor)
    return rows.filter(user=actor.user, revoked_at=None).order_by("-pk")


def of_others(actor: Actor) -> QuerySet[ApiToken]:
    """For owners and admins: the other members' tokens that have not been revoked; nothing for anyone else."""
    rows: QuerySet[ApiToken] = ApiToken.objects.visible_to(actor)
    return rows.exclude(user=actor.user).filter(revoked_at=None).select_related("user").order_by("-pk")


def of_workspace(actor: Actor) -> list[WorkspaceToken]:
    """The workspace's own tokens that have not been revoked, newest first, ended ones too: for owners and admins."""
    rows = WorkspaceToken.objects.visible_to(actor).filter(revoked_at=None)
    return list(rows.select_related("membership", "made_by__user").order_by("-pk"))
