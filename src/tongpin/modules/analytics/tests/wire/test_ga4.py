"""GA4: the Measurement Protocol and the hits of gtag."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

import orjson
import pytest

from tongpin.modules.analytics.enums import Refusal
from tongpin.modules.analytics.tests.wire.calling import answer, call, decode, dropped, only, refused
from tongpin.modules.analytics.wire.call import Refused
from tongpin.modules.analytics.wire.record import ProfileChange
from tongpin.modules.analytics.wire.routes import find

MP = "/mp/collect?measurement_id=G-1&api_secret=s"
AT = datetime(2026, 11, 22, 7, 20, 54, 511000, UTC)


def mp(**body):
    return call("POST", MP, {"client_id": "123.456"} | body)


def test_an_event_of_a_server():
    params = {"value": 9.9, "items": [{"item_id": "A"}], "session_id": 17}
    made = mp(
        events=[{"name": "purchase", "params": params}],
        user_properties={"plan": {"value": "pro"}, "seats": 3},
        timestamp_micros=1795332054511695,
    )
    assert decode(made).key == "G-1"
    got = only(made)
    assert (got.event, got.distinct_id, got.at, got.session) == ("purchase", "123.456", AT, "17")
    assert got.properties == {"value": 9.9, "items": [{"item_id": "A"}]}
    assert got.person == ProfileChange(set={"plan": "pro", "seats": 3})
    assert (got.customers, got.uuid.version) == ({}, 7)


def test_the_other_ways_to_say_it():
    # Postponed hits of ga4mp send one event without a list.
    assert only(mp(events={"name": "e", "params": {}})).event == "e"
    firebase = call(
        "POST", "/mp/collect?firebase_app_id=1:2", {"app_instance_id": "i", "events": [{"name": "e"}]}
    )
    assert (decode(firebase).key, only(firebase).distinct_id) == ("1:2", "i")
    own = only(mp(events=[{"name": "e", "timestamp_micros": "1795332054511695"}], timestamp_micros=1))
    assert own.at == AT
    traits = only(mp(user_properties={"a": {"value": 1}}))
    assert (traits.event, traits.person) == ("$set", ProfileChange(set={"a": 1}))


def test_a_known_user_is_linked_to_the_client_once():
    hit = decode(mp(user_id="u1", events=[{"name": "a"}, {"name": "b"}]))
    assert [(each.event, each.distinct_id) for each in hit.records] == [
        ("$identify", "u1"),
        ("a", "u1"),
        ("b", "u1"),
    ]
    assert hit.records[0].properties == {"$anon_distinct_id": "123.456"}
    assert hit.records[1].properties == {"$device_id": "123.456"}
    # Every request says it again; it is the same event.
    assert decode(mp(user_id="u1", events=[{"name": "a"}])).records[0].uuid == hit.records[0].uuid
    assert decode(mp(user_id="u2", events=[{"name": "a"}])).records[0].uuid != hit.records[0].uuid


def test_a_page_view_is_named_as_everywhere():
    params = {
        "page_location": "https://a.example/x?utm_source=s",
        "page_title": "T",
        "page_referrer": "https://b.example/",
    }
    assert only(mp(events=[{"name": "page_view", "params": params}])).properties == {
        **params,
        "title": "T",
        "$referrer": "https://b.example/",
        "$referring_domain": "b.example",
        "$current_url": "https://a.example/x?utm_source=s",
        "$host": "a.example",
        "$pathname": "/x",
        "utm_source": "s",
    }
    screen = only(mp(events=[{"name": "screen_view", "params": {"screen_name": "首页"}}]))
    assert (screen.event, screen.properties["$screen_name"]) == ("$screen", "首页")


HIT = {
    "v": "2",
    "tid": "G-MIN",
    "cid": "26236",
    "sid": "71352",
    "ul": "zh-cn",
    "sr": "800x600",
    "dl": "https://a.example/x",
    "dt": "GA 测试",
}


def gtag(body: bytes = b"", **more):
    address = "/g/collect?" + urlencode(HIT | more)
    return call("POST", address, body, user_agent="UA")


PLACE = {
    "$browser_language": "zh-cn",
    "$screen_width": 800,
    "$screen_height": 600,
    "title": "GA 测试",
    "$current_url": "https://a.example/x",
    "$host": "a.example",
    "$pathname": "/x",
    "$raw_user_agent": "UA",
}


def test_a_hit_of_a_page():
    made = gtag(
        **{
            "en": "click",
            "ep.id": "b",
            "epn.n": "2",
            "epn.x": "1.5",
            "epn.bad": "nan",
            "up.plan": "pro",
            "_et": "926",
        }
    )
    assert decode(made).key == "G-MIN"
    got = only(made)
    assert (got.event, got.distinct_id, got.session, got.at) == ("click", "26236", "71352", None)
    assert got.properties == {"id": "b", "n": 2, "x": 1.5, "bad": "nan", "engagement_time_msec": 926, **PLACE}
    assert got.person == ProfileChange(set={"plan": "pro"})
    assert only(call("GET", made.path + "?" + urlencode(HIT | {"en": "page_view"}))).event == "$pageview"


def test_several_events_share_a_hit():
    body = "en=page_view&dl=https%3A%2F%2Fa.example%2Fy\r\n\r\nen=加购&ep.sku=%E4%B9%A6&epn.n=3\n".encode()
    hit = decode(gtag(body, uid="u1"))
    assert [each.event for each in hit.records] == ["$identify", "$pageview", "加购"]
    assert hit.records[1].properties["$pathname"] == "/y"
    assert hit.records[2].properties == PLACE | {"sku": "书", "n": 3, "$device_id": "26236"}
    assert {each.distinct_id for each in hit.records} == {"u1"}


@pytest.mark.parametrize(
    ("made", "detail"),
    [
        (gtag(), "“en” is missing."),
        (gtag(en="e", cid=""), "“client_id” is missing."),
        (gtag(en="e" * 201), "“en” is longer than 200 characters."),
        (gtag(b"en=e&tid=G-2\nen=f&tid=G-3"), "The event has another “tid” than the request."),
        (mp(events=[{"name": ""}]), "“name” is missing."),
        (mp(events=[7]), "An event must be a JSON object."),
        (mp(events=[{"name": "e", "params": []}]), "“params” must be a JSON object."),
        (mp(client_id="", events=[{"name": "e"}]), "“client_id” is missing."),
        (mp(user_properties=[], events=[{"name": "e"}]), "“user_properties” must be a JSON object."),
    ],
)
def test_what_is_not_fit_is_answered_like_the_rest(made, detail):
    hit = decode(made)
    assert hit.dropped[-1].detail == detail
    assert answer(made).status == 204


def test_answers():
    assert answer(mp(events=[{"name": "e"}])).status == 204
    for made in (call("POST", "/mp/collect", {}), call("POST", MP, b"x"), call("POST", "/g/collect?en=e")):
        assert refused(made)[1].status == 204
    full = find("POST", "/mp/collect").refuse(mp(), Refused(Refusal.FULL, 503, "Later.", 9))
    assert (full.status, full.headers) == (503, (("Retry-After", "9"),))


def test_debugging_says_what_is_wrong_and_keeps_nothing():
    fine = call("POST", "/debug" + MP, {"client_id": "1", "events": [{"name": "e"}]})
    assert decode(fine).dry_run
    assert orjson.loads(answer(fine).body) == {"validationMessages": []}
    wrong = call("POST", "/debug" + MP, {"client_id": "1", "events": [{"name": "e"}, {}]})
    (message,) = orjson.loads(answer(wrong).body)["validationMessages"]
    assert (message["fieldPath"], message["description"]) == ("events[1]", "“name” is missing.")
    back = refused(call("POST", "/debug" + MP, b"{"))[1]
    assert (back.status, len(orjson.loads(back.body)["validationMessages"])) == (200, 1)


def test_a_nul_in_the_address_is_mended():
    assert only(gtag(**{"en": "a\0b", "ep.x": "y\0"})).event == "ab"
    assert dropped(gtag(en="\0")).detail == "“en” is missing."
