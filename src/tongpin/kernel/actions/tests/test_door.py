"""The door, on a small action of its own over the workspace row."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest
from django.db import connection
from pydantic import BaseModel, ConfigDict, Field

from tongpin.kernel import authz
from tongpin.kernel.actions.door import run_named
from tongpin.kernel.actions.models import OnceKey
from tongpin.kernel.actions.registry import action, registry
from tongpin.kernel.errors import Conflict, Denied, Invalid, NotFound
from tongpin.kernel.events.models import Event
from tongpin.kernel.events.payloads import event
from tongpin.kernel.events.recording import emit
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership, Workspace


@event("testing.workspace_retitled")
@dataclass(frozen=True)
class Retitled:
    name: str


class Retitle(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str | None = Field(default=None, min_length=1, max_length=80)
    time_zone: str | None = None


authz.declare("testing.workspace.retitle", authz.ADMINS)


@action(
    "testing.workspace.retitle",
    permission="testing.workspace.retitle",
    target=Workspace,
    inverse="testing.workspace.retitle",
    inverse_data=lambda before, row: {"name": before["name"]},
    api=False,
)
def retitle(actor, row: Workspace, data: Retitle) -> Workspace:
    """Give the workspace another name."""
    for name in data.model_fields_set:
        setattr(row, name, getattr(data, name))
    row.save(update_fields=list(data.model_fields_set))
    emit(Retitled(row.name), row)
    if row.name == "boom":
        raise Conflict("no such name")
    return row


@pytest.fixture(autouse=True)
def _registered_only_here():
    registry["testing.workspace.retitle"] = retitle
    yield
    registry.pop("testing.workspace.retitle")


registry.pop("testing.workspace.retitle")


def test_it_runs_records_and_can_be_taken_back(people, actor_of):
    outcome = retitle.run(actor_of("owner"), {"name": "New"}, target=people.workspace)
    people.workspace.refresh_from_db()
    assert (people.workspace.name, people.workspace.version) == ("New", 2)
    [recorded] = outcome.events
    assert recorded.name == "testing.workspace_retitled"
    assert recorded.workspace == people.workspace
    assert recorded.actor == people.owner.user
    assert recorded.changed == ["name"]
    assert recorded.subject_id == people.workspace.public_id
    undo = outcome.undo
    run_named(undo.action, actor_of("owner"), undo.data, target=undo.target)
    people.workspace.refresh_from_db()
    assert people.workspace.name == "Acme"


@pytest.mark.parametrize(("who", "error"), [("member", Denied), ("guest", Denied), ("stranger", NotFound)])
def test_who_may_not_changes_nothing(people, actor_of, who, error):
    with pytest.raises(error):
        retitle.run(actor_of(who), {"name": "Mine"}, target=people.workspace)
    people.workspace.refresh_from_db()
    assert people.workspace.name == "Acme"
    assert not Event.objects.exists()


def test_a_refusal_inside_keeps_nothing(people, actor_of):
    with pytest.raises(Conflict):
        retitle.run(actor_of("owner"), {"name": "boom"}, target=people.workspace, once="k")
    people.workspace.refresh_from_db()
    assert people.workspace.name == "Acme"
    assert not Event.objects.exists()
    assert not OnceKey.objects.exists()


def test_bad_input_names_its_fields(people, actor_of):
    with pytest.raises(Invalid) as refused:
        retitle.run(actor_of("owner"), {"name": "", "colour": "red"}, target=people.workspace)
    assert refused.value.fields == {
        "name": ["This is required."],
        "colour": ["This field is not known here."],
    }


def test_two_people_on_different_fields_both_succeed_on_the_same_one_the_second_is_told(people, actor_of):
    owner, admin = actor_of("owner"), actor_of("admin")
    retitle.run(owner, {"name": "First"}, target=people.workspace, version=1)
    retitle.run(admin, {"time_zone": "UTC"}, target=people.workspace, version=1)
    with pytest.raises(Conflict) as clash:
        retitle.run(admin, {"name": "Second"}, target=people.workspace, version=1)
    assert clash.value.code == "changed_meanwhile"
    assert clash.value.field == "name"
    people.workspace.refresh_from_db()
    assert (people.workspace.name, people.workspace.time_zone) == ("First", "UTC")


def test_the_same_call_again_has_no_second_effect(people, actor_of):
    first = retitle.run(actor_of("owner"), {"name": "Once"}, target=people.workspace, once="key-1")
    again = retitle.run(actor_of("owner"), {"name": "Once"}, target=people.workspace, once="key-1")
    assert (first.repeated, again.repeated) == (False, True)
    assert Event.objects.count() == 1
    with pytest.raises(Conflict) as reused:
        retitle.run(actor_of("owner"), {"name": "Other"}, target=people.workspace, once="key-1")
    assert reused.value.code == "key_reused"


def test_an_unknown_action_and_a_missing_target_are_said(people, actor_of):
    with pytest.raises(NotFound):
        run_named("no.such.thing", actor_of("owner"), {})
    with pytest.raises(Invalid) as missing:
        retitle.run(actor_of("owner"), {"name": "x"})
    assert missing.value.code == "target_missing"


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_leave_one_line_of_versions(people, actor_of):
    actor = actor_of("owner")
    errors = []

    def once(number):
        try:
            retitle.run(actor, {"name": f"n{number}"}, target=people.workspace.public_id)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=once, args=(n,)) for n in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    people.workspace.refresh_from_db()
    assert errors == []
    assert people.workspace.version == 51
    assert sorted(Event.objects.values_list("subject_version", flat=True)) == list(range(2, 52))


@pytest.mark.django_db(transaction=True)
def test_a_double_click_runs_once(people, actor_of):
    actor, outcomes = actor_of("owner"), []

    def click():
        outcomes.append(
            retitle.run(actor, {"name": "Double"}, target=people.workspace.public_id, once="form")
        )
        connection.close()

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcome.repeated for outcome in outcomes) == [False, True, True, True]
    assert Event.objects.count() == 1


def test_a_deactivated_member_is_a_stranger(people):
    from tongpin.kernel import clock
    from tongpin.kernel.tenancy.actor import Actor

    Membership.objects.filter(pk=people.member.pk).update(deactivated_at=clock.now())
    with pytest.raises(NotFound):
        Actor.in_workspace(people.member.user, "acme")
    assert Role(people.member.role) is Role.MEMBER
