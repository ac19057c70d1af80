"""The tree of departments: in order, with its people counted."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db.models import QuerySet

from tongpin.kernel import paging
from tongpin.kernel.errors import NotFound
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.lib import pinyin
from tongpin.modules.workspaces.models import Department, DepartmentMember

#: How many departments may stand below each other.
DEEPEST = 10


@dataclass(slots=True)
class Node:
    """A department in the tree. ``people`` are primary keys of the active members in it and in those below it, once
    each; ``own`` counts those in itself.
    """

    row: Department
    depth: int = 0
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)
    own: int = 0
    people: set[int] = field(default_factory=set)

    @property
    def path(self) -> str:
        """Its name after those above it: 研发 / 后端."""
        return f"{self.parent.path} / {self.row.name}" if self.parent else self.row.name

    @property
    def count(self) -> int:
        return len(self.people)

    def walk(self) -> Iterator[Node]:
        """It and everything below it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Tree:
    """Every department the actor sees. ``by_id`` has primary keys."""

    tops: list[Node]
    by_id: dict[int, Node]

    def __iter__(self) -> Iterator[Node]:
        for top in self.tops:
            yield from top.walk()

    def find(self, public_id: uuid.UUID | None) -> Node:
        """The node of a department. Raises NotFound."""
        found = next((node for node in self if node.row.public_id == public_id), None)
        if found is None:
            raise NotFound
        return found

    def outside(self, node: Node) -> list[Node]:
        """Where a department may be moved: everywhere but into itself and what is below it."""
        inside = {below.row.pk for below in node.walk()}
        return [other for other in self if other.row.pk not in inside]


def tree(actor: Actor, *, counted: bool = False) -> Tree:
    """The departments in order; ``counted`` with their people (one more query)."""
    rows = Department.objects.visible_to(actor).select_related("lead__user").order_by("rank", "pk")
    by_id = {row.pk: Node(row) for row in rows}
    tops: list[Node] = []
    for node in by_id.values():
        node.parent = by_id.get(node.row.parent_id or 0)
        (node.parent.children if node.parent else tops).append(node)
    found = Tree(tops, by_id)
    for node in found:
        node.depth = node.parent.depth + 1 if node.parent else 0
    if counted:
        _count(found, DepartmentMember.objects.visible_to(actor).filter(membership__deactivated_at=None))
    return found


def _count(found: Tree, places: QuerySet[DepartmentMember]) -> None:
    for department, membership in places.values_list("department", "membership"):
        node = found.by_id[department]
        node.own += 1
        node.people.add(membership)
    for node in reversed(list(found)):  # those below first
        if node.parent is not None:
            node.parent.people |= node.people


def people(
    actor: Actor, department: Department, cursor: str = "", limit: int = paging.LIMIT
) -> paging.Page[Membership]:
    """The active members in the department itself, by name. Raises Invalid (cursor)."""
    rows = Membership.objects.visible_to(actor).active().select_related("user")
    rows = rows.filter(departments__department=department)
    return paging.ordered(rows, ("user__pinyin", "user__name"), cursor, limit)


def departments_of(actor: Actor, members: Iterable[Membership]) -> dict[int, list[Department]]:
    """By the primary key of each member: the departments they are in, by name. One query."""
    places = DepartmentMember.objects.visible_to(actor).filter(membership__in=[m.pk for m in members])
    found: dict[int, list[Department]] = {}
    for place in places.select_related("department").order_by("department__pinyin", "department__name"):
        found.setdefault(place.membership_id, []).append(place.department)
    return found


def named(found: Tree, text: str) -> list[Node]:
    """The departments whose name holds the text, or whose pinyin begins so at any syllable; all for no text."""
    text, said = text.strip().casefold(), pinyin.typed(text)
    return [
        node
        for node in found
        if text in node.row.name.casefold()
        or (said and any(key.startswith(said) for key in pinyin.keys(node.row.pinyin)))
    ]


def choice(node: Node) -> dict[str, str]:
    """A department as a row of a picker."""
    hint = node.parent.path if node.parent else ""
    return {"id": str(node.row.public_id), "title": node.row.name, "hint": hint}
