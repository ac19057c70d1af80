"""Linking and unlinking: what is refused, what is told, what is undone."""

from __future__ import annotations

import itertools
import uuid

import pytest

from tongpin.kernel import objects
from tongpin.kernel.actions.door import run_named
from tongpin.kernel.errors import Conflict, Denied, Invalid, NotFound
from tongpin.kernel.events.models import Event
from tongpin.modules.relations import queries
from tongpin.modules.relations.actions import add_relation, remove_relation
from tongpin.modules.relations.models import Relation
from tongpin.modules.workspaces.queries.activity import activity

from .conftest import end


def refused(call, *errors):
    """The call raises one of the errors and no row is changed."""

    def rows():
        return list(Relation.objects.order_by("pk").values()), Event.objects.count()

    before = rows()
    with pytest.raises(errors) as caught:
        call()
    assert rows() == before
    return caught.value


@pytest.fixture
def two(project):
    return project("Staff app"), project("Shop app")


def test_both_ends_say_it_each_in_its_own_words(two, link, actor_of):
    this, other = two
    link(this, "blocks", other)
    for row, words in ((this, "blocks"), (other, "is blocked by")):
        (shown,), following = queries.related(actor_of("member"), ("workspaces.project", row.public_id))
        assert (shown.phrase.words, following) == (words, None)
    assert shown.card.title == "Staff app"


def test_both_streams_tell_it_without_a_word_of_the_other(two, link, actor_of):
    this, other = two
    row = link(this, "blocks", other)
    told = Event.objects.filter(name="relations.relation_added").order_by("pk")
    assert [event.subject_id for event in told] == [this.public_id, other.public_id]
    common = {"relation": str(row.public_id), "kind": "blocks", "other_type": "workspaces.project"}
    assert [event.payload for event in told] == [
        common | {"backward": False, "other_id": str(other.public_id)},
        common | {"backward": True, "other_id": str(this.public_id)},
    ]
    said = [str(line.said) for line in activity(actor_of("owner"), None)[0][:2]]
    assert said == [f"added a link: is blocked by {this.name}", f"added a link: blocks {other.name}"]


def test_a_mutual_link_is_one_whoever_says_it(two, link):
    this, other = two
    link(this, "relates", other)
    error = refused(lambda: link(other, "relates", this), Conflict)
    assert error.code == "linked_already"


def test_one_kind_does_not_exclude_another(two, link):
    link(*[two[0], "answers", two[1]])
    link(*[two[0], "relates", two[1]])
    assert Relation.objects.count() == 2


def test_twice_the_same_is_refused(two, link):
    link(two[0], "answers", two[1])
    assert refused(lambda: link(two[0], "answers", two[1]), Conflict).code == "linked_already"


def test_nothing_is_linked_with_itself(two, link):
    assert refused(lambda: link(two[0], "relates", two[0]), Invalid).code == "itself"


@pytest.mark.parametrize("kind", ["blocks", "duplicates", "caused"])
def test_no_circle(project, link, kind):
    rows = [project(f"P{n}", key=f"P{'ABCD'[n]}") for n in range(4)]
    for this, other in itertools.pairwise(rows):
        link(this, kind, other)
    assert refused(lambda: link(rows[3], kind, rows[0]), Conflict).code == "circle"
    assert refused(lambda: link(rows[1], kind, rows[0]), Conflict).code == "circle"
    link(rows[0], kind, rows[3])  # a second way to the same end is none


@pytest.mark.parametrize("kind", ["relates", "answers"])
def test_other_kinds_may_come_back(project, link, kind):
    rows = [project(f"P{n}", key=f"P{'ABC'[n]}") for n in range(3)]
    for this, other in zip(rows, [*rows[1:], rows[0]], strict=True):
        link(this, kind, other)
    assert Relation.objects.count() == 3


def test_undo_both_ways(two, link, actor_of):
    owner = actor_of("owner")
    data = {"kind": "caused", "this": end(two[0]), "other": end(two[1])}
    added = add_relation.run(owner, data)
    run_named(added.undo.action, owner, added.undo.data, target=added.undo.target)
    assert not Relation.objects.exists()
    row = link(two[0], "caused", two[1])
    removed = remove_relation.run(owner, target=row)
    assert not Relation.objects.exists()
    run_named(removed.undo.action, owner, removed.undo.data, target=removed.undo.target)
    back = Relation.objects.get()
    assert (back.kind, back.from_id, back.to_id) == ("caused", two[0].public_id, two[1].public_id)


