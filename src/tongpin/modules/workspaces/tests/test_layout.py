"""What people read on the pages of this module: words where programs have codes."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.utils import translation

from tongpin.kernel import authz, clock
from tongpin.modules.workspaces import zones

pytestmark = pytest.mark.django_db


def test_the_feed_comes_first_and_codes_only_in_its_details(people, client_of):
    client = client_of("owner")
    client.post("/w/acme/tokens/", {"name": "CI", "scopes": ["goals:read"], "days": "30"})
    html = client.get("/w/acme/activity/").content.decode()
    shown = re.sub(r"<details.*?</details>", "", html, flags=re.DOTALL)
    assert "workspaces.token.create" in html
    assert "workspaces.token.create" not in shown
    assert html.count("<summary>Details</summary>") == shown.count("<time")
    assert "activity-chart" not in html or html.index('id="lines"') < html.index("activity-chart")


def test_a_scope_is_chosen_and_shown_by_its_words(people, client_of):
    client = client_of("owner")
    html = client.get("/w/acme/tokens/").content.decode()
    assert "Read look backs<small><code>goals:read</code></small>" in html
    made = client.post(
        "/w/acme/tokens/", {"name": "CI", "scopes": ["goals:read"], "days": "30"}
    ).content.decode()
    assert re.search(r"…</code> · Read look backs</span>", made)
    for module in ("goals", "notifications", "workspaces"):
        assert authz.scope_words(f"{module}:read") != f"{module}:read"
    assert authz.scope_words("other:read") == "other:read"


@pytest.mark.parametrize(
    ("zone", "en", "zh"),
    [
        ("Asia/Shanghai", "Shanghai (UTC+8)", "上海 Shanghai (UTC+8)"),
        ("America/New_York", "New York (UTC−5)", "纽约 New York (UTC−5)"),
        ("Asia/Kathmandu", "Kathmandu (UTC+5:45)", "Kathmandu (UTC+5:45)"),
    ],
)
def test_a_time_zone_is_named_by_its_city(monkeypatch, zone, en, zh):
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 26, tzinfo=UTC))
    for language, label in (("en", en), ("zh-hans", zh)):
        with translation.override(language):
            assert zones.zone_label(zone) == label
            assert (zone, label) in [row for _group, rows in zones.zone_choices() for row in rows]


@pytest.mark.parametrize(("transport", "says"), [("", "0 printed to the log"), ("smtp", "0 sent")])
def test_mail_that_only_reaches_the_log_is_not_called_sent(people, client_of, settings, transport, says):
    settings.MAIL_TRANSPORT = transport
    people.owner.user.owns_server = True
    people.owner.user.save(update_fields=["owns_server"])
    assert says in client_of("owner").get("/system/").content.decode()
