"""Answers as pages and files show them: the figures of a few events that can be counted by hand."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils.translation import override

from tongpin.kernel import clock
from tongpin.modules.analytics.enums import InsightKind
from tongpin.modules.analytics.insights import running
from tongpin.modules.analytics.insights.statement import NONE
from tongpin.modules.analytics.shown import SHOWN
from tongpin.modules.analytics.shown.words import bucket, duration, number, percent
from tongpin.modules.analytics.tests.events import arrive, at, event
from tongpin.modules.analytics.wire.record import ProfileChange

pytestmark = pytest.mark.django_db

RANGE = {"from": "2026-03-01", "to": "2026-03-02"}
FUNNEL = RANGE | {
    "steps.0.0.event": "search", "steps.1.0.event": "cart", "steps.2.0.event": "paid",
}  # fmt: skip


@pytest.fixture
def world(people, store):
    """Of four who search, three fill a cart and one pays."""
    arrive(
        people.workspace,
        event("ann", "search", 0), event("ann", "cart", 90), event("ann", "paid", 1_290),
        event("bo", "search", 0), event("bo", "cart", 30),
        event("cy", "search", 0), event("cy", "cart", 60),
        event("di", "search", 0),
        event("eve", "<b>odd</b>", 0),
    )  # fmt: skip
    return people


@pytest.fixture
def page(people, client_of):
    def of(kind, fields):
        response = client_of("member").get(f"/w/{people.workspace.slug}/data/new/{kind}/", fields)
        assert response.status_code == 200
        return response.content.decode()

    return of


@pytest.fixture
def file(people, client_of):
    def of(kind, fields):
        response = client_of("member").get(
            f"/w/{people.workspace.slug}/data/new/{kind}/", {**fields, "format": "csv"}
        )
        assert response["Content-Type"].startswith("text/csv")
        content = getattr(response, "streaming_content", None)
        raw = b"".join(content) if content is not None else response.content
        return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))

    return of


def answer(page):
    """The words of the answer, without its marks."""
    part = re.search(r'insight-answer.*?>(.*?)<div class="card-foot', page, re.S)[1]
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<script.*?</script>|<[^>]+>", " ", part, flags=re.S)))


def points(page):
    """The point that each link of the answer opens, and its words."""
    found = {}
    for href, words in re.findall(r'<a [^>]*href="([^"]*point=[^"]*)"[^>]*>([^<]*)<', page):
        point = parse_qs(urlsplit(html.unescape(href)).query)["point"][0]
        found[json.dumps(json.loads(point), sort_keys=True)] = (html.unescape(href), words)
    return found


def opened(client, href):
    return set(re.findall(r'row-title truncate" href="[^"]*">([^<]*)<', client.get(href).content.decode()))


def test_only_kinds_that_are_answered_and_shown_are_offered(page, world, client_of):
    offered = {kind for kind in InsightKind if kind.value in running.KINDS and kind.value in SHOWN}
    listed = client_of("member").get(f"/w/{world.workspace.slug}/data/").content.decode()
    for kind in InsightKind:
        url = f"/w/{world.workspace.slug}/data/new/{kind.value}/"
        assert (url in listed) == (kind in offered)
        assert client_of("member").get(url).status_code == (200 if kind in offered else 404)


def test_a_funnel_shows_who_got_how_far(world, page):
    words = answer(page("funnel", FUNNEL))
    for said in ("4 100%", "3 75%", "1 25%", "75% of the step before", "33.3% of the step before"):
        assert said in words
    assert "1 lost (25%)" in words
    assert "2 lost (66.7%)" in words
    assert "21 min 30 s" in words, "from the first search to the payment: 1290 s"


def test_each_figure_of_a_funnel_opens_who_is_behind_it(world, page, client_of):
    found = points(page("funnel", FUNNEL))
    client = client_of("member")
    for point, who in [
        ({"step": 1, "converted": True}, {"ann", "bo", "cy", "di"}),
        ({"step": 2, "converted": True}, {"ann", "bo", "cy"}),
        ({"step": 2, "converted": False}, {"di"}),
        ({"step": 3, "converted": False}, {"bo", "cy"}),
        ({"step": 3, "took": [600, 1800]}, {"ann"}),
    ]:
        href, words = found[json.dumps(point, sort_keys=True)]
        assert opened(client, href) == who
        assert words.startswith(str(len(who)))


def test_what_was_before_opens_those_of_then(world, page, client_of):
    fields = FUNNEL | {"from": "2026-03-03", "to": "2026-03-04", "compare": "true"}
    found = points(page("funnel", fields | {"from": "2026-03-01", "to": "2026-03-02"}))
    assert not [point for point in found if "previous" in point], "nobody was there before"
    arrive(world.workspace, event("flo", "search", 2 * 86_400))
    href, words = points(page("funnel", fields))[json.dumps({"previous": True, "step": 2})]
    assert (words, opened(client_of("member"), href)) == ("before: 3 (75%)", {"ann", "bo", "cy"})


def test_a_funnel_by_groups_and_over_time(page, world):
    arrive(world.workspace, event("fay", "search", 86_400, person=ProfileChange(set={"city": "上海"})))
    by_city = {"breakdown.property": "city", "breakdown.on": "person"}
    told = page("funnel", FUNNEL | by_city | {"over_time": "day", "compare": "true"})
    assert "上海 1" in answer(told)
    assert "(not set) 4" in answer(told)
    assert {"step": 1, "converted": True, "label": "上海"} in map(json.loads, points(told))
    assert {"step": 3, "converted": True, "bucket": "2026-03-01"} in map(json.loads, points(told))
    assert "before: 0 (–)" in answer(told)


def test_the_file_of_a_funnel_holds_its_exact_figures(world, file):
    lines = file("funnel", FUNNEL | {"over_time": "day"})
    assert [line[1:6] for line in lines[1:4]] == [
        ["1", "search", "4", "1", ""],
        ["2", "cart", "3", "0.75", "0.75"],
        ["3", "paid", "1", "0.25", repr(1 / 3)],
    ]
    assert lines[2][6:] == ["60", "60", ""]
    assert ["2026-03-01", "2", "cart", "3", "0.75", "0.75", "", "", ""] in lines
    assert ["2026-03-02", "2", "cart", "0", "", "", "", "", ""] in lines


def test_paths_show_what_comes_after_what(world, page, client_of):
    told = page("paths", RANGE)
    words = answer(told)
    for said in ("Visits 5", "search 4 80%", "cart 75%", "ended here 25%", "<b>odd</b> 1 20%"):
        assert said in words
    found = points(told)
    client = client_of("member")
    leg = {"step": 1, "source": "search", "target": "cart"}
    assert opened(client, found[json.dumps(leg, sort_keys=True)][0]) == {"ann", "bo", "cy"}
    end = {"step": 2, "source": "cart", "ended": True}
    assert opened(client, found[json.dumps(end, sort_keys=True)][0]) == {"bo", "cy"}


def test_the_file_of_paths_holds_each_leg_and_each_end(world, file):
    lines = file("paths", RANGE)
    assert lines[1] == ["1", "search", "cart", "3"]
    assert ["2", "cart", "paid", "1"] in lines
    assert ["2", "cart", "(end of the visit)", "2"] in lines


def test_paths_to_an_end_are_counted_back_from_it(world, page):
    words = answer(page("paths", RANGE | {"end": "paid"}))
    assert "2 before the end search 1 100%" in words
    assert "The end paid 1 100%" in words
    assert "ended here" not in words


def test_where_the_question_cuts_a_way_nobody_is_said_to_have_ended(world, page, file):
    cut = RANGE | {"max_steps": "2"}
    words = answer(page("paths", cut))
    assert "search 4 80% cart 75% ended here 25%" in words
    assert words.count("ended here") == 4, "at search and at <b>odd</b>, not at cart; drawn and listed"
    assert not [line for line in file("paths", cut) if line[:2] == ["2", "cart"]]


@pytest.fixture
def days(people, store):
    """Ann comes on three days in a row, Bo on the first and the third, Cy on the second alone."""
    day = 86_400
    arrive(
        people.workspace,
        *(event("ann", "open", at * day) for at in (0, 1, 2)),
        *(event("bo", "open", at * day) for at in (0, 2)),
        event("cy", "open", day),
    )
    return people


DAYS = {"from": "2026-03-01", "to": "2026-03-03"}
RETENTION = DAYS | {"start.event": "open", "return.event": "open", "periods": "2"}


def test_retention_shows_shares_counts_and_the_mean_of_everybody(page, days, client_of):
    told = page("retention", RETENTION)
    words = answer(told)
    assert "Weighted mean 3 100% 33.3% 66.7%" in words
    assert "Mar 1, 2026 2 100% 2 50% 1 100% 2" in words
    assert "Mar 2, 2026 1 100% 1 0% 0 0% 0" in words
    found, client = points(told), client_of("member")
    for point, who in [
        ({"cohort": "2026-03-01"}, {"ann", "bo"}),
        ({"cohort": "2026-03-01", "period": 1}, {"ann"}),
        ({"cohort": "2026-03-01", "period": 2}, {"ann", "bo"}),
        ({"cohort": "2026-03-02", "period": 0}, {"cy"}),
        ({}, {"ann", "bo", "cy"}),
        ({"period": 1}, {"ann"}),
    ]:
        assert opened(client, found[json.dumps(point, sort_keys=True)][0]) == who


def test_a_period_that_is_not_over_is_marked_and_one_that_has_not_begun_is_empty(
    page, days, file, monkeypatch
):
    monkeypatch.setattr(clock, "now", lambda: at(1.25 * 86_400))
    words = answer(page("retention", RETENTION | {"to": "2026-03-02"}))
    assert "Mar 1, 2026 2 100% 2 50% * not over yet 1 Mar 2, 2026 1 100% * not over yet 1 Share" in words
    lines = file("retention", RETENTION | {"to": "2026-03-02"})
    assert ["2026-03-01", "2", "Day 1", "1", "0.5", "no"] in lines
    assert not [line for line in lines if line[0] == "2026-03-02" and line[2] != "Day 0"]


def test_the_file_of_retention_holds_each_cell_and_the_mean(file, days):
    lines = file("retention", RETENTION)
    assert lines[1:4] == [
        ["2026-03-01", "2", "Day 0", "2", "1", "yes"],
        ["2026-03-01", "2", "Day 1", "1", "0.5", "yes"],
        ["2026-03-01", "2", "Day 2", "2", "1", "yes"],
    ]
    assert lines[-2] == ["Weighted mean", "", "Day 1", "", repr(1 / 3), ""]


def test_lifecycle_counts_those_who_left_downwards_and_opens_them(page, days, file, client_of):
    fields = DAYS | {"event": "open"}
    told = page("lifecycle", fields)
    drawn = json.loads(re.search(r'<script type="application/json">(\{"kind".*?)</script>', told)[1])
    assert [series["values"] for series in drawn["series"]] == [
        [2, 1, 0], [0, 1, 1], [0, 0, 1], [0, -1, -1],
    ]  # fmt: skip
    point = {"bucket": "2026-03-03", "state": "dormant"}
    href, words = points(told)[json.dumps(point, sort_keys=True)]
    assert (words, opened(client_of("member"), href)) == ("1", {"cy"})
    assert [line[:-1] for line in file("lifecycle", fields)[1:]] == [  # the last one names markers
        ["2026-03-01", "2", "0", "0", "0"], ["2026-03-02", "1", "1", "0", "1"], ["2026-03-03", "0", "1", "1", "1"],
    ]  # fmt: skip


def test_stickiness_says_on_how_many_days_people_are_active(page, days, file, client_of):
    fields = DAYS | {"event": "open"}
    told = page("stickiness", fields)
    words = answer(told)
    assert "users 3" in words
    assert "Active days on average 2" in words
    href, said = points(told)["{}"]
    assert (said, opened(client_of("member"), href)) == ("3", {"ann", "bo", "cy"})
    href, said = points(told)[json.dumps({"periods": 2})]
    assert (said, opened(client_of("member"), href)) == ("1 (33.3%)", {"bo"})
    assert file("stickiness", fields)[1:] == [[str(n), "1", repr(1 / 3)] for n in (1, 2, 3)]


@pytest.fixture
def visits(people, store):
    """Ann comes by wechat, the next day by baidu, and pays then; Bo looks at one page and is gone; Cy pays at once."""
    day = 86_400
    arrive(
        people.workspace,
        event("ann", "$pageview", 0, properties={"utm_source": "wechat"}), event("ann", "$pageview", 60),
        event("ann", "$pageview", day, properties={"utm_source": "baidu"}), event("ann", "paid", day + 30),
        event("bo", "$pageview", 0),
        event("cy", "paid", 0),
    )  # fmt: skip
    return people


def test_sessions_show_how_many_how_long_and_how_engaged(page, visits, file, client_of):
    told = page("sessions", RANGE | {"breakdown.property": "utm_source"})
    words = answer(told)
    # Of four visits Ann's two are long enough; a minute and half a minute of four are 22.5 seconds.
    for said in ("Visitors 3", "Visits 4", "Page views 4", "Views per visit 1", "Engaged visits 50%", "Bounce rate 50%",
                 "Average duration 22.5 s", "(not set) 2 2 0.5 0% 100% 0 s", "wechat 1 1 2 100% 0% 1 min"):  # fmt: skip
        assert said in words
    found, client = points(told), client_of("member")
    assert opened(client, found[json.dumps({"bucket": "2026-03-02"})][0]) == {"ann"}
    assert opened(client, found[json.dumps({"label": NONE})][0]) == {"bo", "cy"}
    lines = [line[:-1] for line in file("sessions", RANGE)]  # the last one names markers
    assert lines[1:] == [
        ["All", "3", "4", "1", "2", "0.5", "0.25", "22.5", "15", "4", "6"],
        ["2026-03-01", "3", "3", "1", "1", repr(1 - 1 / 3), repr(1 / 3), "20", "0", "3", "4"],
        ["2026-03-02", "1", "1", "1", "1", "0", "0", "30", "30", "1", "2"],
    ]


def test_attribution_shows_what_each_model_owes_to_each_source(page, visits, file, client_of):
    fields = RANGE | {"conversion.event": "paid"}
    told = page("attribution", fields)
    words = answer(told)
    assert "Conversions 2" in words
    assert "(direct) 1 50% 1 50% 1 50% 1 50%" in words
    assert "wechat 1 50% 0 0% 0.5 25% 0.5 25%" in words
    assert "baidu 0 0% 1 50% 0.5 25% 0.5 25%" in words
    found, client = points(told), client_of("member")
    for source, who in (("(direct)", {"cy"}), ("baidu", {"ann"})):
        point = json.dumps({"model": "last", "source": source}, sort_keys=True)
        assert opened(client, found[point][0]) == who
    lines = file("attribution", fields)
    assert ["First touch", "wechat", "1", ""] in lines
    assert ["Linear", "baidu", "0.5", ""] in lines
    assert ["Last touch", "(direct)", "1", ""] in lines


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("trends", {"series.0.event": "nobody did this", "series.0.math": "total"}),
        ("funnel", {"steps.0.0.event": "nobody did this"}),
        ("paths", {"start": "nobody did this"}),
        ("retention", {"start.event": "nobody did this", "return.event": "nobody did this"}),
        ("lifecycle", {"event": "nobody did this"}),
        ("sessions", {"where.match": "all", "where.of.0.property": "$os", "where.of.0.value": "nobody's"}),
        ("attribution", {"conversion.event": "nobody did this"}),
        ("stickiness", {"event": "nobody did this"}),
    ],
)
def test_an_answer_without_anything_in_it_says_so_and_what_to_try(world, page, kind, fields):
    told = page(kind, RANGE | fields)
    assert "Nothing like this happened" in told
    assert "from=-90d" in re.search(r'href="(\?[^"]*)"[^>]*>\s*Look at the last 90 days', told)[1]
    wide = page(kind, {"from": "2026-01-01", "to": "2026-05-01", **fields})
    assert "Nothing like this happened" in wide
    assert "Look at the last 90 days" not in wide


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, "–"), (0, "0 s"), (4.25, "4.2 s"), (59.6, "1 min"), (90, "1 min 30 s"), (3_600, "1 h"),
     (3_690, "1 h 1 min"), (86_400, "1 d"), (100_000, "1 d 3 h")],
)  # fmt: skip
def test_lengths_of_time_in_words(seconds, said):
    with override("en"):
        assert duration(seconds) == said


def test_shares_and_buckets_in_words():
    with override("en"):
        assert [percent(each) for each in (None, 0, 1, 1 / 3)] == ["–", "0%", "100%", "33.3%"]
        assert [number(each) for each in (None, 12345, 1234.567)] == ["–", "12,345", "1,234.57"]
        assert bucket("2026-03-01", "month") == "March 2026"
