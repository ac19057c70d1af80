"""Projects, as the actor may see them, and what the actor is in them."""

from __future__ import annotations

import uuid
from itertools import product
from string import ascii_uppercase

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from tongpin.kernel import paging
from tongpin.kernel.errors import NotFound
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Workspace
from tongpin.lib import pinyin
from tongpin.modules.workspaces.enums import ProjectRole
from tongpin.modules.workspaces.models import OldProjectKey, Project, ProjectMember, ProjectPin
from tongpin.modules.workspaces.queries.finding import find

#: How many projects the sidebar shows.
SIDEBAR = 8
_BY_ROLE = Case(
    *[When(role=role, then=Value(role.rank)) for role in ProjectRole], output_field=IntegerField()
)


def visible(actor: Actor) -> QuerySet[Project]:
    """Every project the actor may see, archived ones too."""
    rows: QuerySet[Project] = Project.objects.visible_to(actor)
    return rows


def _active(members: QuerySet[ProjectMember]) -> QuerySet[ProjectMember]:
    """Those who still are members of the workspace; a lead who left is kept until the project is handed over."""
    return members.filter(Q(membership__deactivated_at=None) | Q(role=ProjectRole.LEAD))


def _pins(actor: Actor) -> QuerySet[ProjectPin]:
    """For a subquery: the actor's pin of the outer project."""
    return ProjectPin.objects.filter(
        project=OuterRef("pk"), membership=actor.membership, pinned_at__isnull=False
    )


def for_lists(actor: Actor, rows: QuerySet[Project]) -> QuerySet[Project]:
    """The rows with what a list shows: ``leads`` (one or none), ``member_count``, ``own_role``, ``pinned``."""
    members = ProjectMember.objects.filter(project=OuterRef("pk"))
    count = _active(members).order_by().values("project").annotate(n=Count("pk")).values("n")
    leads = ProjectMember.objects.filter(role=ProjectRole.LEAD).select_related("membership__user")
    return (
        rows.select_related("workspace")
        .annotate(
            member_count=Coalesce(Subquery(count), 0),
            own_role=Coalesce(
                Subquery(members.filter(membership=actor.membership).values("role")), Value("")
            ),
            pinned=Exists(_pins(actor)),
        )
        .prefetch_related(Prefetch("members", leads, to_attr="leads"))
    )


def projects(
    actor: Actor,
    text: str = "",
    *,
    kind: str = "",
    archived: bool = False,
    cursor: str = "",
    limit: int = paging.LIMIT,
) -> paging.Page[Project]:
    """A page of projects by name; ``text`` is found in name, key, purpose and pinyin. Raises Invalid (cursor)."""
    rows = visible(actor).filter(archived_at__isnull=not archived)
    if kind:
        rows = rows.filter(kind=kind)
    rows = find(rows, text, within=("name", "key", "purpose"), spoken="pinyin")
    return paging.ordered(for_lists(actor, rows), ("pinyin", "name"), cursor, limit)


def project_by_key(actor: Actor, key: str) -> Project:
    """The project with that key, now or before, with what a page shows of it. Raises NotFound."""
    key = key.upper()
    rows = for_lists(actor, visible(actor))
    row = rows.filter(key=key).first()
    if row is None:
        old = OldProjectKey.objects.visible_to(actor).filter(key=key).values("project")
        row = rows.filter(pk__in=old).first()
    if row is None:
        raise NotFound
    return row


def leads_of(project: Project) -> list[int]:
    """The users (primary keys) who lead it. No query where the project came from a list or its page."""
    known: list[ProjectMember] | None = getattr(project, "leads", None)
    if known is not None:
        return [lead.membership.user_id for lead in known]
    rows = project.members.filter(role=ProjectRole.LEAD)
    return list(rows.values_list("membership__user", flat=True))


def in_sidebar(actor: Actor) -> list[Project]:
    """The actor's pinned projects in the order of pinning, then those they are in, by name; at most SIDEBAR."""
    if actor.membership is None:
        return []
    rows = visible(actor).filter(archived_at=None).annotate(pin=Subquery(_pins(actor).values("pinned_at")))
    mine = ProjectMember.objects.filter(project=OuterRef("pk"), membership=actor.membership)
    rows = rows.filter(Q(pin__isnull=False) | Exists(mine))
    return list(rows.order_by(F("pin").asc(nulls_last=True), "pinyin", "name", "pk")[:SIDEBAR])


def places(
    actor: Actor, project: Project, cursor: str = "", limit: int = paging.LIMIT
) -> paging.Page[ProjectMember]:
    """Who is in a project: the lead, then members, then viewers, each by name. Raises Invalid (cursor)."""
    rows = _active(ProjectMember.objects.visible_to(actor).filter(project=project))
    rows = rows.select_related("membership__user").annotate(rank=_BY_ROLE)
    by = ("rank", "membership__user__pinyin", "membership__user__name")
    return paging.ordered(rows, by, cursor, limit)


def role_in(actor: Actor, project: Project) -> ProjectRole | None:
    """What the actor is in a project; None if they are not in it."""
    role = project.members.filter(membership=actor.membership).values_list("role", flat=True).first()
    return ProjectRole(role) if role else None


def may_work_in(actor: Actor, project: Project) -> bool:
    """Whether the actor may change what is in a project: its lead and members, and the workspace's owners and admins.
    Nobody may in an archived one. Reading is ``visible_to``.
    """
    if project.archived_at is not None:
        return False
    if actor.is_system or actor.role in (Role.OWNER, Role.ADMIN):
        return True
    return role_in(actor, project) in (ProjectRole.LEAD, ProjectRole.MEMBER)


def key_taken(workspace: Workspace, key: str, but: Project | None = None) -> bool:
    """Whether another project has this key, now or from before."""
    now = Project.objects.filter(workspace=workspace, key=key, deleted_at=None)
    before = OldProjectKey.objects.filter(workspace=workspace, key=key)
    if but is not None:
        now, before = now.exclude(pk=but.pk), before.exclude(project_id=but.pk)
    return now.exists() or before.exists()


def propose_key(workspace: Workspace, name: str) -> str:
    """A free key made from a project's name: a word's first letters, or the initials of several and of its pinyin."""
    base = _initials(name)
    taken = {
        *Project.objects.filter(workspace=workspace, deleted_at=None).values_list("key", flat=True),
        *OldProjectKey.objects.filter(workspace=workspace).values_list("key", flat=True),
    }
    endings = ("".join(end) for length in range(4) for end in product(ascii_uppercase, repeat=length))
    return next(key for end in endings if (key := base[: 6 - len(end)] + end) not in taken)


def _initials(name: str) -> str:
    parts = ["".join(sign for sign in part if sign.isalpha()).upper() for part in pinyin.syllables(name)]
    parts = [part for part in parts if part]
    if not parts:
        return "PR"
    if len(parts) == 1:
        return (parts[0][:3] + "PR")[: max(2, min(3, len(parts[0])))]
    # What stands in capitals is an abbreviation already: NPS 攻坚 is NPSGJ.
    return "".join(part if part in name and len(part) < 5 else part[0] for part in parts)[:6]


def pin_owners(pins: list[uuid.UUID]) -> dict[uuid.UUID, int]:
    """The user each pin belongs to."""
    rows = ProjectPin.objects.filter(public_id__in=pins)
    return dict(rows.values_list("public_id", "membership__user_id"))
