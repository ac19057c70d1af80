"""The five stories that lie in a shop's click stream (``../shared/data/events/retentioneering-ecom-README.txt``), read
from what the pages answer; ``docs/guides/stories.md`` walks the same way. Only directions and days are given here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest

from tests.realdata.test_event_files import DATA, bring, running, source, store
from tongpin.modules.analytics import insight_form

__all__ = ["bring", "running", "source", "store"]

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no real data in {DATA}"),
]
VIRAL = {"from": "2024-02-29", "to": "2024-03-03"}
BUG = {"from": "2024-04-09", "to": "2024-05-09"}
GATEWAY = {"from": "2024-05-19", "to": "2024-06-07"}
WHOLE = {"from": "2024-01-01", "to": "2024-06-30"}
HOUR = 3_600

Ask = Callable[..., list[dict[str, str]]]


@pytest.fixture
def ask(bring, people, client_of) -> Ask:
    """``ask(kind, **question)``: the lines of the file that the page of the question gives."""
    assert bring("retentioneering-ecom.csv.gz").refused == 0

    def run(kind: str, **question: Any) -> list[dict[str, str]]:
        address = insight_form.address(question)
        page = client_of("member").get(f"/w/{people.workspace.slug}/data/new/{kind}/?{address}&format=csv")
        assert page["Content-Type"].startswith("text/csv")
        return list(csv.DictReader(io.StringIO(page.getvalue().decode("utf-8-sig"))))

    return run


def funnel(ask: Ask, *steps: str, **more: Any) -> dict[str, list[float]]:
    """For each group of a funnel what share of those at the first step got to each step; everybody is "All"."""
    lines = ask("funnel", steps=[[{"event": step}] for step in steps], window_seconds=HOUR, **more)
    shares: dict[str, list[float]] = {}
    for line in lines:
        shares.setdefault(line["Group"], []).append(float(line["Of the first step"] or 0))
    return shares


def by_time(ask: Ask, formula: str, *events: str, **more: Any) -> dict[str, dict[str, float]]:
    """A formula of how often events happened: for each bucket its value, by group ("" without groups)."""
    series = [{"event": event, "math": "total"} for event in events]
    lines = ask("trends", series=series, formula=formula, **more)
    grouped = "breakdown" in more
    return {
        line["Time"]: {
            name if grouped else "": float(value or 0)
            for name, value in line.items()
            if name not in ("Time", "Markers")
        }
        for line in lines
    }


def test_readers_of_a_viral_article_look_around_and_do_not_buy(ask: Ask) -> None:
    before, after = {"from": "2024-02-01", "to": "2024-02-28"}, {"from": "2024-03-04", "to": "2024-03-31"}
    shares = [funnel(ask, "product_view", "add_to_cart", **span)["All"][1] for span in (VIRAL, before, after)]
    assert shares[0] < 0.8 * min(shares[1:])
    # Error pages and calls for help for each product looked at.
    lost = by_time(
        ask, "(A + B) / C", "error_page", "support_chat", "product_view",
        interval="week", **{"from": "2024-02-05", "to": "2024-03-31"},
    )  # fmt: skip
    assert max(lost, key=lambda week: lost[week][""]) == "2024-02-26"
    # The description speaks of more visitors, too; the file holds none.
    visits = by_time(ask, "A", "home", interval="week", **{"from": "2024-02-05", "to": "2024-03-31"})
    assert visits["2024-02-26"][""] < max(each[""] for each in visits.values())


def test_a_bug_leads_phones_from_shipping_back_to_the_cart(ask: Ask) -> None:
    steps, by = ("shipping_details", "payment_details"), {"breakdown": {"property": "platform"}}
    before = funnel(ask, *steps, **{"from": "2024-03-09", "to": "2024-04-08"}, **by)
    during = funnel(ask, *steps, **BUG, **by)
    after = funnel(ask, *steps, **{"from": "2024-05-11", "to": "2024-06-29"}, **by)
    assert during["mobile"][1] < 0.7 * min(before["mobile"][1], after["mobile"][1])
    assert during["desktop"][1] > 0.9 * before["desktop"][1], "nothing happened on a desk"

    def ways(span: dict[str, str], platform: str) -> dict[str, int]:
        """What follows right after the marker of the bug on a platform, in how many visits."""
        where = {"match": "all", "of": [{"property": "platform", "op": "is", "value": platform}]}
        legs = ask("paths", start="checkout_bug", max_steps=3, where=where, **span)
        return {leg["To"]: int(leg["Visits"]) for leg in legs if leg["Step"] == "1"}

    loop = ways(BUG, "mobile")
    back = sum(count for name, count in loop.items() if name in ("add_to_cart", "cart", "shipping_details"))
    assert back > 0.5 * sum(loop.values())
    assert ways(BUG, "desktop") == {}
    assert ways({"from": "2024-01-01", "to": "2024-04-08"}, "mobile") == {}


def test_a_payment_incident_stops_buying_and_fills_the_support_chat(ask: Ask) -> None:
    before, after = {"from": "2024-04-29", "to": "2024-05-18"}, {"from": "2024-06-08", "to": "2024-06-27"}
    shares = [
        funnel(ask, "payment_details", "purchase", **span)["All"][1] for span in (GATEWAY, before, after)
    ]
    assert shares[0] < 0.6 * min(shares[1:])
    weeks = {"interval": "week", "from": "2024-04-15", "to": "2024-06-23"}
    bought = by_time(ask, "A / B", "purchase", "payment_details", **weeks)
    chats = by_time(ask, "A", "support_chat", **weeks)
    worst = {"2024-05-20", "2024-05-27"}  # the weeks that lie in it whole
    assert set(sorted(bought, key=lambda week: bought[week][""])[:2]) == worst
    assert set(sorted(chats, key=lambda week: chats[week][""])[-2:]) == worst
    assert min(chats[week][""] for week in worst) > 3 * chats["2024-05-06"][""]


def test_the_newer_somebody_is_the_less_is_bought(ask: Ask) -> None:
    shares = funnel(
        ask, "product_view", "add_to_cart", "purchase", breakdown={"property": "user_lifecycle"}, **WHOLE
    )
    for step in (1, 2):
        assert shares["new"][step] < shares["returning"][step] < shares["loyal"][step]
    assert shares["loyal"][2] > 1.5 * shares["new"][2]


def test_who_came_in_january_goes_more_directly_than_who_came_in_april(ask: Ask) -> None:
    cohorts = {
        "breakdown": {"property": "user_cohort"},
        "interval": "month",
        "from": "2024-05-01",
        "to": "2024-06-30",
    }
    detours = by_time(ask, "A / B", "catalog", "add_to_cart", **cohorts)
    bought = by_time(ask, "A / B", "purchase", "product_view", **cohorts)
    assert set(detours) == {"2024-05-01", "2024-06-01"}
    for month in detours:
        assert set(detours[month]) == {"2024-01", "2024-02", "2024-03", "2024-04"}
        assert detours[month]["2024-01"] < 0.7 * detours[month]["2024-04"]
        assert bought[month]["2024-01"] > 1.5 * bought[month]["2024-04"]
