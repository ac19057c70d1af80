"""Who may do what to a look back, and what each action leaves behind."""

from __future__ import annotations

import pytest

from tongpin.kernel.actions.door import run_named
from tongpin.kernel.errors import Conflict, Invalid, NotFound
from tongpin.kernel.events.models import Event
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Role
from tongpin.modules.goals import actions
from tongpin.modules.goals.enums import LookBackState
from tongpin.modules.goals.models import LookBack
from tongpin.modules.goals.tests.sample import LAUNCH, START, table
from tongpin.modules.goals.tests.steps import create, denied, queued

EDITS = [
    (actions.set_launch, {"launch": "2026-08-10"}),
    (actions.evaluate_lookback, {}),
    (actions.rename_lookback, {"title": "Mine"}),
    (actions.delete_lookback, {}),
]


def names() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("name", flat=True))


@pytest.mark.parametrize("who", ["owner", "admin", "member", "guest"])
def test_everyone_in_the_workspace_may_look_back(actor_of, who):
    row = create(actor_of(who))
    assert row.state == LookBackState.DRAFT
    assert row.to_series().start == START
    assert row.findings
    assert row.title
    assert names() == ["goals.lookback_created"]


def test_a_guest_sees_only_its_own(actor_of):
    theirs, own = create(actor_of("member")), create(actor_of("guest"))
    assert list(LookBack.objects.visible_to(actor_of("guest"))) == [own]
    assert set(LookBack.objects.visible_to(actor_of("owner"))) == {theirs, own}
    assert not LookBack.objects.visible_to(actor_of("stranger")).exists()


@pytest.mark.parametrize(("action", "data"), EDITS)
@pytest.mark.parametrize("who", ["guest", "stranger"])
def test_others_may_not_change_it(actor_of, action, data, who):
    denied(action, actor_of(who), data, create(actor_of("owner")).public_id)


@pytest.mark.parametrize(("action", "data"), EDITS)
def test_a_member_may_change_only_its_own(people, actor_of, action, data):
    denied(action, actor_of("member"), data, create(actor_of("owner")).public_id)
    action.run(actor_of("member"), data, target=create(actor_of("member")))
    action.run(actor_of("admin"), data, target=create(actor_of("member")))


def test_nobody_outside_may_create_here(people, actor_of):
    nobody = Actor(user=people.stranger.user, workspace=people.workspace, membership=None)
    denied(actions.create_lookback, nobody, {"text": table()})


@pytest.mark.parametrize("who", ["owner", "admin", "member", "guest", "stranger"])
def test_only_the_server_records(actor_of, who):
    row = create(actor_of("owner"))
    for action, data in (
        (actions.start_lookback, {"run": 0}),
        (actions.record_progress, {"run": 0, "progress": 0.5, "step": "fit"}),
        (actions.record_result, {"run": 0, "result": {"result": "met", "evidence": "A"}}),
        (actions.record_failure, {"run": 0, "code": "internal"}),
    ):
        denied(action, actor_of(who), data, row.public_id)
        assert not action.api


def test_reading_may_be_written_by_members_not_by_strangers_or_other_guests(concluded, actor_of):
    data = {"text": "Worth keeping."}
    denied(actions.interpret_lookback, actor_of("guest"), data, concluded.public_id)
    denied(actions.interpret_lookback, actor_of("stranger"), data, concluded.public_id)
    before = concluded.result
    row = actions.interpret_lookback.run(actor_of("admin"), data, target=concluded).value
    row.refresh_from_db()
    assert (row.reading, row.reading_by) == ("Worth keeping.", actor_of("admin").user)
    assert (row.result, row.word) == (before, concluded.word)


def test_reading_needs_a_result(actor_of):
    with pytest.raises(Conflict) as refused:
        actions.interpret_lookback.run(actor_of("owner"), {"text": "Soon"}, target=create(actor_of("owner")))
    assert refused.value.code == "no_result"


def test_delete_and_restore_are_each_others_inverse(actor_of):
    owner = actor_of("owner")
    row = create(owner)
    undo = actions.delete_lookback.run(owner, target=row).undo
    assert not LookBack.objects.visible_to(owner).exists()
    with pytest.raises(NotFound):
        actions.rename_lookback.run(owner, {"title": "Gone"}, target=row)
    denied(actions.restore_lookback, actor_of("member"), {}, row.public_id)
    denied(actions.restore_lookback, actor_of("guest"), {}, row.public_id)
    denied(actions.restore_lookback, actor_of("stranger"), {}, row.public_id)
    back = run_named(undo.action, owner, undo.data, target=undo.target)
    assert LookBack.objects.visible_to(owner).get() == row
    assert back.undo.action == "goals.lookback.delete"
    last = Event.objects.order_by("pk").last()
    assert (last.name, last.subject_type) == ("goals.lookback_restored", "goals.lookback")


