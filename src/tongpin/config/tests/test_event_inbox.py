"""``tongpin doctor`` on product events: what waits, what was set aside and why, imports that stand half way."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.utils import translation

from tongpin.config.cli.server import doctor
from tongpin.kernel import clock
from tongpin.kernel.actions.door import run_named
from tongpin.modules.analytics.enums import ImportState
from tongpin.modules.analytics.models import Arrival, Batch, EventImport, ParkedArrival

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def source(people, actor_of):
    return run_named("analytics.source.create", actor_of("owner"), {"name": "Shop"}).value


def found(subject: str) -> dict[str, str]:
    with translation.override("en"):
        said = json.loads(CliRunner().invoke(doctor, ["--json"], env={"LC_ALL": "C"}).stdout)
    (one,) = [each for each in said if each["subject"] == subject]
    return one


def arrive(source, minutes: int) -> Arrival:
    return Arrival.objects.create(
        source=source.pk, received_at=clock.now() - timedelta(minutes=minutes), count=1, records=b"{}"
    )


def test_what_waits_is_counted_and_trouble_only_when_it_is_late(source):
    assert (found("inbox")["level"], found("inbox")["message"]) == ("ok", "empty")
    one = arrive(source, 0)
    assert (found("inbox")["level"], found("inbox")["message"]) == (
        "ok",
        "1 request waits for the event store",
    )
    one.delete()
    oldest = arrive(source, 90)
    arrive(source, 0)
    late = found("inbox")
    assert late["level"] == "warning"
    assert late["message"].startswith("2 requests wait for the event store, the oldest for 9")
    assert "worker" in late["hint"]
    Batch.objects.create(
        token="00000000-0000-0000-0000-000000000001", arrivals=[oldest.pk], tries=3, trouble="too many parts"
    )
    assert found("inbox")["hint"] == "The event store does not take them: too many parts"


def test_what_was_set_aside_is_told_with_the_reason_and_what_to_do(source):
    assert found("aside")["level"] == "ok"
    for reason in ("ValueError: version 99", "ValueError: version 99", "KeyError: 'u'"):
        ParkedArrival.objects.create(
            source=source.pk, received_at=clock.now(), count=1, records=b"{}", reason=reason
        )
    aside = found("aside")
    assert aside["level"] == "warning"
    assert aside["message"] == "3 requests were set aside: ValueError: version 99 (2); KeyError: 'u' (1)"
    assert "tongpin events retry-parked" in aside["hint"]


@pytest.mark.parametrize(
    ("state", "events", "age", "level"),
    [
        (ImportState.STOPPED, 5, 0, "warning"),
        (ImportState.FAILED, 5, 0, "warning"),
        (ImportState.RUNNING, 5, 2, "warning"),
        (ImportState.RUNNING, 5, 0, "ok"),
        (ImportState.FAILED, 0, 0, "ok"),
        (ImportState.STOPPED, 5, 30, "ok"),
        (ImportState.DONE, 5, 0, "ok"),
    ],
)
def test_an_import_that_stands_half_way(source, state, events, age, level):
    EventImport.objects.create(
        workspace=source.workspace,
        source=source,
        name="x.csv",
        digest="0" * 64,
        state=state,
        events=events,
        created_at=clock.now() - timedelta(days=age),
    )
    assert found("imports")["level"] == level
