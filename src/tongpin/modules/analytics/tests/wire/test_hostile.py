"""Nothing that can be sent brings the decoder down: every request gives a hit or a refusal, in bounded time and memory,
and both can be answered; what a hit keeps survives the inbox. ``TONGPIN_FUZZ`` is seconds for the mutations (3)."""

from __future__ import annotations

import base64
import gzip
import json
import os
import random
import time
import tracemalloc
import zlib
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongpin.modules.analytics.enums import Refusal
from tongpin.modules.analytics.tests.wire.calling import call
from tongpin.modules.analytics.wire import limits
from tongpin.modules.analytics.wire.body import cleaned
from tongpin.modules.analytics.wire.call import Answer, Call, Dropped, Hit, Refused
from tongpin.modules.analytics.wire.record import dump, load
from tongpin.modules.analytics.wire.routes import EXACT, find

SECONDS = float(os.environ.get("TONGPIN_FUZZ", "3"))
#: Everything that any protocol reads by name.
_WORDS = """
$anon_distinct_id $create_alias $group_key $group_set $group_type $groupidentify $groups $identify $insert_id $set
$posthog_cookieless $session_id $set_once $unset _track_id alias anonymousId anonymous_id api_key append at batch title
client_id context cookieless customer customers data delete distinct_id event events groupId id identities increment
item_id item_set item_type key kind lib messageId name offset options original_id params payload person previousId
profile_append profile_increment profile_set profile_unset project properties session session_id sent_at set time
timestamp timestamp_micros token track track_id_bind track_signup traits type unset url user_id user_properties userId
uuid website writeKey identify page group screen performance $url $current_url $referrer ip userAgent
"""
WORDS = _WORDS.split()
TEXTS = st.one_of(
    st.sampled_from(WORDS),
    st.text(max_size=20),
    st.sampled_from(
        [
            "",
            "\0",
            "\ud800",
            "x" * 201,
            "http://[",
            "https://a/?utm_source=\0",
            "2026-11-22T07:20:54Z",
            "1e999",
        ]
    ),
)
LEAVES = st.one_of(
    st.none(), st.booleans(), st.floats(), TEXTS, st.sampled_from([0, 7, 2**63, -(2**64), 10**400])
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
ROWS = st.dictionaries(st.sampled_from(WORDS), VALUES, max_size=8)


def answered(made: Call) -> Hit | Refused:
    """What the request says; an exception of any other kind is the failure looked for."""
    protocol = find(made.method, made.path)
    assert protocol is not None
    try:
        hit: Hit | Refused = protocol.decode(made)
    except Refused as refused:
        back = protocol.refuse(made, refused)
        hit = refused
    if isinstance(hit, Refused):
        assert isinstance(back, Answer)
        assert len(hit.detail) < 500
        return hit
    assert "\0" not in hit.key
    kept = dump(hit.records)
    assert cleaned(plain := orjson.loads(kept)) == plain
    assert load(kept) == hit.records
    for record in hit.records:
        assert 0 < len(record.event) <= limits.NAME
        assert 0 < len(record.distinct_id) <= limits.NAME
    ruled_out = [Dropped(Refusal.DENIED, "No.", str(record.uuid), record.event) for record in hit.records[:1]]
    back = protocol.answer(made, hit, [*hit.dropped, *ruled_out])
    assert isinstance(back, Answer)
    return hit


def text(value: object) -> bytes:
    """JSON as a sender writes it who cares for nothing: NaN, integers of any size, lone surrogates."""
    return json.dumps(value, default=str).encode("utf-8", "surrogatepass")


def wrapped(body: bytes, how: int) -> tuple[bytes, dict[str, str]]:
    """The same body in one of the wrappings."""
    if how == 1:
        return gzip.compress(body, 1), {}
    if how == 2:
        return urlencode({"data": base64.b64encode(body)}).encode(), {}
    if how == 3:
        return urlencode({"data_list": base64.urlsafe_b64encode(gzip.compress(body, 1))}).encode(), {}
    if how == 4:
        return zlib.compress(body), {"content_encoding": "deflate"}
    if how == 5:
        return zstandard.compress(body), {}
    return body, {}


def addressed(path: str, body: bytes, **headers: str) -> Call:
    method = "POST" if "POST" in EXACT[path] else "GET"
    query = "?measurement_id=G-1&tid=G-1&project=p&token=k&key=k&v=2"
    return call(method, path + query, body, authorization="Bearer k", posthog_sdk_info="x/1", **headers)


@pytest.mark.parametrize("path", sorted(path for path, spoken in EXACT.items() if "POST" in spoken))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_json_is_a_hit_or_a_refusal(path, data):
    row = data.draw(ROWS)
    shape = data.draw(st.sampled_from(["row", "rows", "batch", "payload", "events"]))
    value: Any = row
    if shape == "rows":
        value = [row, data.draw(VALUES)]
    elif shape == "batch":
        value = {"batch": [row, data.draw(VALUES)], "api_key": "k"} | data.draw(ROWS)
    elif shape == "payload":
        value = {"type": data.draw(TEXTS), "payload": {"website": "w"} | row}
    elif shape == "events":
        value = {"client_id": "c", "events": [row, data.draw(VALUES)]} | data.draw(ROWS)
    body, headers = wrapped(text(value), data.draw(st.integers(0, 5)))
    answered(addressed(path, body, **headers))


@settings(max_examples=200, deadline=None)
@given(line=st.binary(max_size=200), query=st.dictionaries(TEXTS, TEXTS, max_size=6))
def test_any_hit_of_gtag(line, query):
    made = addressed("/g/collect", b"en=a&" + line)
    answered(replace(made, query={**made.query, "en": "e", "cid": "c", **query}))


SIGNED_UP = {
    "type": "track_signup",
    "event": "$SignUp",
    "distinct_id": "u",
    "original_id": "a",
    "time": 1795332092034,
}
SEEDS: list[tuple[str, Any]] = [
    (
        "/batch",
        {
            "api_key": "k",
            "batch": [
                {
                    "event": "$identify",
                    "distinct_id": "u",
                    "uuid": "x",
                    "timestamp": "2026-11-22T07:20:54Z",
                    "properties": {"$anon_distinct_id": "a", "$set": {"a": 1}, "$groups": {"c": "d"}},
                }
            ],
        },
    ),
    ("/i/v1/analytics/events", {"batch": [{"event": "e", "distinct_id": "u", "options": {"a": 1}}]}),
    (
        "/v1/batch",
        {
            "writeKey": "W",
            "batch": [
                {
                    "type": "page",
                    "userId": "u",
                    "messageId": "m",
                    "context": {"page": {"url": "https://a/?utm_source=x"}},
                    "properties": {"a": [1, {"b": None}]},
                }
            ],
        },
    ),
    ("/sa", urlencode({"data_list": base64.b64encode(gzip.compress(orjson.dumps([SIGNED_UP])))}).encode()),
    ("/api/send", {"type": "event", "payload": {"website": "w", "url": "https://a/x", "screen": "1x2"}}),
    ("/api/batch", [{"type": "identify", "payload": {"website": "w", "id": "u", "data": {"a": 1}}}]),
    ("/mp/collect", {"client_id": "1", "user_id": "u", "events": [{"name": "page_view", "params": {}}]}),
    ("/g/collect", b"en=page_view&dl=https%3A%2F%2Fa%2Fx&cid=1&ep.a=b&epn.c=1\r\nen=x"),
    (
        "/capture/v1/events",
        {
            "key": "k",
            "batch": [
                {
                    "event": "e",
                    "distinct_id": "u",
                    "at": 1795332092034,
                    "person": {"set": {"a": 1}, "increment": {"n": 1}},
                    "customer": {"kind": "c", "key": "d"},
                }
            ],
        },
    ),
]
BITS = [
    *(bytes([byte]) for byte in b'\0\xff"{}[],:%=&'),
    *(b"\\u0000", b"\\ud800", b"null", b"NaN", b"1e999", b"\x1f\x8b", b"\x28\xb5\x2f\xfd"),
    *(b"9" * 400, b"[" * 100, b'{"a":' * 100),
]


def mutated(body: bytes, chance: random.Random) -> bytes:
    """The body with some bytes lost, doubled, changed or put in."""
    out = bytearray(body)
    for _ in range(chance.randint(1, 6)):
        at, to = sorted(chance.choices(range(len(out) + 1), k=2))
        match chance.randint(0, 4):
            case 0:
                del out[at : min(to, at + 20)]
            case 1:
                out[at:at] = chance.choice(BITS)
            case 2:
                out[at:at] = out[at:to]
            case 3:
                out[at : at + 1] = bytes([chance.randrange(256)])
            case _:
                del out[to:]
        del out[100_000:]
    return bytes(out)


def test_mutations_of_real_requests_are_hits_or_refusals():
    """Also of the compressed bytes themselves."""
    chance = random.Random(20261122)
    until = time.monotonic() + SECONDS
    kinds = {Hit: 0, Refused: 0}
    while time.monotonic() < until:
        path, seed = chance.choice(SEEDS)
        plain = seed if isinstance(seed, bytes) else orjson.dumps(seed)
        body, headers = wrapped(mutated(plain, chance), chance.choice([0, 0, 0, 1, 5]))
        if chance.random() < 0.2:
            body = mutated(body, chance)
        began = time.process_time()
        kinds[type(answered(addressed(path, body, **headers)))] += 1
        assert time.process_time() - began < 1, (path, body[:200])
    assert min(kinds.values()) > 100


HEAVY = {
    "empty objects": b"[" + b"{}," * 1_480_000 + b"{}]",
    "small events": b"[" + b'{"event":"e","distinct_id":"u"},' * 19_000 + b"7]",
    "brackets": b"[" * 20_000_000,
    "one long text": b'{"event":"e","distinct_id":"' + b"x" * 19_000_000 + b'"}',
    "one long number": b'{"event":"e","distinct_id":"u","properties":{"a":' + b"9" * 19_000_000 + b"}}",
    "surrogates": b'{"event":"e","distinct_id":"u","properties":{"a":"' + rb"\ud800" * 1_000_000 + b'"}}',
    "many properties": b'{"event":"e","distinct_id":"u","properties":{'
    + b"".join(b'"%d":1,' % n for n in range(700_000))
    + b'"a":1}}',
    "the same property": b'{"event":"e","distinct_id":"u","properties":{'
    + b'"a":1,' * 1_400_000
    + b'"a":1}}',
    "a form of one field": b"data=" + b"%41" * 6_000_000,
    "blanks": b" " * 20_000_000,
    "base64 of nothing": b"A" * 20_000_000,
}


@pytest.mark.parametrize("what", HEAVY)
def test_the_largest_requests_take_bounded_time(what):
    """Bodies that were made to hurt; none of them would be taken."""
    for path in ("/batch", "/sa", "/capture/v1/events"):
        made = addressed(path, HEAVY[what])
        began = time.process_time()
        answered(made)
        assert time.process_time() - began < 5, path


@pytest.mark.parametrize("what", ["empty objects", "one long text", "many properties", "a form of one field"])
def test_the_largest_requests_take_bounded_memory(what):
    """Twenty times the largest body: what a request of as many values as are allowed takes."""
    made = addressed("/batch", HEAVY[what])
    tracemalloc.start()
    answered(made)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * limits.BODY
