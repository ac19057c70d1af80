"""What an import of members would do, row by row, and what it did."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, QuerySet

from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.workspaces import member_columns as columns
from tongpin.modules.workspaces.enums import ProjectRole, RowState
from tongpin.modules.workspaces.fields import proper_email
from tongpin.modules.workspaces.models import (
    DepartmentMember,
    Invitation,
    MemberImport,
    MemberImportRow,
    Project,
)
from tongpin.modules.workspaces.queries.department import DEEPEST, Tree, tree

NAME = 80
Path = tuple[str, ...]


@dataclass(slots=True)
class Planned:
    """One row as it would be imported. ``reason`` is a code of ``import_words``, ``about`` what it speaks of; a page
    puts both into words (``why``). Of a member, ``was`` is what the row would change, as it is now: ``role``,
    ``departments`` (paths); in words ``changes``.
    """

    number: int
    email: str = ""
    name: str = ""
    role: Role = Role.MEMBER
    says_role: bool = False
    language: str = ""
    departments: list[Path] = field(default_factory=list)
    projects: list[tuple[Project, ProjectRole]] = field(default_factory=list)
    state: RowState = RowState.WAITING
    reason: str = ""
    about: str = ""
    why: str = ""
    was: dict[str, Any] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        return [" / ".join(path) for path in self.departments]


@dataclass(frozen=True, slots=True)
class Plan:
    """``places`` are the departments there are, by path."""

    rows: list[Planned]
    places: dict[Path, uuid.UUID]

    def missing(self, *states: RowState) -> list[Path]:
        """The paths that rows of these states speak of beside those there are, upper ones first."""
        wanted: dict[Path, None] = {}
        for row in self.rows:
            for path in row.departments if row.state in states else ():
                for end in range(1, len(path) + 1):
                    wanted.setdefault(path[:end])
        return [path for path in wanted if path not in self.places]

    @property
    def counts(self) -> Counter[str]:
        return Counter(row.state.value for row in self.rows)


class _Refused(Exception):
    def __init__(self, reason: str, about: str = "") -> None:
        super().__init__(reason)
        self.reason, self.about = reason, about


@dataclass(frozen=True, slots=True)
class _Known:
    """What rows are compared with; read once."""

    active: dict[str, _Member]
    ended: set[str]
    asked: set[str]
    projects: dict[str, Project]


@dataclass(slots=True)
class _Member:
    """``role`` is None where an import never changes it: of an owner, and of whoever imports."""

    role: Role | None
    departments: list[Path] = field(default_factory=list)


def _known(actor: Actor, found: Tree) -> _Known:
    rows = Membership.objects.visible_to(actor).values_list(
        "pk", "user", "user__email", "role", "deactivated_at"
    )
    members, ended, emails = {}, set(), {}
    for pk, user, email, role, ended_at in rows:
        if ended_at is not None:
            ended.add(email)
            continue
        fixed = role == Role.OWNER or (actor.user is not None and user == actor.user.pk)
        members[email] = emails[pk] = _Member(None if fixed else Role(role))
    for member, department in (
        DepartmentMember.objects.visible_to(actor)
        .filter(membership__deactivated_at=None)
        .values_list("membership", "department")
    ):
        emails[member].departments.append(tuple(found.by_id[department].path.split(" / ")))
    projects: dict[str, Project] = {}
    for project in Project.objects.visible_to(actor).filter(archived_at=None):
        projects.setdefault(project.name.casefold(), project)
    for project in list(projects.values()):
        projects[project.key.casefold()] = project
    return _Known(
        active=members,
        ended=ended,
        asked=asked(actor),
        projects=projects,
    )


def asked(actor: Actor) -> set[str]:
    """Addresses with an open invitation, mailed or made by an import without mail."""
    rows = Invitation.objects.visible_to(actor).open().values_list("email", "imported_row__email")
    return {email for pair in rows for email in pair if email}


def plan(actor: Actor, row: MemberImport) -> Plan:
    """Read the file's rows as its columns say. The number of queries does not depend on the number of rows."""
    found = tree(actor)
    known = _known(actor, found)
    places = {
        tuple(node.path.split(" / ")): node.row.public_id for node in found
    }  # a name with " / " in it is never met
    first: dict[str, int] = {}
    rows = []
    for number, cells in row.lines:
        planned = Planned(number)
        try:
            _read(planned, cells, row.columns, known)
            _once(planned, first)
            planned.state = _state(planned, known)
        except _Refused as refused:
            planned.state = RowState.REFUSED
            planned.reason, planned.about = refused.reason, refused.about
        rows.append(planned)
    return Plan(rows, places)


