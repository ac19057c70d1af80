"""Our own endpoint: everything a record can say, and errors that tell what to do."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import orjson
import pytest

from tongpin.modules.analytics.enums import Refusal
from tongpin.modules.analytics.tests.wire.calling import (
    ID,
    OTHER,
    answer,
    call,
    decode,
    dropped,
    only,
    refused,
    zipped,
)
from tongpin.modules.analytics.wire import limits
from tongpin.modules.analytics.wire.call import Dropped, Refused
from tongpin.modules.analytics.wire.own import CHANGE, EVENT, HINTS
from tongpin.modules.analytics.wire.record import CustomerChange, ProfileChange, Record
from tongpin.modules.analytics.wire.routes import find

ADDRESS = "/capture/v1/events"
AT = datetime(2026, 11, 22, 7, 20, 54, 511000, UTC)


def event(**more) -> dict:
    return {"event": "paid", "distinct_id": "u1", "id": ID} | more


def send(*events, **more):
    return call("POST", ADDRESS, {"key": "tp_1", "batch": list(events)} | more)


def test_everything_a_record_can_say():
    row = event(
        at="2026-11-22T15:20:54.511+08:00",
        properties={"amount": 9.9, "品类": "书"},
        person={
            "set": {"plan": "pro"},
            "set_once": {"first": "x"},
            "unset": ["old"],
            "increment": {"orders": 1},
            "append": {"tags": "a", "more": ["b"]},
        },
        customers={"company": "acme", "shop": 7},
        customer={"kind": "company", "key": "acme", "set": {"seats": 3}, "delete": False},
        session="s1",
    )
    made = send(row)
    assert decode(made).key == "tp_1"
    assert only(made) == Record(
        UUID(ID),
        "paid",
        "u1",
        AT,
        {"amount": 9.9, "品类": "书"},
        ProfileChange(
            set={"plan": "pro"},
            set_once={"first": "x"},
            unset=["old"],
            increment={"orders": 1},
            append={"tags": ["a"], "more": ["b"]},
        ),
        {"company": "acme", "shop": "7"},
        CustomerChange("company", "acme", ProfileChange(set={"seats": 3})),
        "s1",
    )


@pytest.mark.parametrize(
    "made",
    [
        send(event()),
        call("POST", ADDRESS + "/", {"key": "tp_1", **event()}),
        call("POST", ADDRESS, event(), authorization="Bearer tp_1"),
        call("POST", ADDRESS + "?key=tp_1", zipped({"batch": [event()]}), content_type="text/plain"),
    ],
)
def test_the_ways_to_send(made):
    assert decode(made).key == "tp_1"
    assert only(made) == Record(UUID(ID), "paid", "u1", None, {})


def test_the_guides_example_is_taken():
    guide = (Path(__file__).parents[6] / "docs" / "guides" / "capture.md").read_text()
    ((address, example),) = re.findall(r"curl -X POST HOST(/\S+) -d '(.+?)'\n", guide, re.DOTALL)
    record = only(call("POST", address, example.encode()))
    assert (record.event, record.customers, record.at) == (
        "paid",
        {"company": "acme"},
        AT.replace(microsecond=0),
    )
    assert record.person == ProfileChange(set={"plan": "pro"}, increment={"orders": 1})
    for name in ("key", "batch", "dry_run", "cookieless", *EVENT, *CHANGE, *(each.value for each in Refusal)):
        assert f"`{name}`" in guide, name


def test_links_between_people():
    identified = only(send(event(event="$identify", anonymous_id="a1")))
    assert (identified.distinct_id, identified.properties) == ("u1", {"$anon_distinct_id": "a1"})
    assert only(send(event(event="$identify"))).properties == {}
    assert only(send(event(event="$create_alias", alias="old"))).properties == {"alias": "old"}


def test_saying_something_of_somebody_needs_no_event():
    person = only(send({"distinct_id": "u1", "person": {"set": {"a": 1}}}))
    assert (person.event, person.person) == ("$set", ProfileChange(set={"a": 1}))
    customer = only(send({"customer": {"kind": "company", "key": "acme", "delete": True}}))
    assert (customer.event, customer.distinct_id) == ("$groupidentify", "$company_acme")
    assert customer.customers == {"company": "acme"}
    assert customer.customer == CustomerChange("company", "acme", ProfileChange(delete=True))


def test_a_page_without_cookies():
    seen = {"$current_url": "https://a.example/x?utm_source=s", "$title": "T", "$language": "zh-CN"}
    view = {"event": "$pageview", "properties": seen}
    made = call(
        "POST",
        ADDRESS,
        {"key": "k", "cookieless": True, "batch": [view]},
        origin="https://a.example",
        user_agent="UA",
    )
    got = only(made)
    assert got.distinct_id.startswith("day-")
    assert got.properties == {
        **seen,
        "title": "T",
        "$browser_language": "zh-CN",
        "$host": "a.example",
        "$pathname": "/x",
        "utm_source": "s",
        "$raw_user_agent": "UA",
    }
    assert only(replace(made, salt=b"tomorrow")).distinct_id != got.distinct_id
    # Whoever signs in is linked to the visitor of the day.
    signed = replace(made, body=orjson.dumps({"key": "k", "cookieless": True, **event(event="$identify")}))
    assert only(signed).properties["$anon_distinct_id"] == got.distinct_id
    assert dropped(send(view)).detail == "“distinct_id” is missing."


@pytest.mark.parametrize(
    ("row", "reason", "detail"),
    [
        (7, Refusal.SHAPE, "An event must be a JSON object."),
        (event(event=""), Refusal.SHAPE, "“event” is missing."),
        (event(event="e" * 201), Refusal.SIZE, "“event” is longer than 200 characters."),
        (event(distinct_id=None), Refusal.SHAPE, "“distinct_id” is missing."),
        (event(plan="x"), Refusal.SHAPE, "“plan” is no field of an event: put it into “properties”."),
        (event(at="yesterday"), Refusal.SHAPE, "“at” must be a time as ISO 8601, or milliseconds since 1970."),
        (event(anonymous_id="a"), Refusal.SHAPE, "“anonymous_id” belongs to the event “$identify”."),
        (event(alias="a"), Refusal.SHAPE, "“alias” belongs to the event “$create_alias”."),
        (event(event="$create_alias"), Refusal.SHAPE, "“alias” is missing."),
        (event(properties="x"), Refusal.SHAPE, "“properties” must be a JSON object."),
        (event(customers=["a"]), Refusal.SHAPE, "“customers” must be a JSON object."),
        (event(customers={"company": ""}), Refusal.SHAPE, "“customers”: the key of “company” is missing."),
        (event(customers={"k" * 101: "a"}), Refusal.SIZE, "“customers”: a kind is longer than 100 characters."),
        (event(customer={"kind": "company"}), Refusal.SHAPE, "“customer.key” is missing."),
        (event(person={"sets": {}}), Refusal.SHAPE,
         "“sets” is no field of “person”: append, delete, increment, set, set_once, unset."),
        (event(person={"unset": "a"}), Refusal.SHAPE, "“unset” must be a list of names."),
        (event(person={"increment": {"n": "1"}}), Refusal.SHAPE, "“increment”: “n” must be a number to add."),
        (event(person={"delete": []}), Refusal.SHAPE, "“delete” must be true or false."),
        (event(session=[]), Refusal.SHAPE, "“session” must be a text of at most 200 characters."),
        (event(properties={"x": "y" * limits.EVENT}), Refusal.SIZE, "The event is larger than 1 MiB."),
    ],
)  # fmt: skip
def test_a_row_that_is_not_fit_leaves_the_others_alone(row, reason, detail):
    made = send(event(), row, event(id=OTHER))
    assert [str(each.uuid) for each in decode(made).records] == [ID, OTHER]
    back = answer(made)
    assert back.status == 200
    named = row if isinstance(row, dict) else {"id": "", "event": ""}
    assert orjson.loads(back.body) == {
        "accepted": 2,
        "refused": [
            {
                "row": 1,
                "id": named["id"],
                "event": named["event"][:200],
                "code": reason.value,
                "message": detail,
                "hint": HINTS[reason],
            }
        ],
    }


def test_what_the_sources_rules_left_out_is_told_by_row_too():
    back = orjson.loads(
        answer(send(7, event(), event(id=OTHER)), Dropped(Refusal.DENIED, "No.", OTHER, "paid")).body
    )
    assert back["accepted"] == 1
    assert [(each["row"], each["code"]) for each in back["refused"]] == [(0, "shape"), (2, "denied")]


def test_nothing_taken_is_no_success():
    assert answer(send(7)).status == 400
    assert answer(send(event()), Dropped(Refusal.DENIED, "No.", ID)).status == 400
    assert orjson.loads(answer(send()).body) == {"accepted": 0, "refused": []}


def test_one_event_twice_in_a_request_is_counted_as_it_was_sent():
    twice = send(event(), event())
    assert orjson.loads(answer(twice).body)["accepted"] == 2
    denied = Dropped(Refusal.DENIED, "No.", ID)
    back = answer(twice, denied, denied)
    assert (back.status, orjson.loads(back.body)["accepted"]) == (400, 0)


def test_a_dry_run_says_so():
    made = send(event(), dry_run=True)
    assert decode(made).dry_run
    assert orjson.loads(answer(made).body) == {"accepted": 1, "refused": [], "dry_run": True}


@pytest.mark.parametrize(
    ("made", "reason", "status"),
    [
        (call("GET", ADDRESS), Refusal.BODY, 405),
        (call("POST", ADDRESS), Refusal.BODY, 400),
        (call("POST", ADDRESS, b"{"), Refusal.BODY, 400),
        (call("POST", ADDRESS, []), Refusal.SHAPE, 400),
        (send(key=""), Refusal.KEY, 401),
        (send(key=["a"]), Refusal.KEY, 401),
        (send(keys="x"), Refusal.SHAPE, 400),
        (call("POST", ADDRESS, {"key": "k", "batch": {}}), Refusal.SHAPE, 400),
        (send(*[1] * (limits.EVENTS + 1)), Refusal.SIZE, 413),
    ],
)
def test_requests_that_are_refused(made, reason, status):
    why, back = refused(made)
    assert (why.reason, back.status) == (reason, status)
    assert orjson.loads(back.body) == {"code": reason.value, "message": why.detail, "hint": HINTS[reason]}


def test_every_reason_has_a_hint_and_a_time_to_come_back():
    assert set(HINTS) == set(Refusal)
    full = find("POST", ADDRESS).refuse(send(), Refused(Refusal.FULL, 503, "Later.", 3))
    assert (full.status, full.headers) == (503, (("Retry-After", "3"),))
    left_out = find("POST", ADDRESS).refuse(send(), Refused(Refusal.BOT, 200, "A bot."))
    assert (left_out.status, orjson.loads(left_out.body)["accepted"]) == (200, 0)
    assert ("Allow", "POST, OPTIONS") in refused(call("PUT", ADDRESS))[1].headers