@pytest.mark.parametrize("who", ["guest", "stranger"])
def test_denied_to_add(two, actor_of, who):
    data = {"kind": "blocks", "this": end(two[0]), "other": end(two[1])}
    refused(lambda: add_relation.run(actor_of(who), data), Denied, Invalid)


@pytest.mark.parametrize("who", ["guest", "stranger"])
def test_denied_to_remove(two, link, actor_of, who):
    row = link(two[0], "blocks", two[1])
    refused(lambda: remove_relation.run(actor_of(who), target=row), Denied, NotFound)


@pytest.mark.parametrize("who", ["owner", "admin", "member"])
def test_members_may(two, actor_of, who):
    data = {"kind": "blocks", "this": end(two[0]), "other": end(two[1])}
    row = add_relation.run(actor_of(who), data).value
    assert row.made_by == actor_of(who).user
    remove_relation.run(actor_of(who), target=row)
    assert not Relation.objects.exists()


def test_what_one_does_not_see_cannot_be_linked_nor_unlinked(project, link, actor_of):
    seen, hidden = project("Seen"), project("Hidden", visibility="private")
    data = {"kind": "relates", "this": end(seen), "other": end(hidden)}
    assert refused(lambda: add_relation.run(actor_of("member"), data), Invalid).code == "not_there"
    row = link(seen, "relates", hidden)
    refused(lambda: remove_relation.run(actor_of("member"), target=row), NotFound)
    assert queries.related(actor_of("member"), ("workspaces.project", seen.public_id)) == ([], None)
    assert len(queries.related(actor_of("owner"), ("workspaces.project", seen.public_id))[0]) == 1


def test_what_is_deleted_takes_its_links_along_and_brings_them_back(two, link, actor_of):
    owner, reference = actor_of("owner"), ("workspaces.project", two[0].public_id)
    link(two[0], "relates", two[1])
    gone = run_named("workspaces.project.delete", owner, {}, target=two[1])
    assert queries.related(owner, reference) == ([], None)
    run_named(gone.undo.action, owner, gone.undo.data, target=gone.undo.target)
    assert len(queries.related(owner, reference)[0]) == 1


@pytest.mark.parametrize("key", ["tenancy.membership", "tenancy.workspace", "nothing.like_it"])
def test_only_what_can_be_linked(two, actor_of, people, key):
    other = {"type": key, "id": str(people.admin.public_id)}
    data = {"kind": "relates", "this": end(two[0]), "other": other}
    assert refused(lambda: add_relation.run(actor_of("owner"), data), Invalid).code == "not_linkable"


def test_what_is_not_there(two, actor_of):
    data = {"kind": "relates", "this": end(two[0]), "other": {**end(two[1]), "id": str(uuid.uuid4())}}
    assert refused(lambda: add_relation.run(actor_of("owner"), data), Invalid).code == "not_there"


class TestAddresses:
    def test_a_project_by_its_key(self, project, actor_of):
        row = project("Staff app", key="STF")
        for path in ("/w/acme/projects/STF/", "/w/acme/projects/STF", "/w/acme/projects/STF/members/"):
            assert objects.at(actor_of("member"), path).id == row.public_id

    def test_others_by_their_id(self, actor_of):
        row = run_named("workspaces.department.create", actor_of("owner"), {"name": "Research"}).value
        path = f"/w/acme/departments/{row.public_id}/"
        assert objects.at(actor_of("member"), path).title == "Research"
        assert objects.at(actor_of("guest"), path) is None

    @pytest.mark.parametrize(
        "path", ["/w/acme/projects/", "/w/acme/projects/NONE/", "/w/elsewhere/projects/STF/", "/w/acme/", ""]
    )
    def test_elsewhere(self, project, actor_of, path):
        project("Staff app", key="STF")
        assert objects.at(actor_of("owner"), path) is None
