"""The web overview through its pages: figures, boxes, filters, files, who is there now, and who may look."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import timedelta

import pytest

from tongpin.kernel import clock
from tongpin.modules.analytics.actions.source import create_source
from tongpin.modules.analytics.insights.statement import NONE
from tongpin.modules.analytics.models import EventName
from tongpin.modules.analytics.tests.events import START, arrive, event
from tongpin.modules.analytics.web_overview import BOXES

pytestmark = pytest.mark.django_db

PAGE = "/w/acme/data/web/"
NOW = PAGE + "now/"
DATES = {"from": "2026-03-01", "to": "2026-03-02"}
PART = {"headers": {"HX-Request": "true"}}
HOUR, DAY = 3600, 86_400


def view(who, path, seconds, host="www.acme.example", **more):
    return event(who, "$pageview", seconds, properties={"$pathname": path, "$host": host, **more})


@pytest.fixture
def seen(people):
    """The catalogue knows that page views come in."""
    EventName.objects.create(
        workspace=people.workspace, name="$pageview", first_seen_at=START, last_seen_at=START
    )


@pytest.fixture
def world(people, store, seen):
    """Ann comes by search to / and /buy and pays; Bo by a link to /buy; Cy to /, and by a campaign the day after; Di
    does something without any page. The day before Ann was there already."""
    baidu = {"$referring_domain": "www.baidu.com", "$browser_language": "zh-CN", "$geoip_country_code": "CN"}
    link = {"$referring_domain": "blog.example", "$browser_language": "en", "$geoip_country_code": "TW"}
    arrive(
        people.workspace,
        view("ann", "/", -DAY),
        view("ann", "/", 0, **baidu), view("ann", "/buy", 60, **{"$referring_domain": "www.acme.example"}),
        event("ann", "paid", 90),
        view("bo", "/buy", 0, **link),
        view("cy", "/", 0, "help.acme.example"),
        view("cy", "/", DAY, "help.acme.example", utm_source="weixin", utm_medium="social", utm_campaign="spring"),
        event("di", "clicked", 0),
    )  # fmt: skip
    return people


def text(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def figures(answer):
    """Name to figure, as the head of the page has them."""
    found = re.findall(
        r'<li><span class="small muted">([^<]+)</span><(?:a|span) class="insight-total"[^>]*>([^<]+)<',
        text(answer),
    )
    return dict(found)


def box(client, key, **fields):
    """The rows of a box: label, visitors and the figure beside them."""
    answer = text(client.get(PAGE + key + "/", {**DATES, **fields}, **PART))
    found = re.findall(
        r'class="web-name"[^>]*>([^<]*)<.*?class="link"[^>]*>([^<]*)<.*?<td class="num nowrap">([^<]*)</td></tr>',
        answer, re.S,
    )  # fmt: skip
    return [(html.unescape(label), people, beside) for label, people, beside in found]


def links(answer, css):
    return [html.unescape(each) for each in re.findall(rf'class="{css}" href="([^"]+)"', text(answer))]


def test_the_head_counts_visits_with_a_page_and_compares_with_the_days_before(world, client_of):
    answer = client_of("member").get(PAGE, DATES)
    found = figures(answer)
    assert (found["Visitors"], found["Visits"], found["Page views"]) == ("3", "4", "5"), "Di saw no page"
    assert found["Bounce rate"] == "75%"
    assert "+200.0%" in text(answer), "three visitors instead of one"
    assert "+200.0%" not in text(client_of("member").get(PAGE, DATES | {"compare": "0"}))
    assert "/w/acme/data/web/" in text(client_of("member").get("/w/acme/data/")), "a tab leads here"


@pytest.mark.parametrize(
    ("key", "tab", "rows"),
    [
        ("pages", "page", [("/", "2", "3"), ("/buy", "2", "2")]),
        ("pages", "entry", [("/", "2", "66.7%"), ("/buy", "1", "100%")]),
        ("pages", "exit", [("/", "1", "2"), ("/buy", "2", "2")]),
        ("sources", "channel",
         [("Direct", "1", "1"), ("Organic search", "1", "1"), ("Other sites", "1", "1"), ("Social media", "1", "1")]),
        ("sources", "referrer", [("(not set)", "1", "2"), ("baidu.com", "1", "1"), ("blog.example", "1", "1")]),
        ("campaigns", "utm_campaign", [("(not set)", "3", "3"), ("spring", "1", "1")]),
        ("places", "country", [("(not set)", "1", "2"), ("China", "1", "1"), ("Taiwan", "1", "1")]),
        ("places", "language", [("(not set)", "1", "2"), ("English", "1", "1"), ("Chinese (China)", "1", "1")]),
        ("events", "event", [("Page view", "3", "5"), ("paid", "1", "1")]),
    ],
)  # fmt: skip
def test_a_box_has_a_row_for_each_value(world, client_of, key, tab, rows):
    assert sorted(box(client_of("member"), key, tab=tab)) == sorted(rows)


def test_countries_and_channels_have_chinese_names(world, people, client_of):
    people.member.user.language = "zh-hans"
    people.member.user.save()
    client = client_of("member")
    assert "中文（中国）" in {row[0] for row in box(client, "places", tab="language")}
    assert {"中国", "中国台湾"} <= {row[0] for row in box(client, "places", tab="country")}
    assert "自然搜索" in {row[0] for row in box(client, "sources", tab="channel")}


def test_a_row_filters_the_whole_page_and_a_chip_takes_it_back(world, client_of):
    client = client_of("member")
    rows = links(client.get(PAGE + "pages/", DATES, **PART), "web-name")
    [buy] = [url for url in rows if "%2Fbuy" in url]
    narrowed = client.get(buy)
    assert (figures(narrowed)["Visitors"], figures(narrowed)["Page views"]) == ("2", "3")
    assert "Pages: /buy" in text(narrowed)
    assert box(client, "pages", tab="entry", page="/buy") == [("/", "1", "0%"), ("/buy", "1", "100%")]
    [away] = re.findall(r'filter-chip" aria-current="true" href="([^"]+)"', text(narrowed))
    assert figures(client.get(html.unescape(away)))["Visitors"] == "3"
    assert figures(client.get(PAGE, DATES | {"referrer": NONE}))["Visits"] == "2"
    both = client.get(PAGE, DATES | {"page": "/buy", "channel": "Organic Search"})
    assert figures(both)["Visitors"] == "1"
    assert "Clear all" in text(both)


def test_a_host_narrows_the_events_themselves(world, client_of):
    client = client_of("member")
    assert re.findall(r'<option value="([^"]+acme.example)"', text(client.get(PAGE, DATES))) == [
        "www.acme.example", "help.acme.example",
    ]  # fmt: skip
    assert figures(client.get(PAGE, DATES | {"host": "help.acme.example"}))["Visits"] == "2"


def test_every_number_opens_who_is_behind_it(world, client_of):
    client = client_of("member")
    for answer, wanted in (
        (client.get(PAGE, DATES), {"ann", "bo", "cy"}),
        (client.get(PAGE + "places/", DATES, **PART), {"bo"}),
    ):
        opened = [
            set(
                re.findall(r'row-title truncate" href="[^"]*">([^<]*)<', text(client.get(html.unescape(url))))
            )
            for url in re.findall(r'href="(/w/acme/data/people/[^"]+)"', text(answer))
        ]
        assert opened
        assert all(opened), "no number without anybody"
        assert wanted in opened


def test_a_box_opened_as_an_insight_is_what_was_shown(world, client_of):
    client = client_of("member")
    answer = text(client.get(PAGE + "pages/", DATES | {"tab": "entry", "channel": "Organic Search"}, **PART))
    [url] = re.findall(r'href="(/w/acme/data/new/sessions/[^"]+)"', answer)
    opened = text(client.get(html.unescape(url)))
    assert 'name="visit.0.property" value="$event_name"' in opened, "the form has every condition"
    assert 'name="visit.1.property" value="$channel_type"' in opened
    assert '<option value="entry" selected>' in opened
    assert re.search(r'<th scope="row">/</th><td class="num nowrap"><a class="link"[^>]*>1</a>', opened)


def test_every_box_has_a_file(world, client_of):
    client = client_of("member")
    for key in BOXES:
        answer = client.get(PAGE + key + "/", DATES | {"format": "csv"})
        assert answer["Content-Type"].startswith("text/csv")
        lines = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
        assert lines[0][1:3] == ["Visitors", "Visits"]
    answer = client.get(PAGE + "pages/", DATES | {"tab": "page", "format": "csv"})
    lines = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert ["/", "2", "3", "3", "3"] in [line[:5] for line in lines]


def test_right_now_is_who_was_there_in_the_last_minutes(people, store, seen, client_of):
    begun = (clock.now() - START) / timedelta(seconds=1)
    arrive(
        people.workspace,
        view("ann", "/a", begun - 60), view("ann", "/b", begun - 30), view("bo", "/b", begun - 20),
        view("cy", "/c", begun - 20 * 60), view("di", "/d", begun - 2 * HOUR),
    )  # fmt: skip
    answer = client_of("member").get(NOW, **PART)
    assert figures(answer) == {"Users in the last 5 minutes": "2", "Users in the last 30 minutes": "3"}
    assert "4 page views in the last 30 minutes" in text(answer)
    assert re.findall(r'title="(/.)">.*?class="num">(\d+)<', text(answer)) == [("/b", "2")]
    assert 'hx-trigger="every 15s"' in text(answer)
    assert "hx-trigger" not in text(client_of("member").get(NOW)).split('id="web-now"')[1].split(">")[0]


def test_without_any_page_view_the_page_says_how_to_begin(people, store, actor_of, client_of):
    client = client_of("member")
    assert "Connect a website" in text(client.get(PAGE))
    source = create_source.run(actor_of("owner"), {"name": "Shop", "platform": "web"}).value
    told = html.unescape(text(client.get(PAGE)))
    assert f'/t.js" data-key="{source.keys.get().value}"' in told


@pytest.mark.parametrize(
    "fields",
    [
        {"from": "sometime"}, {"from": "2026-03-02", "to": "2026-03-01"}, {"from": "-9999y"}, {"to": "2026-13-01"},
        {"page": "x" * 9_000}, {"page": "\0"}, {"source": "'; DROP TABLE events; --"}, {"tab": "no-such"},
        {"from": "0001-01-01"}, {"channel": "<script>alert(1)</script>"},
    ],
)  # fmt: skip
def test_whatever_an_address_says_is_answered(world, client_of, fields):
    client = client_of("member")
    for place in (PAGE, PAGE + "pages/", NOW):
        told = text(client.get(place, fields))
        assert "<script>alert(1)" not in told


def test_a_store_that_is_away_is_said_in_every_part(people, store, seen, client_of):
    store.stop()
    try:
        client = client_of("member")
        for place in (PAGE, PAGE + "pages/", NOW):
            assert "does not answer" in text(client.get(place))
    finally:
        store.start()


@pytest.mark.parametrize(
    ("who", "status"), [("owner", 200), ("member", 200), ("guest", 403), ("stranger", 404)]
)
def test_who_may_look(world, client_of, who, status):
    for place in (PAGE, PAGE + "pages/", PAGE + "pages/?format=csv", NOW):
        assert client_of(who).get(place).status_code == status
    assert client_of("owner").get(PAGE + "no-such-box/").status_code == 404


PAGE_QUERIES, PART_QUERIES = 16, 4


def test_the_page_costs_the_same_however_many_sources(world, actor_of, client_of, django_assert_num_queries):
    client = client_of("member")
    for number in range(3):
        create_source.run(actor_of("owner"), {"name": f"Site {number}", "platform": "web"})
        if number == 1:
            continue
        client.get(PAGE, DATES)
        with django_assert_num_queries(PAGE_QUERIES):
            client.get(PAGE, DATES)
    with django_assert_num_queries(PART_QUERIES):
        client.get(PAGE + "pages/", DATES, **PART)
