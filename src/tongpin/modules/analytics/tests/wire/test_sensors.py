"""神策: every kind of record, every way it comes, and answers under which its SDKs neither raise nor repeat."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import orjson
import pytest

from tongpin.modules.analytics.enums import Refusal
from tongpin.modules.analytics.tests.wire.calling import (
    answer,
    call,
    decode,
    dropped,
    form,
    only,
    refused,
    zipped,
)
from tongpin.modules.analytics.wire.call import Refused
from tongpin.modules.analytics.wire.record import CustomerChange, ProfileChange, Record
from tongpin.modules.analytics.wire.routes import find

TIME = 1795332286368
AT = datetime.fromtimestamp(TIME / 1000, UTC)
LIB = {"$lib": "js", "$lib_version": "1.27.11"}
COOKIE = "1a20224a798970-09a2610ff16439"


def record(kind: str = "track", **more) -> dict:
    return {
        "type": kind,
        "event": "ViewProduct",
        "time": TIME,
        "distinct_id": "u1",
        "properties": {},
        "lib": {**LIB, "$lib_method": "code"},
        "project": "default",
        "_track_id": 746266370,
        "_flush_time": TIME + 2,
    } | more


def one(row: dict) -> Record:
    return only(call("POST", "/sa?project=shop", form(data=row)))


ROW = record(properties={"cat": "书", "when": "2026-11-22 07:24:46.371"})
PACKED = base64.b64encode(zipped(ROW)).decode()
LISTED = base64.b64encode(zipped([ROW])).decode()


@pytest.mark.parametrize(
    "made",
    [
        call("POST", "/sa?project=shop", form(data=PACKED, gzip=1)),
        call("POST", "/sa/?project=shop", form(data_list=LISTED, gzip=1)),
        call("POST", "/sa?project=other&token=shop", form(data=ROW)),
        call("POST", "/sa.gif?project=shop", form(data=ROW, ext="crc=-293946405"), content_type="text/plain"),
        call("POST", "/sa.gif?project=shop", form(data_list=[ROW])),
        call("GET", "/sa.gif?project=shop&ext=crc%3D1&" + form(data=ROW).decode()),
        call("POST", "/debug?project=shop", form(data=PACKED, gzip=1)),
        call("POST", "/sa?project=shop", [ROW]),
        call("POST", "/sa", form(data=ROW | {"project": "shop"})),
        call("POST", "/sa", form(data=ROW | {"token": "shop"})),
    ],
)
def test_every_way_a_record_comes(made):
    hit = decode(made)
    assert (hit.key, hit.dropped, hit.dry_run) == ("shop", [], False)
    (got,) = hit.records
    assert (got.event, got.distinct_id, got.at) == ("ViewProduct", "u1", AT)
    # Dates stay the texts they are: the SDK writes them without a zone.
    assert got.properties == {"cat": "书", "when": "2026-11-22 07:24:46.371", **LIB}
    assert got.uuid == one(ROW).uuid


def test_the_same_record_is_the_same_event_and_another_is_not():
    first = one(ROW).uuid
    assert first == one(ROW | {"_flush_time": 1}).uuid
    for other in ({"_track_id": 1}, {"time": TIME + 1}, {"distinct_id": "u2"}, {"event": "e"}):
        assert one(ROW | other).uuid != first
    server = {key: value for key, value in ROW.items() if key != "_track_id"}
    assert one(server).uuid != one(server).uuid


def test_a_page_view_is_named_as_everywhere():
    properties = {
        "$url": "https://a.example/x?utm_source=微信",
        "$url_path": "/x",
        "$title": "标题",
        "$referrer": "https://b.example/",
        "$referrer_host": "b.example",
    }
    got = one(record(event="$pageview", properties=properties, anonymous_id=COOKIE))
    assert got.event == "$pageview"
    assert got.properties == {
        **properties,
        **LIB,
        "$current_url": "https://a.example/x?utm_source=微信",
        "$host": "a.example",
        "$pathname": "/x",
        "title": "标题",
        "$referring_domain": "b.example",
        "utm_source": "微信",
        "$device_id": COOKIE,
    }


def test_the_browser_of_a_page_is_read_here():
    row = record(event="$pageview", properties={"$os": "Harmony"})
    agent = "Mozilla/5.0 (X11; Linux x86_64) Chrome/147.0.0.0 Safari/537.36"
    got = only(call("POST", "/sa.gif?project=shop", form(data=row), user_agent=agent)).properties
    assert (got["$browser"], got["$os"], got["$device_type"]) == ("Chrome", "Harmony", "Desktop")
    server = only(
        call("POST", "/sa?project=shop", form(data=row | {"lib": {"$lib": "python"}}), user_agent=agent)
    )
    assert "$browser" not in server.properties


def test_signing_up_links_the_person_to_the_anonymous_one():
    got = one(record("track_signup", event="$SignUp", original_id=COOKIE, login_id="u1", anonymous_id=COOKIE))
    assert (got.event, got.distinct_id) == ("$identify", "u1")
    assert got.properties["$anon_distinct_id"] == COOKIE


def test_binding_links_every_identity():
    identities = {
        "$identity_login_id": "u1",
        "$identity_mobile": "138",
        "$identity_cookie_id": COOKIE,
        "x": "",
    }
    made = call("POST", "/sa?project=shop", record("track_id_bind", event="$BindID", identities=identities))
    first, second = decode(made).records
    assert [(each.event, each.distinct_id, each.properties["alias"]) for each in (first, second)] == [
        ("$create_alias", "u1", "$identity_mobile+138"),
        ("$create_alias", "u1", COOKIE),
    ]
    assert [each.uuid for each in decode(made).records] == [first.uuid, second.uuid]
    alone = record("track_id_bind", event="$BindID", identities={"$identity_login_id": "u1"})
    assert dropped(call("POST", "/sa?project=shop", alone)).detail == "“identities” names nobody to bind."


def test_unbinding_is_an_event_and_undoes_nothing():
    got = one(record("track_id_unbind", event="$UnbindID", identities={"$identity_mobile": "138"}))
    assert (got.event, got.properties["identities"]) == ("$UnbindID", {"$identity_mobile": "138"})


@pytest.mark.parametrize(
    ("kind", "properties", "change"),
    [
        ("profile_set", {"Age": 18, "$lib": "js"}, ProfileChange(set={"Age": 18})),
        ("profile_set_once", {"first": "x"}, ProfileChange(set_once={"first": "x"})),
        ("profile_unset", {"Age": True}, ProfileChange(unset=["Age"])),
        ("profile_increment", {"g": 1, "h": -0.5}, ProfileChange(increment={"g": 1, "h": -0.5})),
        ("profile_append", {"l": ["a"], "m": "b"}, ProfileChange(append={"l": ["a"], "m": ["b"]})),
        ("profile_delete", {}, ProfileChange(delete=True)),
    ],
)
def test_profiles(kind, properties, change):
    got = one(record(kind, properties={**properties, "$is_login_id": True}))
    assert (got.event, got.distinct_id, got.person) == ("$set", "u1", change)
    assert got.properties == {**LIB, "$is_login_id": True}


@pytest.mark.parametrize(
    ("kind", "change"),
    [("item_set", ProfileChange(set={"n": "x"})), ("item_delete", ProfileChange(delete=True))],
)
def test_items_are_customers_of_their_kind(kind, change):
    row = record(kind, item_type="shop", item_id=7, properties={"n": "x"})
    del row["distinct_id"], row["event"]
    got = one(row)
    assert (got.event, got.distinct_id, got.customers) == ("$groupidentify", "$shop_7", {"shop": "7"})
    assert got.customer == CustomerChange("shop", "7", change)


@pytest.mark.parametrize(
    ("row", "detail"),
    [
        (record("profile_x"), "“type” must be one of track"),
        (record("item_x", item_type="a", item_id="b"), "“type” must be one of track"),
        (record(""), "“type” must be one of track"),
        (record("item_set", item_type="a"), "“item_id” is missing."),
        (record(distinct_id=""), "“distinct_id” is missing."),
        (record(event=None), "“event” is missing."),
        (record(properties=[]), "“properties” must be a JSON object."),
        (record("profile_increment", properties={"g": "1"}), "“g” must be a number to add."),
        (record("profile_increment", properties={"g": True}), "“g” must be a number to add."),
        (record("track_signup", original_id="x" * 201), "“original_id” is longer than 200 characters."),
    ],
)
def test_a_record_that_is_not_fit_is_no_failure(row, detail):
    """Under anything but 2xx the page's SDK sends the list again for ever and the server's loses its thread."""
    made = call("POST", "/sa?project=shop", form(data_list=[ROW, row]))
    hit = decode(made)
    assert (len(hit.records), hit.dropped[0].row) == (1, 1)
    assert hit.dropped[0].detail.startswith(detail)
    assert answer(made).status == 200


def test_a_time_that_is_none_is_kept_to_be_seen():
    got = one(record(time="gestern"))
    assert (got.at, got.properties["$unreadable_time"]) == (None, "gestern")


def test_answers():
    back = answer(call("GET", "/sa.gif?project=shop&" + form(data=ROW).decode()))
    assert (back.status, back.content_type, back.body[:6]) == (200, "image/gif", b"GIF89a")
    assert answer(call("POST", "/sa?project=shop", form(data=ROW))).status == 200


def test_debugging_says_what_is_wrong():
    assert answer(call("POST", "/debug?project=shop", form(data=ROW))).status == 200
    wrong = call("POST", "/debug?project=shop", form(data=record(distinct_id="")), dry_run="true")
    assert decode(wrong).dry_run
    back = answer(wrong)
    assert (back.status, back.body.decode()) == (400, "“distinct_id” is missing.")


def test_what_is_refused_for_good_is_not_sent_again_by_pages():
    why, back = refused(call("POST", "/sa.gif?project=shop", b"data=%%%"))
    assert (why.reason, back.status, back.content_type) == (Refusal.BODY, 200, "image/gif")
    why, back = refused(call("POST", "/sa", orjson.dumps([])))
    assert (why.reason, back.status) == (Refusal.KEY, 403)
    for path in ("/sa.gif", "/sa"):
        made = call("POST", path, [])
        protocol = find("POST", path)
        full = protocol.refuse(made, Refused(Refusal.FULL, 503, "Later.", retry_after=5))
        assert (full.status, full.headers) == (503, (("Retry-After", "5"),))
