"""What happened to one object, and to what belongs to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tongpin.kernel import clock, objects
from tongpin.kernel.actions.door import run_named
from tongpin.kernel.events.models import Event
from tongpin.modules.workspaces.models import Department, Project
from tongpin.modules.workspaces.queries import object_activity
from tongpin.modules.workspaces.queries.object_activity import Filters

pytestmark = pytest.mark.django_db
TAB = "/w/acme/projects/STORE/activity/"


@pytest.fixture
def project(actor_of) -> Project:
    data = {"name": "Store app", "key": "STORE"}
    return run_named("workspaces.project.create", actor_of("owner"), data).value


def rename(actor: Any, row: Any, name: str) -> None:
    kind = row._meta.model_name
    run_named(
        f"workspaces.{kind}.{'edit' if kind == 'project' else 'rename'}", actor, {"name": name}, target=row
    )


def told(actor: Any, row: Any, **filters: str) -> list[tuple[str, int]]:
    """Subject type and number of events of each line."""
    page = object_activity.of(actor, (row._meta.label_lower, row.public_id), Filters(**filters), None)
    return [(line.newest.subject_type, len(line.events)) for line in page.lines]


@pytest.fixture
def under(monkeypatch, project):
    """Departments belong to the project, for want of anything that does in this module."""
    key = Department._meta.label_lower
    kind = objects.types()[key]
    changed = {name: getattr(kind, name) for name in kind.__slots__} | {"about": lambda row: project}
    monkeypatch.setitem(objects._types, key, objects.ObjectType(**changed))


@pytest.mark.parametrize(
    ("who", "status"), [("owner", 200), ("member", 200), ("guest", 404), ("stranger", 404), ("nobody", 302)]
)
def test_who_sees_the_project_sees_what_happened_to_it(client_of, project, who, status):
    assert client_of(who).get(TAB).status_code == status
    section = f"/w/acme/activity/workspaces.project/{project.public_id}/"
    assert client_of(who).get(section).status_code == status


def test_a_members_past_is_the_administrators_business(client_of, people):
    section = f"/w/acme/activity/tenancy.membership/{people.member.public_id}/"
    assert client_of("admin").get(section).status_code == 200
    assert client_of("member").get(section).status_code == 403
    page = f"/w/acme/members/{people.member.public_id}/"
    assert section in client_of("admin").get(page).content.decode()
    assert section not in client_of("member").get(page).content.decode()


def test_the_tab_tells_it_in_words_by_day(client_of, project):
    page = client_of("member").get(TAB).content.decode()
    assert "<b>Owner</b>" in page
    assert 'class="row-day"' in page
    assert f'<a href="{TAB}"' in page or TAB in page  # among the tabs


def test_the_same_doing_within_minutes_is_one_line(actor_of, project, people):
    owner, admin = actor_of("owner"), actor_of("admin")
    start = clock.now()
    for minutes, actor in ((1, owner), (2, owner), (3, owner), (4, admin), (30, admin)):
        with clock.frozen_at(start + timedelta(minutes=minutes)):
            rename(actor, project, f"Store {minutes}")
    assert [count for _, count in told(owner, project)] == [1, 1, 3, 1]  # the last is its creation


@pytest.mark.usefixtures("under")
def test_what_belongs_to_it_is_told_with_it_where_the_reader_sees_it(actor_of, project, monkeypatch):
    owner = actor_of("owner")
    department = run_named("workspaces.department.create", owner, {"name": "Shops"}).value
    event = Event.objects.filter(subject_id=department.public_id).get()
    assert event.within == [project.public_id]
    assert told(owner, project)[0] == ("workspaces.department", 1)
    assert told(owner, project, kind="workspaces.department") == [("workspaces.department", 1)]
    assert told(owner, department) == [("workspaces.department", 1)]

    hidden = Department.objects.none()
    monkeypatch.setattr(objects.ObjectType, "visible_to", _but(objects.ObjectType.visible_to, hidden))
    assert [key for key, _ in told(owner, project)] == ["workspaces.project"]


def _but(real: Any, hidden: Any) -> Any:
    return lambda kind, actor: hidden if kind.key == "workspaces.department" else real(kind, actor)


def test_it_is_filtered_by_person(actor_of, project, people):
    rename(actor_of("admin"), project, "Other")
    assert len(told(actor_of("owner"), project, who=str(people.admin.user.public_id))) == 1
    page = object_activity.of(actor_of("owner"), ("workspaces.project", project.public_id), Filters(), None)
    assert [person.name for person in page.people] == ["Admin", "Owner"]
    assert [kind.key for kind in page.kinds] == ["workspaces.project"]


def test_earlier_pages_follow_without_loss(actor_of, client_of, project, monkeypatch):
    monkeypatch.setattr(object_activity, "PAGE", 2)
    owner, reference = actor_of("owner"), ("workspaces.project", project.public_id)
    for n in range(4):
        rename(owner, project, f"Name {n}")
    seen, cursor = [], None
    while True:
        page = object_activity.of(owner, reference, Filters(), cursor)
        seen += [event.pk for line in page.lines for event, _ in line.events]
        cursor = page.following
        if cursor is None:
            break
    every = Event.objects.filter(subject_id=project.public_id).order_by("-at", "-pk")
    assert seen == list(every.values_list("pk", flat=True))
    assert "Load earlier" in client_of("owner").get(TAB).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_tab_costs_the_same_whatever_the_rows(
    rows, actor_of, client_of, project, django_assert_num_queries
):
    for n in range(rows):
        rename(actor_of(("owner", "admin")[n % 2]), project, f"Name {n}")
    browser = client_of("member")
    browser.get(TAB)
    with django_assert_num_queries(11):
        browser.get(TAB)
