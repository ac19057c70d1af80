"""The directory: members searched and filtered, a page at a time, each with the departments they are in."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from tongpin.kernel import paging
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.workspaces.models import Department, DepartmentMember, Project, ProjectMember
from tongpin.modules.workspaces.queries.department import Node, departments_of
from tongpin.modules.workspaces.queries.finding import find, fitting
from tongpin.modules.workspaces.queries.member import BY_POWER, known_by, with_confirmed


def directory(
    actor: Actor,
    text: str = "",
    *,
    department: Node | None = None,
    in_none: bool = False,
    role: str = "",
    deactivated: bool = False,
    cursor: str = "",
    limit: int = paging.LIMIT,
) -> paging.Page[Membership]:
    """Members the actor sees, owners first, then by name, each with ``places``: its departments. Two queries.

    ``text`` is found in name, pinyin, e-mail and the departments' names; ``department`` counts those below it,
    ``in_none`` is who is in no department. Raises Invalid (cursor).
    """
    rows: QuerySet[Membership] = with_confirmed(Membership.objects.visible_to(actor))
    rows = rows.filter(deactivated_at__isnull=not deactivated)
    if role in Role:
        rows = rows.filter(role=role)
    places = DepartmentMember.objects.visible_to(actor).filter(membership=OuterRef("pk"))
    if department is not None:
        inside = [node.row.pk for node in department.walk()]
        rows = rows.filter(Exists(places.filter(department__in=inside)))
    elif in_none:
        rows = rows.filter(~Exists(places))
    if text.strip():
        named = Department.objects.visible_to(actor).filter(fitting(text, within=("name",), spoken="pinyin"))
        also = Q(pk__in=DepartmentMember.objects.filter(department__in=named).values("membership"))
        rows = find(rows, text, within=known_by(actor), spoken="user__pinyin", also=also)
    by = ("power", "user__pinyin", "user__name")
    ranked: QuerySet[Membership] = rows.annotate(power=BY_POWER)
    page = paging.ordered(ranked, by, cursor, limit)
    with_places(actor, page.items)
    return page


def with_places(actor: Actor, members: list[Membership]) -> None:
    """Give each member ``places``: the departments they are in, by name. One query."""
    found = departments_of(actor, members)
    for member in members:
        member.places = found.get(member.pk, [])  # type: ignore[attr-defined]


def projects_of(actor: Actor, member: Membership) -> list[ProjectMember]:
    """The member's places in projects the actor sees, by the project's name; archived ones last."""
    rows = ProjectMember.objects.filter(membership=member, project__in=Project.objects.visible_to(actor))
    found = rows.select_related("project").order_by("project__pinyin", "project__name")
    return sorted(found, key=lambda place: place.project.archived_at is not None)
