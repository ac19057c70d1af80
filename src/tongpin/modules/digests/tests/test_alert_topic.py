"""Alerts linked with a project reach its group robots, but for muted ones."""

from __future__ import annotations

import uuid

import pytest

from tongpin.kernel.actions.door import run_named
from tongpin.kernel.events.models import Event
from tongpin.modules.digests import topics

pytestmark = pytest.mark.django_db


def test_a_muted_alert_is_not_posted(people, actor_of):
    owner = actor_of("owner")
    project = run_named("workspaces.project.create", owner, {"name": "Sales"}).value
    question = {"kind": "trends", "series": [{}]}
    insight = run_named("analytics.insight.create", owner, {"name": "Paid", "question": question}).value
    asked = {"insight": insight.public_id, "name": "Paid", "series": "A"}
    alert = run_named("analytics.alert.create", owner, asked).value
    ends = [("analytics.alert", alert), ("workspaces.project", project)]
    this, other = ({"type": key, "id": row.public_id} for key, row in ends)
    run_named("relations.relation.add", owner, {"kind": "relates", "this": this, "other": other})
    told, muted = (
        Event(
            uid=uuid.uuid4(),
            name="analytics.alert_rang",
            subject_type="analytics.alert",
            subject_id=alert.public_id,
            payload={"told": word},
        )
        for word in (True, False)
    )
    assert topics.topic_of(told).key == "analytics.alerts"
    assert topics.topic_of(told).projects([told, muted]) == {told.uid: {project.public_id}}
