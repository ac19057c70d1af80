"""What happens to the people of a workspace as a whole. Part of ``events``, which is full."""

from __future__ import annotations

from dataclasses import dataclass, field

from tongpin.kernel.events.payloads import event


@event("workspaces.member_import_created")
@dataclass(frozen=True)
class MemberImportCreated:
    name: str
    rows: int


@event("workspaces.member_import_mapped")
@dataclass(frozen=True)
class MemberImportMapped:
    name: str


@event("workspaces.member_import_started")
@dataclass(frozen=True)
class MemberImportStarted:
    """``rows`` is how many people are to be invited."""

    name: str
    rows: int


@event("workspaces.member_import_advanced")
@dataclass(frozen=True)
class MemberImportAdvanced:
    """``left`` is how many rows still wait to be invited."""

    left: int


@event("workspaces.member_import_undone")
@dataclass(frozen=True)
class MemberImportUndone:
    """How many invitations were taken back, departments removed and members put back as they were."""

    name: str
    invitations: int
    departments: int
    members: int = 0


@event("workspaces.member_import_links_made")
@dataclass(frozen=True)
class MemberImportLinksMade:
    name: str
    links: int


@event("workspaces.member_handed_over")
@dataclass(frozen=True)
class MemberHandedOver:
    """``things`` is how many went to others; each has an event of its own."""

    things: int


@event("workspaces.domain_access_edited")
@dataclass(frozen=True)
class DomainAccessEdited:
    """``domains`` is what lets people in now; none switches it off."""

    role: str
    domains: list[str] = field(default_factory=list)
