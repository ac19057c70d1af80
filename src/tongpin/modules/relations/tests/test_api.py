"""What programs read of relations."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tongpin.kernel.actions.door import run_named
from tongpin.kernel.errors import Denied, NotFound
from tongpin.modules.relations import api


@pytest.fixture
def asking(rf, actor_of):
    def request(who: str, *scopes: str):
        made = rf.get("/")
        made.actor = replace(actor_of(who), scopes=frozenset(scopes) if scopes else None)
        return made

    return request


@pytest.fixture
def linked(project, link, actor_of):
    """A project that blocks another and relates to a department."""
    this, other = project("Staff app"), project("Shop app")
    department = run_named("workspaces.department.create", actor_of("owner"), {"name": "Research"}).value
    link(this, "blocks", other)
    link(this, "relates", department)
    return this


def read(request, row, **more):
    return api.list_relations(request, "acme", "workspaces.project", row.public_id, **more)


def test_one_by_one(asking, linked):
    first = read(asking("member"), linked, limit=1)
    assert [(one.kind, one.backward, one.words, one.other.title) for one in first.items] == [
        ("blocks", False, "blocks", "Shop app")
    ]
    second = read(asking("member"), linked, limit=1, cursor=first.next)
    assert [one.other.title for one in second.items] == ["Research"]
    assert second.next is None


def test_who_may_read(asking, linked):
    for who in ("guest", "stranger"):
        with pytest.raises(NotFound):
            read(asking(who), linked)
    with pytest.raises(Denied):
        read(asking("member", "workspaces:read"), linked)
    with pytest.raises(NotFound):
        read(asking("member", "relations:read"), linked)
    assert len(read(asking("member", "relations:read", "workspaces:read"), linked).items) == 2


def test_a_type_that_is_not_there(asking, linked):
    with pytest.raises(NotFound):
        api.list_relations(asking("owner"), "acme", "nothing.like_it", linked.public_id)