def _read(planned: Planned, cells: list[str], at: dict[str, int], known: _Known) -> None:
    """Fill ``planned`` as far as it can be read, so that a refusal still shows whom it concerns."""

    def said(name: str) -> str:
        return columns.cell(cells, at.get(name))

    planned.email, planned.name = said("email").lower(), said("name")
    if not planned.email:
        raise _Refused("no_email")
    try:
        planned.email = proper_email(planned.email)
    except ValueError:
        raise _Refused("bad_email", planned.email) from None
    if len(planned.name) > NAME:
        raise _Refused("long_name", planned.name)
    if said("role"):
        planned.says_role = True
        planned.role = _word(said("role"), columns.ROLES, "unknown_role")
    if planned.role == Role.OWNER:
        raise _Refused("no_owner")
    if said("language"):
        planned.language = _word(said("language"), columns.LANGUAGES, "unknown_language")
    planned.departments = columns.departments(said("departments"))
    for path in planned.departments:
        if len(path) > DEEPEST or any(len(name) > NAME for name in path):
            raise _Refused("bad_department", "/".join(path))
    for name, role in columns.projects(said("projects")):
        project = known.projects.get(name.casefold())
        if project is None:
            raise _Refused("unknown_project", name)
        wanted = _word(role, columns.PROJECT_ROLES, "unknown_project_role") if role else ProjectRole.MEMBER
        if wanted == ProjectRole.LEAD:
            raise _Refused("no_lead", project.name)
        planned.projects.append((project, wanted))


def _word(text: str, words: dict[str, Any], reason: str) -> Any:
    found = words.get(text.strip().lower())
    if found is None:
        raise _Refused(reason, text)
    return found


def _once(planned: Planned, first: dict[str, int]) -> None:
    if planned.email in first:
        raise _Refused("twice", str(first[planned.email]))
    first[planned.email] = planned.number


def _state(planned: Planned, known: _Known) -> RowState:
    member = known.active.get(planned.email)
    if member is not None:
        planned.was = _differs(planned, member)
        return RowState.CHANGE if planned.was else RowState.MEMBER
    if planned.email in known.ended:
        raise _Refused("deactivated")
    return RowState.KNOWN if planned.email in known.asked else RowState.WAITING


def _differs(planned: Planned, member: _Member) -> dict[str, Any]:
    """What of a member is otherwise than the row says. An empty cell says nothing."""
    was: dict[str, Any] = {}
    if planned.says_role and member.role not in (None, planned.role):
        was["role"] = member.role
    if planned.departments and set(planned.departments) != set(member.departments):
        was["departments"] = sorted(member.departments)
    return was


def imports(actor: Actor) -> QuerySet[MemberImport]:
    """The last imports, newest first, each with how many people its file has invited."""
    invited = Count("rows", filter=Q(rows__invitation__isnull=False))
    rows: QuerySet[MemberImport] = MemberImport.objects.visible_to(actor).defer("lines")
    return rows.select_related("created_by").annotate(invited=invited).order_by("-pk")[:20]


def counts(row: MemberImport) -> Counter[str]:
    """How many rows came to which end."""
    found = row.rows.order_by().values_list("state").annotate(n=Count("pk"))
    return Counter(dict(found))


def results(row: MemberImport, state: str = "") -> QuerySet[MemberImportRow]:
    """The rows in the file's order; those of one state."""
    rows = row.rows.order_by("number")
    return rows.filter(state=state) if state else rows
