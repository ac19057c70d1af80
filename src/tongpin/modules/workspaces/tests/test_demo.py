from __future__ import annotations

import pytest
from django.test import Client

from tongpin.kernel.events.models import Event
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership, User
from tongpin.modules.workspaces import demo, demo_people
from tongpin.modules.workspaces.models import Project
from tongpin.modules.workspaces.public import projects_seen_by


@pytest.mark.django_db
def test_the_example_company_comes_once_and_its_logins_work():
    workspace = demo.seed()
    roles = dict(Membership.objects.filter(workspace=workspace).values_list("user__email", "role"))
    assert roles == {person.email: person.role for person in demo_people.PEOPLE}
    kim = Actor.for_member(Membership.objects.get(user__email="kim@qingban.example"))
    assert [(row.key, row.name) for row in projects_seen_by(kim)] == [("OPEN", "新店开张季")]
    assert sorted(row.key for row in Project.objects.all()) == ["NPS", "OPEN", "STF", "STO"]
    assert User.objects.get(owns_server=True).email == "mu@qingban.example"
    events = Event.objects.count()
    assert demo.seed() == workspace
    assert Event.objects.count() == events
    for email, _ in demo_people.LOGINS:
        client = Client()
        answer = client.post("/accounts/login/", {"login": email, "password": demo_people.PASSWORD})
        assert answer.status_code == 302
        assert client.get("/w/qingban/").status_code == 200
