"""What a source lets in; no server, no database."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tongpin.modules.analytics.capture.bots import is_bot
from tongpin.modules.analytics.capture.rates import Rates
from tongpin.modules.analytics.capture.rules import Caller, Rules
from tongpin.modules.analytics.enums import Refusal
from tongpin.modules.analytics.models import Source
from tongpin.modules.analytics.wire.call import Refused
from tongpin.modules.analytics.wire.record import CustomerChange, ProfileChange, Record

CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)


def caller(ip: str = "203.0.113.77", **headers: str) -> Caller:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Caller.of({"user-agent": CHROME} | named, ip)


def record(event: str = "buy", person: ProfileChange | None = None, **properties: Any) -> Record:
    return Record(
        uuid4(), event, "u1", None, {name.replace("__", "$"): v for name, v in properties.items()}, person
    )


def rules(**fields: Any) -> Rules:
    return Rules.of(Source(pk=1, name="x", **fields))


def kept(given: Rules, *records: Record, by: Caller | None = None) -> list[Record]:
    return given.sift(list(records), by or caller())[0]


def refused(given: Rules, by: Caller) -> tuple[str, int]:
    with pytest.raises(Refused) as raised:
        given.admit(by)
    return raised.value.reason, raised.value.status


def why(given: Rules, *records: Record, by: Caller | None = None) -> list[str]:
    return [dropped.reason for dropped in given.sift(list(records), by or caller())[1]]


@pytest.mark.parametrize(
    ("origins", "origin", "may"),
    [
        ([], "https://any.example", True),
        (["https://a.example"], "https://a.example", True),
        (["https://a.example/"], "https://A.example", True),
        (["https://a.example"], "http://a.example", False),
        (["https://a.example"], "https://a.example:8443", False),
        (["https://a.example"], "https://a.example.evil.test", False),
        (["a.example"], "http://a.example:3000", True),
        (["a.example"], "https://b.a.example", False),
        (["localhost:3000"], "http://localhost:3000", True),
        (["localhost:3000"], "http://localhost:3001", False),
        (["*.a.example"], "https://x.y.a.example", True),
        (["*.a.example"], "https://a.example", False),
        (["*.a.example"], "https://evila.example", False),
        (["https://*.a.example"], "https://x.a.example", True),
        (["https://*.a.example"], "http://x.a.example", False),
        (["https://*.a.example"], "https://x.a.example:8443", False),
        (["*.a.example:8443"], "https://x.a.example:8443", True),
        (["*.a.example:8443"], "https://x.a.example", False),
        (["*.a.example", "b.example"], "https://b.example", True),
        (["a.example"], "null", False),
        (["a.example"], "http://[", False),
        (["a.example"], "", True),  # a server
    ],
)
def test_origins(origins, origin, may):
    given = rules(allowed_origins=origins)
    headers = {"origin": origin} if origin else {}
    if may:
        given.admit(caller(**headers))
    else:
        assert refused(given, caller(**headers)) == (Refusal.ORIGIN, 403)


def test_an_image_is_known_by_its_page():
    given = rules(allowed_origins=["a.example"])
    given.admit(caller(sec_fetch_mode="no-cors", referer="https://a.example/page?x=1"))
    elsewhere = caller(sec_fetch_mode="no-cors", referer="https://b.example/")
    assert refused(given, elsewhere) == (Refusal.ORIGIN, 403)


def test_a_paused_source_takes_nothing():
    from tongpin.kernel import clock

    assert refused(rules(paused_at=clock.now()), caller()) == (Refusal.PAUSED, 403)


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
        "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
        "Sogou web spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)",
        "Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (KHTML, like Gecko; compatible; Bytespider)",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0 Safari/537.36",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
        "Mozilla/5.0 AppleWebKit/537.36 (compatible; ChatGPT-User/1.0; +https://openai.com/bot)",
        "Mozilla/5.0 (Linux; Android 11; moto g power) AppleWebKit/537.36 Chrome-Lighthouse",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    ],
)
def test_bots(agent):
    assert is_bot(agent)
    assert refused(rules(), caller(user_agent=agent)) == (Refusal.BOT, 200)
    assert why(rules(), record(__raw_user_agent=agent)) == ["bot"]  # a server that tells of its visitor
    rules(drop_bots=False).admit(caller(user_agent=agent))
    assert len(kept(rules(drop_bots=False), record(__raw_user_agent=agent))) == 1


@pytest.mark.parametrize(
    "agent",
    [
        "",
        CHROME,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148 MicroMessenger/8.0.50",
        "Mozilla/5.0 (Linux; Android 13; CUBOT NOTE 40) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36",
        "posthog-python/7.91.1",
        "posthog-node/5.70.0",
        "analytics-python/2.4.0",
        "python-requests/2.32.0",
        "Python-urllib/3.11",
        "okhttp/4.12.0",
        "node",
        "node-fetch/1.0",
        "Go-http-client/2.0",
        "Dart/3.5 (dart:io)",
        "axios/1.7.0",
        "Mozilla/5.0 Umami/v22.1.0",
        "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/108 Safari/537.36 QQBrowser/12",
        "SensorsAnalytics Java SDK",
    ],
)
def test_people_and_sdks_are_no_bots(agent):
    assert not is_bot(agent)


@pytest.mark.parametrize("agent", ["curl/8.5.0", "Wget/1.21.4"])
def test_who_sends_events_with_a_tool_is_no_bot_but_a_visitor_with_one_is(agent):
    rules().admit(caller(user_agent=agent))  # as the code on a source's page does
    assert why(rules(), record(__raw_user_agent=agent)) == ["bot"]


@pytest.mark.parametrize("header", [{"dnt": "1"}, {"sec_gpc": "1"}])
def test_opting_out(header):
    assert refused(rules(), caller(**header)) == (Refusal.OPTED_OUT, 200)
    rules(honour_opt_out=False).admit(caller(**header))
    rules().admit(caller(dnt="0"))


@pytest.mark.parametrize("no", [False, 0, 0.0, "false", "False", "no", "0", "denied", ""])
def test_consent_refused(no):
    assert why(rules(consent_property="agreed"), record(agreed=no)) == ["consent"]


@pytest.mark.parametrize("yes", [True, 1, "true", "granted", None])
def test_consent_given_or_not_spoken_of(yes):
    assert len(kept(rules(consent_property="agreed"), record(agreed=yes), record())) == 2
    assert len(kept(rules(), record(agreed=False))) == 1


def test_lists_of_events_are_exact_and_may_end_in_a_star():
    given = rules(allow_events=["buy", "page*"], deny_events=["page_secret*"])
    events = ["buy", "Buy", "buy ", "page", "pageview", "page_secret", "page_secret_2", "other"]
    assert [r.event for r in kept(given, *map(record, events))] == ["buy", "page", "pageview"]
    assert why(given, record("other")) == ["denied"]


def test_a_list_of_allowed_events_does_not_break_identity():
    given = rules(allow_events=["buy"])
    link = record("$identify", ProfileChange(set={"a": 1}), __anon_distinct_id="anon")
    profile = record("$set", ProfileChange(set={"a": 1}))
    assert kept(given, link, profile) == [link, profile]
    assert why(given, record("$pageview")) == ["denied"]
    assert why(rules(deny_events=["$identify"]), link) == ["denied"]


def test_lists_of_properties_reach_profiles_too():
    change = ProfileChange(set={"email": "a@b.c", "plan": "pro"}, set_once={"email": "x"}, increment={"n": 1})
    customer = CustomerChange("company", "acme", ProfileChange(set={"email": "a@b.c"}))
    given = Record(uuid4(), "buy", "u1", None, {"email": "a@b.c", "plan": "pro"}, change, customer=customer)
    (left,) = kept(rules(deny_properties=["em*"]), given)
    assert left.properties == {"plan": "pro"}
    assert left.person == ProfileChange(set={"plan": "pro"}, increment={"n": 1})
    assert left.customer == CustomerChange("company", "acme", ProfileChange())
    assert given.properties["email"] == "a@b.c"  # what came is not changed
    (left,) = kept(rules(allow_properties=["plan"]), given)
    assert (left.properties, left.person) == ({"plan": "pro"}, ProfileChange(set={"plan": "pro"}))


def test_no_list_takes_a_link_between_ids_away():
    link = record("$identify", __anon_distinct_id="anon", email="a@b.c")
    (left,) = kept(rules(allow_properties=["plan"], deny_properties=["$*"]), link)
    assert left.properties == {"$anon_distinct_id": "anon"}


@pytest.mark.parametrize(
    ("policy", "ip", "said", "expected"),
    [
        ("drop", "203.0.113.77", None, None),
        ("drop", "203.0.113.77", "198.51.100.9", None),
        ("truncate", "203.0.113.77", None, "203.0.113.0"),
        ("truncate", "203.0.113.77", "198.51.100.9", "198.51.100.0"),
        ("truncate", "2001:db8:1:2:3::4", None, "2001:db8:1::"),
        ("truncate", "::ffff:203.0.113.77", None, "203.0.113.0"),
        ("truncate", "", "nonsense", None),
        ("keep", "203.0.113.77", None, "203.0.113.77"),
        ("keep", "203.0.113.77", "198.51.100.9", "198.51.100.9"),
        ("keep", "203.0.113.77", "nonsense", "203.0.113.77"),
        ("keep", "testclient", ["x"], None),
    ],
)
def test_addresses(policy, ip, said, expected):
    given = record() if said is None else record(__ip=said)
    (left,) = kept(rules(ip_policy=policy), given, by=caller(ip))
    assert left.properties.get("$ip") == expected
    assert expected or "$ip" not in left.properties


def test_an_address_in_a_profile_goes_the_same_way():
    change = ProfileChange(set={"$ip": "203.0.113.77", "a": 1}, set_once={"$ip": "203.0.113.77"})
    (left,) = kept(rules(), record(person=change))
    assert left.person == ProfileChange(set={"a": 1})
    (left,) = kept(rules(ip_policy="keep"), record(person=change))
    assert left.person == change


def test_a_rate_fills_evenly_and_a_large_batch_gets_through():
    now = [0.0]
    rates = Rates(lambda: now[0])
    rates.take(1, 60, 100)  # larger than the limit, when nothing came before
    with pytest.raises(Refused) as raised:
        rates.take(1, 60, 1)
    assert (raised.value.status, raised.value.retry_after) == (429, 41)
    rates.take(2, 60, 1)  # another source has its own
    rates.take(1, 0, 1)  # no limit
    now[0] = 41.0
    rates.take(1, 60, 1)
    with pytest.raises(Refused):
        rates.take(1, 60, 1)
    now[0] = 1000.0
    rates.take(1, 60, 60)
    with pytest.raises(Refused):
        rates.take(1, 60, 1)


def test_a_referer_that_is_no_address_says_nothing():
    assert caller(sec_fetch_mode="no-cors", referer="https://shop.example/a").origin == "https://shop.example"
    assert caller(sec_fetch_mode="no-cors", referer="http://[").origin == ""


def country(given: Rules, by: Caller, **properties: Any) -> Any:
    (left,) = kept(given, record(**properties), by=by)
    return left.properties.get("$geoip_country_code")


@pytest.mark.parametrize("policy", ["drop", "truncate", "keep"])
def test_the_country_is_kept_whatever_becomes_of_the_address(policy: str) -> None:
    given = rules(ip_policy=policy)
    assert country(given, caller("8.8.8.8")) == "US"
    assert country(given, caller("2400:3200::1")) == "CN"
    assert country(given, caller("::ffff:114.114.114.114")) == "CN"
    assert country(given, caller("8.8.8.8"), __ip="114.114.114.114") == "CN", "whom a server tells of"
    (left,) = kept(rules(), record(), by=caller("8.8.8.8"))
    assert left.properties == {"$geoip_country_code": "US"}, "nothing else of the address"


@pytest.mark.parametrize("ip", ["", "10.0.0.1", "127.0.0.1", "::1", "203.0.113.7", "not an address"])
def test_an_address_of_nowhere_has_no_country(ip: str) -> None:
    assert country(rules(), caller(ip)) is None


def test_an_event_s_own_word_counts_only_where_the_source_says_so() -> None:
    said = {"__geoip_country_code": "de"}
    assert country(rules(), caller("8.8.8.8"), **said) == "US"
    assert country(rules(), caller(""), **said) is None
    assert country(rules(country_from="told"), caller("8.8.8.8"), **said) == "DE"
    assert country(rules(country_from="told"), caller("8.8.8.8"), __geoip_country_code=7) == "US"
    assert country(rules(country_from="none"), caller("8.8.8.8"), **said) is None


def test_a_server_s_own_address_says_nothing_of_its_users() -> None:
    given = rules(platform="server")
    assert country(given, caller("8.8.8.8")) is None
    assert country(given, caller("8.8.8.8"), __ip="114.114.114.114") == "CN"


def test_a_proxy_s_header_counts_only_where_the_server_is_told_of_it() -> None:
    headers = {"user-agent": CHROME, "cf-ipcountry": "SG"}
    assert country(rules(), Caller.of(headers, "8.8.8.8")) == "US"
    assert country(rules(), Caller.of(headers, "8.8.8.8", "cf-ipcountry")) == "SG"
    assert country(rules(), Caller.of(headers | {"cf-ipcountry": "T1"}, "8.8.8.8", "cf-ipcountry")) == "US"
    assert country(rules(), Caller.of(headers, "", "cf-ipcountry"), __ip="114.114.114.114") == "CN"


@pytest.mark.parametrize("lists", [{"deny_properties": ["$geoip_*"]}, {"allow_properties": ["plan"]}])
def test_lists_of_properties_leave_the_country_out(lists: dict[str, Any]) -> None:
    assert country(rules(**lists), caller("8.8.8.8")) is None
