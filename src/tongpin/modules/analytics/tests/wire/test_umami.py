"""Umami: views, events and people of its tracker, told apart without a cookie."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from tongpin.modules.analytics.enums import Refusal
from tongpin.modules.analytics.tests.wire.calling import answer, call, decode, only, refused
from tongpin.modules.analytics.wire.call import Refused
from tongpin.modules.analytics.wire.record import ProfileChange
from tongpin.modules.analytics.wire.routes import find

SITE = "11111111-1111-4111-8111-111111111111"
PAYLOAD = {
    "website": SITE,
    "screen": "800x600",
    "language": "zh-CN",
    "title": "Umami 测试",
    "hostname": "a.example",
    "url": "https://a.example/x?utm_source=x",
    "referrer": "https://b.example/y",
    "tag": "exp1",
}
PLACE = {
    "$screen_width": 800,
    "$screen_height": 600,
    "$browser_language": "zh-CN",
    "title": "Umami 测试",
    "$host": "a.example",
    "$current_url": "https://a.example/x?utm_source=x",
    "$pathname": "/x",
    "$referrer": "https://b.example/y",
    "$referring_domain": "b.example",
    "utm_source": "x",
    "tag": "exp1",
    "$raw_user_agent": "UA",
}


def send(kind: str = "event", cache: str = "", **more):
    body = {"type": kind, "payload": PAYLOAD | more}
    return call("POST", "/api/send", body, user_agent="UA", x_umami_cache=cache)


def token(made) -> str:
    return orjson.loads(answer(made).body)["cache"]


def test_a_page_view():
    made = send()
    assert decode(made).key == SITE
    got = only(made)
    assert (got.event, got.properties, got.person, got.at) == ("$pageview", PLACE, None, None)
    assert got.uuid.version == 7
    assert only(
        call("POST", "/api/send/", {"type": "event", "payload": {"website": SITE, "url": "/home"}})
    ).properties == {
        "$current_url": "/home",
        "$pathname": "/home",
    }


def test_an_event_with_its_data():
    got = only(send(name="signup", data={"plan": "专业"}, timestamp=1795332054))
    assert (got.event, got.properties) == ("signup", PLACE | {"plan": "专业"})
    assert got.at == datetime.fromtimestamp(1795332054, UTC)


def test_identify_links_the_visitor_of_the_day():
    visitor = only(send()).distinct_id
    got = only(send("identify", id="user-9", data={"plan": "pro"}))
    assert (got.event, got.distinct_id, got.person) == (
        "$identify",
        "user-9",
        ProfileChange(set={"plan": "pro"}),
    )
    assert got.properties["$anon_distinct_id"] == visitor
    assert only(send(id="user-9")).distinct_id == "user-9"
    nobody = only(send("identify", data={"plan": "pro"}))
    assert (nobody.event, nobody.distinct_id) == ("$set", visitor)


def test_web_vitals():
    got = only(send("performance", lcp=188, fcp=188, ttfb=138.2, duration=1376))
    assert got.event == "$web_vitals"
    assert got.properties == PLACE | {
        "$web_vitals_LCP_value": 188,
        "$web_vitals_FCP_value": 188,
        "ttfb": 138.2,
        "duration": 1376,
    }


def test_who_it_is_comes_from_address_and_browser_and_day():
    made = send()
    who = only(made).distinct_id
    assert who == only(made).distinct_id
    assert "203.0.113.9" not in who
    for other in (
        replace(made, client_ip="203.0.113.10"),
        replace(made, headers={"user-agent": "UB"}),
        replace(made, salt=b"tomorrow"),
    ):
        assert only(other).distinct_id != who
    assert only(send(website="22222222-2222-4222-8222-222222222222")).distinct_id != who
    # A server passes on whose event it is.
    assert (
        only(
            replace(send(ip="203.0.113.9", userAgent="UA"), client_ip="198.51.100.1", headers={})
        ).distinct_id
        == who
    )


def test_a_visit_goes_on_with_its_token():
    first = send()
    visit = only(first).session
    moved = replace(
        send(cache=token(first)),
        client_ip="198.51.100.1",
        received_at=first.received_at + timedelta(minutes=29),
    )
    assert (only(moved).distinct_id, only(moved).session) == (only(first).distinct_id, visit)
    late = replace(moved, received_at=first.received_at + timedelta(minutes=31))
    assert only(late).distinct_id == only(first).distinct_id
    assert only(late).session != visit
    said = orjson.loads(answer(first).body)
    assert (said["sessionId"], said["visitId"]) == (only(first).distinct_id, visit)


@pytest.mark.parametrize(
    "bend", [lambda t: "eyJ.fake.jwt", lambda t: t[:-2], lambda t: "W" + t, lambda t: t + "A" * 3000]
)
def test_a_token_that_is_not_ours_is_nothing(bend):
    first = send()
    cache = bend(token(first))
    moved = replace(send(cache=cache), client_ip="198.51.100.1")
    assert only(moved).distinct_id != only(first).distinct_id
    assert only(replace(send(cache=token(first)), salt=b"tomorrow")).distinct_id != only(first).distinct_id


def test_a_batch():
    rows = [
        {"type": "event", "payload": PAYLOAD},
        {"type": "x", "payload": PAYLOAD},
        {"type": "event", "payload": PAYLOAD | {"website": "other"}},
        7,
    ]
    made = call("POST", "/api/batch", rows, user_agent="UA")
    assert [each.row for each in decode(made).dropped] == [1, 2, 3]
    said = orjson.loads(answer(made).body)
    assert (said["size"], said["processed"], said["errors"]) == (4, 1, 3)
    assert said["details"][0] == {
        "index": 1,
        "response": {
            "error": {"message": "“type” must be one of event, identify, performance.", "code": "bad-request"}
        },
    }
    assert (
        only(replace(send(cache=said["cache"]), client_ip="x")).distinct_id
        == decode(made).records[0].distinct_id
    )


@pytest.mark.parametrize(
    ("made", "reason", "message"),
    [
        (send(website=""), Refusal.KEY, "Website not found."),
        (
            call("POST", "/api/send", {"type": "event", "payload": {"link": SITE}}),
            Refusal.KEY,
            "Website not found.",
        ),
        (call("POST", "/api/send", []), Refusal.KEY, "Website not found."),
        (send("x"), Refusal.SHAPE, "“type” must be one of event, identify, performance."),
        (send(data=[1]), Refusal.SHAPE, "“data” must be a JSON object."),
        (send(name={"a": 1}), Refusal.SHAPE, "“name” is missing."),
        (send(id="i" * 201), Refusal.SIZE, "“id” is longer than 200 characters."),
        (call("POST", "/api/batch", {}), Refusal.SHAPE, "The body must be a list."),
    ],
)
def test_what_is_refused(made, reason, message):
    why, back = refused(made)
    assert (why.reason, back.status) == (reason, 400)
    assert orjson.loads(back.body)["error"]["message"] == message


def test_what_the_tracker_is_told():
    protocol = find("POST", "/api/send")

    def told(reason: Refusal, status: int) -> tuple[int, object]:
        back = protocol.refuse(send(), Refused(reason, status, "No."))
        return back.status, orjson.loads(back.body)

    assert told(Refusal.BOT, 403) == (200, {"beep": "boop"})
    assert told(Refusal.PAUSED, 403) == (200, {"disabled": True})
    assert told(Refusal.FULL, 503) == (503, {"error": {"message": "No.", "code": "bad-request"}})
