"""PostHog, Segment, Sensors Analytics and GA4 in Python."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import segment.analytics
from ga4mp import GtagMP
from posthog import Posthog
from sensorsanalytics import (
    BatchConsumer,
    DefaultConsumer,
    SensorsAnalytics,
    SensorsAnalyticsNetworkException,
)

from tests.sdks.capturing import GA4, KEEP, LOSE, POSTHOG, SEGMENT, SENSORS, Capturing, gateway


@pytest.fixture(params=["v0", "v1"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[False, True], ids=["plain", "gzip"])
def packed(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def posthog(host: str, mode: str, **options: Any) -> Posthog:
    return Posthog(POSTHOG, host=host, capture_mode=mode, on_error=_raise, **options)


def _raise(error: Exception, batch: Any) -> None:
    raise AssertionError(f"the SDK gave up: {error}")


def test_posthog(server: Capturing, mode: str, packed: bool):
    client = posthog(server.address, mode, gzip=packed)
    given = str(uuid.uuid4())
    client.capture("order paid", distinct_id="u1", properties={"amount": 9.5, "名": "值"}, uuid=given)
    client.capture("in company", distinct_id="u1", groups={"company": "acme"})
    client.set(distinct_id="u1", properties={"plan": "pro"})
    client.set_once(distinct_id="u1", properties={"first": "x"})
    client.group_identify("company", "acme", {"seats": 5})
    client.alias("anon-1", "u1")
    client.capture_exception(ValueError("boom"), distinct_id="u1")
    client.shutdown()
    paid, grouped, set_, once, group, alias, error = server.wait_for(
        "order paid", "in company", "$set", "$set_once", "$groupidentify", "$create_alias", "$exception"
    )
    assert (str(paid.uuid), paid.distinct_id) == (given, "u1")
    assert (paid.properties["amount"], paid.properties["名"]) == (9.5, "值")
    assert paid.properties["$lib"] == "posthog-python"
    assert paid.at is not None
    assert grouped.customers == {"company": "acme"}
    assert set_.person.set == {"plan": "pro"}
    assert once.person.set_once == {"first": "x"}
    assert (group.customer.kind, group.customer.key, group.customer.change.set) == (
        "company",
        "acme",
        {"seats": 5},
    )
    assert {alias.distinct_id, alias.properties["alias"]} == {"u1", "anon-1"}
    assert error.distinct_id == "u1"
    assert {r.distinct_id for r in (grouped, set_, once)} == {"u1"}
    kept = server.kept()
    assert kept.people("u1") == {
        frozenset({"u1", "anon-1"}): [
            "$create_alias", "$exception", "$set", "$set_once", "in company", "order paid"
        ]
    }  # fmt: skip
    assert kept.profile("anon-1") == {"plan": "pro", "first": "x"}
    assert kept.customers == {("company", "acme"): {"seats": 5}}
    assert [row[1] for row in kept.rows if row[3] == {"company": "acme"}] == ["in company"]


def test_posthog_sends_again_what_was_refused_and_nothing_counts_twice(server: Capturing, mode: str):
    with gateway(server.address, "/", LOSE, KEEP) as before:
        client = posthog(before.address, mode, flush_at=50, flush_interval=0.1)
        for number in range(20):
            client.capture("again", distinct_id=f"u{number}")
        client.shutdown()
    taken = server.wait_for(*["again"] * 20)
    assert sorted(r.distinct_id for r in taken) == sorted(f"u{n}" for n in range(20))
    assert len(server.taken()) > 20  # a batch was taken and refused: it came twice, by the same ids
    assert server.kept().people() == {frozenset({f"u{n}"}): ["again"] for n in range(20)}


def test_posthog_asks_for_flags_and_is_told_there_are_none(server: Capturing):
    client = posthog(server.address, "v0")
    assert client.get_all_flags("u1") == {}
    assert client.feature_enabled("any", "u1", send_feature_flag_events=False) in (False, None)
    client.shutdown()


@pytest.fixture
def segment_client(server: Capturing) -> Iterator[Any]:
    made: list[Any] = []

    def client(host: str, **options: Any) -> Any:
        made.append(
            segment.analytics.Client(SEGMENT, host=host, on_error=_raise, upload_interval=0.1, **options)
        )
        return made[-1]

    yield client
    for each in made:
        each.shutdown()


def test_segment(server: Capturing, segment_client: Any, packed: bool):
    client = segment_client(server.address, gzip=packed)
    client.identify("u1", {"plan": "pro"}, anonymous_id="anon-1")
    client.track("u1", "Order Paid", {"amount": 9.5})
    client.page("u1", "Docs", "Start", {"url": "https://shop.example/start"})
    client.screen("u1", "App", "Home")
    client.group("u1", "acme", {"seats": 5})
    client.alias("anon-2", "u1")
    client.flush()
    client.join()
    paid, page, screen, alias = [
        next(r for r in _all(server, 6) if r.event == name)
        for name in ("Order Paid", "$pageview", "$screen", "$create_alias")
    ]
    everything = server.events()
    identify = next(r for r in everything if r.event == "$identify")
    assert identify.distinct_id == "u1"
    assert identify.properties["$anon_distinct_id"] == "anon-1"
    assert identify.person.set == {"plan": "pro"}
    assert (paid.distinct_id, paid.properties["amount"]) == ("u1", 9.5)
    assert page.properties["$current_url"] == "https://shop.example/start"
    assert screen.distinct_id == "u1"
    (group,) = [r for r in everything if r.customer is not None]
    assert (group.customer.key, group.customer.change.set) == ("acme", {"seats": 5})
    assert {alias.distinct_id, alias.properties["alias"]} == {"u1", "anon-2"}
    kept = server.kept()
    assert kept.people() == {
        frozenset({"u1", "anon-1", "anon-2"}): [
            "$create_alias", "$groupidentify", "$identify", "$pageview", "$screen", "Order Paid"
        ]
    }  # fmt: skip
    assert kept.profile("anon-1") == {"plan": "pro"}
    assert kept.customers == {("company", "acme"): {"seats": 5}}


def _all(server: Capturing, count: int) -> list[Any]:
    import time

    deadline = time.monotonic() + 60
    while len(found := server.events()) != count:
        assert time.monotonic() < deadline, [r.event for r in found]
        time.sleep(0.1)
    return found


def test_segment_sends_again_what_was_refused_and_nothing_counts_twice(
    server: Capturing, segment_client: Any
):
    with gateway(server.address, "/v1/batch", LOSE, KEEP) as before:
        client = segment_client(before.address)
        for number in range(20):
            client.track(f"u{number}", "again")
        client.flush()
        client.join()
        taken = server.wait_for(*["again"] * 20)
        _until_no_fault(before)
    assert sorted(r.distinct_id for r in taken) == sorted(f"u{n}" for n in range(20))
    assert len(server.taken()) > len(server.events()) == 20
    assert server.kept().people() == {frozenset({f"u{n}"}): ["again"] for n in range(20)}


def _until_no_fault(before: Any) -> None:
    import time

    deadline = time.monotonic() + 60
    while before.faults:
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.parametrize("consumer", [DefaultConsumer, BatchConsumer])
def test_sensors(server: Capturing, consumer: Any):
    client = SensorsAnalytics(consumer(f"{server.address}/sa?project={SENSORS}"), SENSORS)
    client.track("u1", "PaidOrder", {"amount": 9.5}, is_login_id=True)
    client.track_signup("u1", "anon-1", {"from": "web"})
    client.profile_set("u1", {"plan": "pro"}, is_login_id=True)
    client.profile_set_once("u1", {"first": "x"}, is_login_id=True)
    client.profile_increment("u1", {"orders": 1}, is_login_id=True)
    client.profile_append("u1", {"tags": ["vip"]}, is_login_id=True)
    client.profile_unset("u1", ["plan"], is_login_id=True)
    client.item_set("company", "acme", {"seats": 5})
    client.flush()
    client.close()
    everything = _all(server, 8)
    paid = next(r for r in everything if r.event == "PaidOrder")
    assert (paid.distinct_id, paid.properties["amount"]) == ("u1", 9.5)
    link = next(r for r in everything if r.event == "$identify")
    assert (link.distinct_id, link.properties["$anon_distinct_id"]) == ("u1", "anon-1")
    changes = [r.person for r in everything if r.person is not None and r.distinct_id == "u1"]
    assert {"plan": "pro"} in [change.set for change in changes]
    assert {"first": "x"} in [change.set_once for change in changes]
    assert {"orders": 1} in [change.increment for change in changes]
    assert {"tags": ["vip"]} in [change.append for change in changes]
    assert ["plan"] in [change.unset for change in changes]
    (item,) = [r.customer for r in everything if r.customer is not None]
    assert (item.kind, item.key, item.change.set) == ("company", "acme", {"seats": 5})
    kept = server.kept()
    assert [ids for ids, events in kept.people("u1").items() if "PaidOrder" in events] == [
        frozenset({"u1", "anon-1"})
    ]
    assert kept.profile("anon-1") == {"first": "x", "orders": 1, "tags": ["vip"]}
    assert kept.customers == {("company", "acme"): {"seats": 5}}


def test_sensors_sends_nothing_again_and_what_was_accepted_counts_once(server: Capturing):
    with gateway(server.address, "/sa", LOSE, KEEP) as before:
        client = SensorsAnalytics(DefaultConsumer(f"{before.address}/sa?project={SENSORS}"), SENSORS)
        refused = 0
        for number in range(5):
            try:
                client.track(f"u{number}", "again", is_login_id=True)
            except SensorsAnalyticsNetworkException:
                refused += 1
        client.close()
    assert refused == 2
    assert server.kept().people() == {frozenset({f"u{n}"}): ["again"] for n in range(1, 5)}


def test_sensors_raises_for_a_wrong_key(server: Capturing):
    client = SensorsAnalytics(DefaultConsumer(f"{server.address}/sa?project=nobodys"), "nobodys")
    with pytest.raises(SensorsAnalyticsNetworkException):
        client.track("u1", "PaidOrder", {}, is_login_id=True)
    assert server.taken() == []


def test_ga4(server: Capturing):
    client = GtagMP(api_secret="secret", measurement_id=GA4, client_id="123.456")
    client._base_domain = f"{server.address}/mp/collect"
    client.store.set_user_property("plan", "pro")
    paid = client.create_new_event("purchase")
    paid.set_event_param("value", 9.5)
    view = client.create_new_event("page_view")
    view.set_event_param("page_location", "https://shop.example/start")
    client.send([paid, view])
    found = _all(server, 2)
    purchase = next(r for r in found if r.event == "purchase")
    assert (purchase.distinct_id, purchase.properties["value"]) == ("123.456", 9.5)
    (page,) = [r for r in found if r.event != "purchase"]
    assert page.event == "$pageview"
    assert page.properties["$current_url"] == "https://shop.example/start"
    assert server.kept().people() == {frozenset({"123.456"}): ["$pageview", "purchase"]}
    assert server.kept().profile("123.456") == {"plan": "pro"}
