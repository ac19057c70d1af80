"""Who is acting, where, and through which door."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tongpin.kernel.errors import NotFound
from tongpin.kernel.tenancy import entry
from tongpin.kernel.tenancy.enums import Role, Via
from tongpin.kernel.tenancy.models import Membership, Workspace

if TYPE_CHECKING:
    from tongpin.kernel.tenancy.models import User


@dataclass(frozen=True, slots=True)
class Actor:
    """A person (or the system itself) in at most one workspace.

    ``scopes`` is None for a person at a screen; an API token has a closed set such as ``{"goals:read"}``. A workspace
    token is nobody's: its user and membership are its own (``is_token``). ``token`` is the public id of either.
    """

    user: User | None
    workspace: Workspace | None = None
    membership: Membership | None = None
    via: Via = Via.WEB
    scopes: frozenset[str] | None = None
    ip: str | None = None
    token: uuid.UUID | None = None

    @property
    def role(self) -> Role | None:
        """The role in the actor's workspace; None outside any."""
        return Role(self.membership.role) if self.membership else None

    @property
    def is_system(self) -> bool:
        """True for the server acting by itself; it holds every permission."""
        return self.via == Via.SYSTEM and self.user is None

    @property
    def is_token(self) -> bool:
        """True for a workspace token; false for a person, through a token of their own as well."""
        return self.user is not None and self.user.is_token

    @property
    def time_zone(self) -> str:
        """The IANA zone in which this actor reads times."""
        if self.user is not None:
            return self.user.time_zone
        return self.workspace.time_zone if self.workspace else "UTC"

    @classmethod
    def of(cls, user: User, via: Via = Via.WEB, *, ip: str | None = None) -> Actor:
        """The person outside any workspace: profile, sign-in, list of workspaces."""
        return cls(user=user, via=via, ip=ip)

    @classmethod
    def in_workspace(
        cls,
        user: User,
        slug: str,
        via: Via = Via.WEB,
        *,
        scopes: frozenset[str] | None = None,
        ip: str | None = None,
    ) -> Actor:
        """The person as an active member of the workspace with that slug.

        Raises NotFound when there is none or the person is not an active member: a stranger cannot tell which. Raises
        Denied for a member whom the workspace's security settings keep out (``entry``), except on the server itself.
        """
        row = (
            Membership.actors.select_related("workspace")
            .filter(
                workspace__slug=slug,
                workspace__deleted_at=None,
                user=user,
                deactivated_at=None,
                user__is_active=True,
            )
            .first()
        )
        if row is None:
            raise NotFound
        if via in (Via.WEB, Via.API):
            entry.require(row.workspace, user, ip=ip)
        return cls(user=user, workspace=row.workspace, membership=row, via=via, scopes=scopes, ip=ip)

    @classmethod
    def for_member(cls, membership: Membership, via: Via = Via.WEB, *, ip: str | None = None) -> Actor:
        """The actor of a membership already loaded."""
        return cls(
            user=membership.user, workspace=membership.workspace, membership=membership, via=via, ip=ip
        )

    @classmethod
    def system(cls, workspace: Workspace | None = None) -> Actor:
        """The server itself (a job, the demo, a result day): sees the workspace, is nobody in it."""
        return cls(user=None, workspace=workspace, via=Via.SYSTEM)
