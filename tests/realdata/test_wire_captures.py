"""The requests that real SDKs made, recorded once, read again: each event once, of the right person and customer.

The recordings lie beside the checkout (``../shared/data/wire-captures``); where they do not, this is skipped. A
recording keeps the body as it was understood, so it is packed again as its ``notes`` tell: gzip, base64, a form.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from tongpin.modules.analytics.wire.call import Call, Hit
from tongpin.modules.analytics.wire.record import CustomerChange, ProfileChange, Record, dump, load
from tongpin.modules.analytics.wire.routes import find

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "wire-captures"
#: Pages of the test site and its scripts, the webhook and the web API of a chat vendor, a path of the recorder's own.
ELSEWHERE = (
    "/page.html",
    "/vendor/",
    "/services/",
    "/api/chat.",
    "/api/auth.",
    "/api/users.",
    "/api/conversations.",
)
ASKING = ("/array/", "/flags", "/decide", "/static/", "/api/surveys")


def recorded(name: str) -> list[dict[str, Any]]:
    """The requests of a recording that an SDK made to us, in order."""
    path = FOLDER / f"{name}.jsonl"
    if not path.exists():
        pytest.skip(f"{path} is not here: one recording not tried")
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    return [row for row in rows if not row["path"].startswith(ELSEWHERE)]


def packed(row: dict[str, Any]) -> bytes:
    """The body in the bytes it had."""
    body, notes = row["body"], row["notes"]
    if "form-urlencoded" in notes:
        fields = dict(body)
        for note in notes:
            kind, _, wrapping = note.partition(": ")
            if kind.startswith("form "):
                field = kind.removeprefix("form ")
                said = json.dumps(fields[field], ensure_ascii=False).encode()
                fields[field] = base64.b64encode(gzip.compress(said) if "gzip" in wrapping else said).decode()
        return urlencode(fields).encode()
    said = b"" if body == "" else json.dumps(body, ensure_ascii=False).encode()
    if any("gzip" in note for note in notes):
        return gzip.compress(said)
    return said


def made(row: dict[str, Any]) -> Call:
    path = "/v1/batch" if row["path"] == "/custom/batch" else row["path"]
    query = dict(reversed(parse_qsl(row["query"], keep_blank_values=True)))
    now = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
    return Call(
        row["method"], path, query, row["headers"], packed(row), now, client_ip="192.0.2.7", salt=b"salt"
    )


def hits(name: str) -> list[Hit]:
    """What each request that brings events says; its answer is the one that satisfied the SDK when it was
    recorded (in ``web_fail`` it was given wrong ones on purpose)."""
    found = []
    for row in recorded(name):
        call = made(row)
        protocol = find(call.method, call.path)
        assert protocol is not None, call.path
        hit = protocol.decode(call)
        answer = protocol.answer(call, hit, hit.dropped)
        assert protocol.takes_events is not row["path"].startswith(ASKING)
        if name != "web_fail":
            assert answer.status == row["resp"], row["path"]
        if protocol.takes_events:
            assert hit.dropped == []
            assert load(dump(hit.records)) == hit.records
            found.append(hit)
    return found


def records(name: str) -> list[Record]:
    """The events of a recording, each once however often it was sent."""
    seen = {record.uuid: record for hit in hits(name) for record in hit.records}
    return list(seen.values())


def events(name: str) -> Counter[tuple[str, str]]:
    """How often each person did what."""
    return Counter((record.event, record.distinct_id) for record in records(name))


def links(name: str) -> set[tuple[str, str]]:
    """The two ids of every link."""
    return {
        (record.distinct_id, other)
        for record in records(name)
        if (other := record.properties.get("$anon_distinct_id") or record.properties.get("alias"))
    }


def test_server_sdks():
    assert Counter(hit.key for hit in hits("py")) == Counter(
        {"phc_testkey": 9, "WRITEKEY": 5, "default": 7, "11111111-1111-4111-8111-111111111111": 2}
    )
    day = "day-" + next(each.distinct_id for each in records("py") if each.distinct_id.startswith("day-"))[4:]
    assert events("py") == Counter(
        {
            # posthog-python, old and new protocol
            ("button_clicked", "u1"): 1,
            ("$set", "u1"): 2 + 5,
            ("$set_once", "u1"): 1,
            ("$groupidentify", "071ad707-e499-4ec2-867f-4b6eff70bf40"): 1,
            ("$create_alias", "anon1"): 1,
            ("$exception", "u1"): 1,
            ("$feature_flag_called", "u1"): 2,
            ("gz", "u1"): 2,
            ("v1evt", "u1"): 1,
            ("old", "u1"): 1,
            # posthog-node
            ("node_evt", "u1"): 1,
            ("$identify", "u1"): 1 + 2 + 1,
            ("$groupidentify", "$company_acme"): 1,
            ("$create_alias", "u1"): 1,
            ("nogz", "u1"): 1,
            # Segment
            ("Order Completed", "u1"): 1,
            ("Order", "u1"): 1,
            ("$pageview", "u1"): 2,
            ("$groupidentify", "u1"): 2,
            ("$create_alias", "b"): 2,
            ("$screen", "u1"): 1,
            ("$screen", "u"): 1,
            ("x", "an1"): 1,
            # 神策
            ("ViewProduct", "u1"): 1,
            ("E0", "u1"): 1,
            ("E1", "u1"): 1,
            ("E2", "u1"): 1,
            ("$groupidentify", "$book_0321714113"): 1,
            ("Dbg", "u1"): 1,
            # Umami
            ("evt", day): 1,
            ("$set", day): 1,
        }
    )
    assert links("py") == {("anon1", "u1"), ("u1", "anon"), ("b", "a"), ("u1", "anon1")}
    assert [each.customer for each in records("py") if each.customer] == [
        CustomerChange("company", "acme", ProfileChange(set={"name": "Acme"})),
        CustomerChange("company", "g1", ProfileChange(set={"name": "G"})),
        CustomerChange("book", "0321714113", ProfileChange(set={"name": "C++"})),
        CustomerChange("company", "acme", ProfileChange(set={"n": 1})),
        CustomerChange("company", "g", ProfileChange()),
    ]


def test_what_servers_say_of_people():
    said = [each.person for each in records("py") if each.person and each.person != ProfileChange()]
    assert said == [
        ProfileChange(set={"email": "a@b.c"}),
        ProfileChange(set_once={"first": "x"}),
        ProfileChange(set={"email": "x"}),
        ProfileChange(set={"email": "a@b.c"}),
        ProfileChange(set={"Age": 18}),
        ProfileChange(append={"l": ["a"]}),
        ProfileChange(increment={"g": 1}),
        ProfileChange(unset=["Age"]),
        ProfileChange(delete=True),
        ProfileChange(set={"email": "a@b.c"}),
        ProfileChange(set={"e": 1}),
        ProfileChange(set={"plan": "x"}),
    ]


def test_times_are_the_senders():
    (old,) = (each for each in records("py") if each.event == "old")
    assert old.at == datetime(2020, 1, 1, tzinfo=UTC)
    (view,) = (each for each in records("py") if each.event == "ViewProduct")
    assert view.at == datetime.fromtimestamp(1795332091.742, UTC)
    (clicked,) = (each for each in records("web_old") if each.event == "web_evt")
    # 1.96 sends how long ago it was: 1,733 ms before 1795332186662.
    assert clicked.at == datetime.fromtimestamp(1795332184.929, UTC)


@pytest.mark.parametrize("name", ["web_new", "web_old"])
def test_the_browser_sdk_of_posthog_new_and_old(name):
    (anonymous,) = {
        each.properties["$anon_distinct_id"] for each in records(name) if each.event == "$identify"
    }
    found = events(name)
    assert found[("$pageview", anonymous)] == 1
    assert found[("web_evt", anonymous)] == 1
    assert found[("$identify", "u1")] == 1
    assert found[("$groupidentify", "u1")] == 1
    assert found[("before_unload", "u1")] == 1
    assert found[("$pageleave", "u1")] == 1
    assert {who for _, who in found} == {anonymous, "u1"}
    assert links(name) == {("u1", anonymous), ("u1", "al1")}
    (group,) = (each for each in records(name) if each.event == "$groupidentify")
    assert group.customer == CustomerChange("company", "acme", ProfileChange(set={"n": 1}))
    (leaving,) = (each for each in records(name) if each.event == "before_unload")
    assert leaving.customers == {"company": "acme"}
    (identified,) = (each for each in records(name) if each.event == "$identify")
    assert identified.person is not None
    assert identified.person.set["email"] == "a@b.c"
    assert len({each.session for each in records(name)}) == 1


def test_retries_of_the_browser_sdk_are_the_same_events():
    """Four requests were answered with an error and came again."""
    sent = [record.uuid for hit in hits("web_fail") for record in hit.records]
    assert len(sent) > len(set(sent))
    assert all(
        count == 1
        for event, count in Counter(each.event for each in records("web_fail")).items()
        if event[0] != "$"
    )


def test_an_answered_survey():
    found = {each.event: each for each in records("web_survey")}
    sent = found["survey sent"]
    assert "survey shown" in found
    assert sent.person is not None
    assert sent.person.set == {"$survey_responded/01900000-0000-7000-8000-000000000001": True}
    assert sent.properties["$survey_completed"] is True


SENSORS = ("web_sa_18910", "web_sa_18911", "web_sa_18912", "web_sa_18913")


@pytest.mark.parametrize("name", SENSORS)
def test_the_web_sdk_of_sensors_by_image_ajax_beacon_and_batch(name):
    ((person, anonymous),) = links(name)
    assert person == "user_1"
    found = events(name)
    expected = {
        ("$pageview", anonymous): 1,
        ("$set", anonymous): 1,
        ("ViewProduct", anonymous): 1,
        ("$identify", "user_1"): 1,
        ("$set", "user_1"): 3,
        ("$groupidentify", "$book_1"): 1,
        ("$WebClick", "user_1"): 1,
    }
    assert found == expected
    view = next(each for each in records(name) if each.event == "$pageview")
    assert view.properties["$pathname"] == "/page.html"
    assert view.properties["title"] == "神策 测试"


def test_umami():
    found = records("web_um")
    assert Counter(each.event for each in found) == {
        "$pageview": 6,
        "evt": 1,
        "$identify": 1,
        "signup": 1,
        "$web_vitals": 5,
    }
    ((person, visitor),) = links("web_um")
    assert person == "user-9"
    first = next(each for each in found if each.event == "$pageview")
    assert (first.distinct_id, first.properties["utm_source"]) == (visitor, "x")
    assert {each.distinct_id for each in found if each.properties.get("$pathname") == "/next"} == {"user-9"}
    # Another browser at the same address is somebody else.
    agents = {row["headers"]["user-agent"] for row in recorded("web_um")}
    assert len({each.distinct_id for each in found} - {"user-9"}) == len(agents) > 1


def test_ga4():
    found = records("web_ga")
    assert [(each.event, each.distinct_id) for each in found] == [
        ("purchase", "123456.7654321"),
        ("purchase", "123456.7654321"),
        ("$pageview", "2623600414530764"),
        ("click", "2623600414530764"),
        ("user_engagement", "2623600414530764"),
    ]
    assert [hit.dry_run for hit in hits("web_ga")] == [False, True, False, False, False]
    assert found[0].person == ProfileChange(set={"plan": "pro"})
    assert found[3].properties["button_id"] == "b"
    assert {each.session for each in found[2:]} == {"7135224032851376"}


def test_flags_are_asked_for_between_events():
    assert Counter(each.event for each in records("flags"))["$feature_flag_called"] >= 1