def test_rename_is_taken_back_by_its_inverse(actor_of):
    row = create(actor_of("owner"))
    first = row.title
    undo = actions.rename_lookback.run(actor_of("owner"), {"title": "  Another  "}, target=row).undo
    row.refresh_from_db()
    assert row.title == "Another"
    run_named(undo.action, actor_of("owner"), undo.data, target=undo.target)
    row.refresh_from_db()
    assert row.title == first


@pytest.mark.parametrize("title", ["", "   ", "x" * 121])
def test_a_title_is_needed_and_bounded(actor_of, title):
    with pytest.raises(Invalid) as wrong:
        actions.rename_lookback.run(actor_of("owner"), {"title": title}, target=create(actor_of("owner")))
    assert "title" in wrong.value.fields


def test_the_question_is_closed_once_there_is_a_result(concluded, actor_of):
    for action, data in ((actions.set_launch, {"launch": LAUNCH}), (actions.evaluate_lookback, {})):
        with pytest.raises(Conflict) as refused:
            action.run(actor_of("owner"), data, target=concluded)
        assert refused.value.code == "already_concluded"


def test_the_question_is_closed_while_it_is_computed(actor_of):
    row = create(actor_of("owner"))
    actions.evaluate_lookback.run(actor_of("owner"), target=row)
    for action, data in ((actions.set_launch, {"launch": LAUNCH}), (actions.evaluate_lookback, {})):
        with pytest.raises(Conflict):
            action.run(actor_of("owner"), data, target=row)
    assert len(queued()) == 1


def test_evaluating_needs_a_launch_day(actor_of):
    row = create(actor_of("owner"), launch=None)
    with pytest.raises(Invalid) as wrong:
        actions.evaluate_lookback.run(actor_of("owner"), target=row)
    assert "launch" in wrong.value.fields
    actions.set_launch.run(actor_of("owner"), {"launch": LAUNCH}, target=row)
    actions.evaluate_lookback.run(actor_of("owner"), target=row)
    assert names() == ["goals.lookback_created", "goals.lookback_asked", "goals.lookback_queued"]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"text": "nothing\nhere"}, "text"),
        ({"text": ""}, "text"),
        ({"launch": "2031-01-01"}, "launch"),
        ({"launch": START}, "launch"),
        ({"expected": -1}, "expected"),
        ({"worth": 0.5}, "worth"),
        ({"expected": 4, "expected_unit": "points"}, "expected"),
        ({"window_days": 0}, "window_days"),
        ({"country": "XX"}, "country"),
        ({"country": "china"}, "country"),
        (
            {"answers": {"date_order": "nonsense"}, "text": "1/2/2026,5\n2/2/2026,6\n3/2/2026,7\n4/2/2026,8"},
            "text",
        ),
    ],
)
def test_wrong_input_names_its_field_and_keeps_nothing(actor_of, more, field):
    with pytest.raises(Invalid) as wrong:
        create(actor_of("owner"), **more)
    assert field in wrong.value.fields
    assert not LookBack.objects.exists()
    assert not Event.objects.exists()


def test_an_open_question_about_the_data_must_be_answered(actor_of):
    text = "Day,Rate\n" + "\n".join(f"2026-08-{d:02},{'12%' if d % 2 else '0.13'}" for d in range(1, 29))
    with pytest.raises(Invalid) as wrong:
        create(actor_of("owner"), text=text, launch=None, expected=None, worth=None)
    assert wrong.value.code == "series_question_open"
    row = create(
        actor_of("owner"),
        text=text,
        answers={"plain_beside_percent": "share"},
        launch=None,
        expected=None,
        worth=None,
    )
    assert row.to_series().unit.value == "share"


def test_a_second_create_with_the_same_key_is_the_first(actor_of):
    data = {"text": table(), "launch": LAUNCH}
    first = actions.create_lookback.run(actor_of("member"), data, once="form-1")
    again = actions.create_lookback.run(actor_of("member"), data, once="form-1")
    assert again.repeated
    assert again.value == first.value
    assert LookBack.objects.count() == 1


def test_a_guest_that_was_a_member_still_may_change_its_own(people, actor_of):
    row = create(actor_of("member"))
    people.member.role = Role.GUEST
    people.member.save(update_fields=["role"])
    actions.rename_lookback.run(Actor.for_member(people.member), {"title": "Still mine"}, target=row)
