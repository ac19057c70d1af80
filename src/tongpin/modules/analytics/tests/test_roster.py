"""Who is in the list of users: whoever did something or is known by something, and nobody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse

from tongpin.kernel import clock
from tongpin.kernel.store import client, schema
from tongpin.modules.analytics import erasing, identity, jobs
from tongpin.modules.analytics.actions import roster
from tongpin.modules.analytics.actions.source import create_source, edit_source
from tongpin.modules.analytics.models import Customer
from tongpin.modules.analytics.queries import person
from tongpin.modules.analytics.tests.events import START, arrive, at, event, identify
from tongpin.modules.analytics.tests.wire.calling import call, only
from tongpin.modules.analytics.wire.record import CustomerChange, ProfileChange

pytestmark = pytest.mark.django_db


SAYING = {
    "posthog": (
        "/batch/",
        {
            "api_key": "k",
            "batch": [
                {
                    "event": "$groupidentify",
                    "distinct_id": "$company_acme",
                    "properties": {
                        "$group_type": "company",
                        "$group_key": "acme",
                        "$group_set": {"name": "Acme"},
                    },
                }
            ],
        },
    ),
    "segment": (
        "/v1/group",
        {"writeKey": "k", "anonymousId": "job-7", "groupId": "acme", "traits": {"name": "Acme"}},
    ),
    "own": (
        "/capture/v1/events",
        {"key": "k", "batch": [{"customer": {"kind": "company", "key": "acme", "set": {"name": "Acme"}}}]},
    ),
}
"""A customer described by an SDK that has no user at hand."""


def names(people, text=""):
    return sorted(row.title for row in person.seen(people.workspace.public_id, text)[0])


def page(client_of, people, distinct_id):
    handle = f"{identity.unsigned(identity.did(distinct_id)):016x}"
    return client_of("member").get(
        reverse("analytics:user", args=[people.workspace.slug, handle]), follow=True
    )


@pytest.fixture
def described(people, store):
    """Customers described by servers under ids they made up, and by Ann, who also did something."""
    acme = CustomerChange("company", "acme", ProfileChange(set={"name": "Acme"}))
    arrive(
        people.workspace,
        event("$company_acme", "$groupidentify", 10, customers={"company": "acme"}, customer=acme),
        event("job-7", "$groupidentify", 20, customers={"company": "acme"}, customer=acme),
        event("ann", "$groupidentify", 30, customers={"company": "acme"}, customer=acme),
        event("ann", "paid", 25, customers={"company": "acme"}),
    )
    return people


def test_describing_a_customer_makes_no_user(described, client_of):
    assert names(described) == ["ann"]
    assert names(described, "company_acme") == []
    for pseudo in ("$company_acme", "job-7"):
        assert page(client_of, described, pseudo).status_code == 404
    assert page(client_of, described, "ann").status_code == 200
    (ann,) = person.seen(described.workspace.public_id)[0]
    assert ann.last_at == at(25)  # what was said of the customer is nothing she did
    listing = client_of("member").get(reverse("analytics:users", args=[described.workspace.slug]))
    assert "$company_acme" not in listing.content.decode()


@pytest.mark.parametrize("sdk", SAYING)
def test_no_sdk_makes_a_user_of_a_customer(people, store, sdk):
    path, body = SAYING[sdk]
    said = only(call("POST", path, body))
    arrive(people.workspace, replace(said, at=at(0)))
    assert Customer.objects.get().name == "Acme"
    assert names(people) == []


def test_what_older_versions_listed_goes_with_the_migration(described):
    client.command(
        "INSERT INTO ids_seen SELECT workspace, sipHash64(distinct_id), distinct_id, timestamp, timestamp FROM events"
    )
    assert len(names(described)) == 3
    (users,) = (each for each in schema.migrations() if each.name.endswith("_users"))
    for _twice in range(2):
        for statement in users.statements(""):
            client.command(statement)
        assert names(described) == ["ann"]
    arrive(described.workspace, event("bo", seconds=40), event("$x", "$groupidentify", 41))
    assert names(described) == ["ann", "bo"]


def test_who_has_no_event_left_goes_and_who_is_known_stays(people, store, client_of):
    arrive(
        people.workspace,
        event("gone", seconds=1),
        event("half", seconds=2),
        event("half", "kept", 60),
        event("known", seconds=3, person=ProfileChange(set={"name": "Knut"})),
        identify("signed", "visitor", 4),
    )
    assert names(people) == ["Knut", "gone", "half", "signed"]
    client.command("DELETE FROM events WHERE event != 'kept'")
    assert roster.renew(people.workspace.public_id) == 3
    assert names(people) == ["Knut", "half"]
    (half,) = person.seen(people.workspace.public_id, "half")[0]
    assert (half.first_at, half.last_at) == (at(60), at(60))
    for distinct_id in ("gone", "signed", "visitor"):
        assert page(client_of, people, distinct_id).status_code == 404
    assert "Knut" in page(client_of, people, "known").content.decode()
    assert roster.renew(people.workspace.public_id) == 0


def test_the_same_again_is_listed_again(people, store):
    """What was said and taken out before is no repetition that the store may leave out."""
    for _round in range(3):
        arrive(people.workspace, event("ann", seconds=5), event("ann", "late", 50))
        client.command("DELETE FROM events WHERE event = 'late'")
        roster.renew(people.workspace.public_id)
        (ann,) = person.seen(people.workspace.public_id)[0]
        assert (ann.first_at, ann.last_at) == (at(5), at(5))
        client.command("DELETE FROM events WHERE 1")
        roster.renew(people.workspace.public_id)
        assert names(people) == []


def test_more_than_one_statement_takes_and_other_workspaces_stay(people, store, monkeypatch):
    monkeypatch.setattr(erasing, "AT_ONCE", 7)
    arrive(people.workspace, *(event(f"u{n}", seconds=n) for n in range(40)))
    arrive(people.elsewhere, event("other"))
    client.command("DELETE FROM events WHERE distinct_id != 'u3'")
    roster.renew(people.workspace.public_id)
    assert names(people) == ["u3"]
    assert [row.title for row in person.seen(people.elsewhere.public_id)[0]] == ["other"]


def test_retention_takes_them_off_the_list(people, store, actor_of):
    source = create_source.run(actor_of("owner"), {"name": "Shop"}).value
    edit_source.run(actor_of("admin"), {"retention_days": 30}, target=source)
    day = 86400
    arrive(
        people.workspace,
        *(event("old", seconds=-90 * day), event("now", seconds=0), event("now", "x", -80 * day)),
        source=source.public_id,
    )
    with clock.frozen_at(START + timedelta(days=1)):
        jobs.forget_old(0)
    assert client.query("SELECT count() FROM events").rows == [(1,)]
    assert names(people) == ["now"]
    (now,) = person.seen(people.workspace.public_id)[0]
    assert now.first_at == at(0)
