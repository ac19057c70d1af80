"""Which addresses belong to SDKs, and what they are told before they send an event."""

from __future__ import annotations

import orjson
import pytest
from django.urls import Resolver404, resolve

from tongpin.modules.analytics.tests.wire.calling import call, decode, form
from tongpin.modules.analytics.wire.call import Answer, Call
from tongpin.modules.analytics.wire.routes import EXACT, find


def told(made: Call) -> Answer:
    """What an SDK that only asks is told; it needs no key that a source has."""
    protocol = find(made.method, made.path)
    assert protocol is not None
    assert not protocol.takes_events
    hit = protocol.decode(made)
    assert (hit.records, hit.dropped) == ([], [])
    return protocol.answer(made, hit, [])


@pytest.mark.parametrize("path", sorted(EXACT))
def test_a_slash_at_the_end_does_not_matter_and_a_preflight_is_known(path):
    (method, protocol), *_ = EXACT[path].items()
    assert find(method, path) is find(method, path + "/") is protocol
    assert find("OPTIONS", path) is protocol
    assert find("TRACE", path) is None
    assert find(method, path + "x") is None


@pytest.mark.parametrize("path", sorted(EXACT))
def test_no_address_of_an_sdk_is_one_of_ours(path):
    """Under /api/ there is one pattern that answers whatever no operation does, with a problem document."""
    for address in (path, path + "/"):
        try:
            found = resolve(address)
        except Resolver404:
            continue
        assert found.route == "^api/", found


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/w/e/",
        "/api/v1/surveys",
        "/static/app.0123.js",
        "/static/array.js",
        "/static/1.449.2/array.full.js",
        "/static/1.449.2/module.js",
        "/static/../1.2.3/surveys.js",
        "/array/x/y/config",
        "/array/<script>/config",
        "/E/",
        "/v1/batches",
    ],
)
def test_what_is_left_to_the_pages(path):
    assert find("GET", path) is None
    assert find("POST", path) is None


def test_the_configuration_of_the_browser_sdk():
    script = told(call("GET", "/array/phc_1/config.js?_=1"))
    assert (script.status, script.body, script.content_type) == (200, b"", "application/javascript")
    config = orjson.loads(told(call("GET", "/array/phc_1/config?ip=0")).body)
    assert config["token"] == "phc_1"
    assert config["analytics"] == {"endpoint": "/i/v0/e/"}
    assert find("POST", config["analytics"]["endpoint"]) is not None
    assert (config["sessionRecording"], config["surveys"], config["siteApps"]) == (False, False, [])


@pytest.mark.parametrize(
    "path", ["/static/1.449.2/surveys.js", "/static/surveys.js", "/static/recorder-v2.js"]
)
def test_scripts_of_features_that_are_off_are_empty(path):
    assert told(call("GET", f"{path}?v=1.96.1")) == Answer(200, b"", "application/javascript")


def test_there_are_no_flags():
    for made in (
        call("POST", "/flags/?v=2", {"token": "k", "distinct_id": "u"}),
        call("POST", "/flags?v=4&ip=0", b"\x1f\x8b not even a body"),
    ):
        said = orjson.loads(told(made).body)
        assert (said["flags"], said["featureFlags"], said["errorsWhileComputingFlags"]) == ({}, {}, False)
        assert said["evaluatedAt"] == 1795334400000
    decide = form(data={"token": "k"})
    assert orjson.loads(told(call("POST", "/decide/?v=3&ver=1.96.1", decide)).body)["featureFlags"] == {}
    assert orjson.loads(told(call("POST", "/decide/?v=2", decide)).body)["featureFlags"] == []


def test_definitions_of_flags_are_sent_once():
    first = told(call("GET", "/flags/definitions?token=k&send_cohorts", authorization="Bearer phx_1"))
    assert orjson.loads(first.body) == {"flags": [], "group_type_mapping": {}, "cohorts": {}}
    etag = dict(first.headers)["ETag"]
    again = told(call("GET", "/flags/definitions?token=k", if_none_match=f"W/{etag}"))
    assert (again.status, again.body) == (304, b"")
    assert told(call("GET", "/flags/definitions?token=k", if_none_match='"other"')).status == 200


def test_the_rest_is_empty_in_its_own_shape():
    assert orjson.loads(told(call("GET", "/api/surveys/?token=k")).body)["surveys"] == []
    assert told(call("POST", "/s/?compression=gzip-js", b"\x1f\x8b")).body == b'{"status":1}'
    assert told(call("GET", "/api/projects/@current/feature_flags/a-b/remote_config?token=k")).status == 404


def test_a_key_is_named_where_there_is_one():
    assert decode(call("GET", "/flags/definitions?token=k%00")).key == "k"
