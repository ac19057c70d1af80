"""Alerts through their pages: a preview, kept, changed, paused, muted, handed over, deleted, and by whom."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from html import unescape

import pytest

from tongpin.kernel import clock
from tongpin.kernel.errors import Denied
from tongpin.kernel.events.models import Event
from tongpin.modules.analytics.actions.alert import (
    create_alert,
    delete_alert,
    edit_alert,
    mute_alert,
    pause_alert,
    restore_alert,
    resume_alert,
)
from tongpin.modules.analytics.actions.alert_judging import judge_alert
from tongpin.modules.analytics.actions.insight import save_insight
from tongpin.modules.analytics.models import Alert
from tongpin.modules.analytics.tests.events import arrive, event
from tongpin.modules.workspaces.tests.denied import denied, unchanged

pytestmark = pytest.mark.django_db

LIST = "/w/acme/data/alerts/"
HTMX = {"headers": {"HX-Request": "true"}}
PAID = {"kind": "trends", "series": [{"event": "paid"}]}
FORM = {
    "name": "Sales", "series": "A", "rule": "above", "value": "5", "least_relative": "10", "least_absolute": "0",
}  # fmt: skip
#: The events of ``START`` are of 1 March 2026.
LATER = clock.now().replace(year=2026, month=3, day=20, hour=12)


@pytest.fixture
def insight(people, actor_of):
    return save_insight.run(actor_of("member"), {"name": "Paid", "question": PAID}).value


@pytest.fixture
def kept(people, actor_of, insight):
    """The member's alert."""
    data = {"insight": insight.public_id, "name": "Sales", "series": "A", "rule": "above", "value": 5}
    return create_alert.run(actor_of("member"), data).value


def new_of(insight, part=""):
    return f"/w/acme/data/insights/{insight.public_id}/alert/{part}"


def page_of(row, part=""):
    return f"{LIST}{row.public_id}/{part}"


def text(answer):
    return answer.content.decode()


def undo(client, answer):
    token = json.loads(answer.headers["HX-Trigger"])["toast"]["undo"]
    assert client.post("/undo/", {"token": token}).status_code == 204


def rows():
    """Every alert, and what was written of them."""
    told = Event.objects.filter(name__startswith="analytics.alert").count()
    return list(Alert._base_manager.order_by("pk").values()), told


def test_a_saved_insight_offers_it_and_the_preview_says_what_it_would_have_said(
    people, store, insight, client_of
):
    arrive(
        people.workspace,
        *(event(f"u{n}", "paid", n + day * 86_400) for day in (0, 1, 2, 9) for n in range(7)),
    )
    arrive(people.workspace, *(event("u", "paid", day * 86_400) for day in (3, 4, 5, 6, 7, 8, 10, 11)))
    client = client_of("member")
    with clock.frozen_at(LATER):
        assert new_of(insight) in text(client.get(f"/w/acme/data/insights/{insight.public_id}/"))
        answer = text(client.get(new_of(insight, "preview/"), FORM))
    assert "rung 2 times" in answer
    drawn = json.loads(
        unescape(re.search(r'<script type="application/json">(.*?)</script>', answer, re.S)[1])
    )
    assert [row["date"] for row in drawn["rows"] if row.get("out")] == [
        "2026-03-01", "2026-03-02", "2026-03-03", "2026-03-10",
    ]  # fmt: skip
    assert len(drawn["rows"]) == 180
    assert drawn["rows"][-1]["date"] == "2026-03-19", "the running day is left out"
    assert "7, above 5" in answer
    assert not Alert.objects.exists()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"value": ""}, "at which value"),
        ({"rule": "change", "value": "-1"}, "more than nothing"),
        ({"series": "Z"}, "valid choice"),
        ({"value": "many"}, "number"),
        ({"least_relative": "-1"}, "greater than"),
        ({"value": "nan"}, "number"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(people, store, insight, client_of, more, said):
    client = client_of("member")
    answer = client.post(new_of(insight), FORM | more, **HTMX)
    assert answer.status_code == 422
    assert said in text(answer)
    shown = client.get(new_of(insight, "preview/"), FORM | more)
    assert shown.status_code == 200
    assert said in text(shown)
    assert not Alert.objects.exists()


@pytest.mark.parametrize("kind", ["retention", "lifecycle", "stickiness", "paths"])
def test_insights_without_a_series_by_day_have_none(people, store, actor_of, client_of, kind):
    more = {"start": None, "return": None} if kind == "retention" else {}
    row = save_insight.run(actor_of("member"), {"name": "X", "question": {"kind": kind, **more}}).value
    client = client_of("member")
    assert new_of(row) not in text(client.get(f"/w/acme/data/insights/{row.public_id}/"))
    assert "two steps or more" in text(client.get(new_of(row)))


@pytest.mark.parametrize(
    ("question", "series"),
    [
        ({"kind": "sessions"}, "sessions"),
        ({"kind": "sessions"}, "persons"),
        ({"kind": "funnel", "steps": ["paid", "left"], "window_seconds": 3600}, "conversion"),
        (
            {"kind": "trends", "series": [{}, {}], "formula": "A / B", "interval": "week", "smooth": 3},
            "formula",
        ),
        ({"kind": "trends", "series": [{}], "breakdown": {"property": "plan"}, "cumulative": True}, "A"),
    ],
)
@pytest.mark.parametrize("rule", ["unusual", "below", "change"])
def test_every_series_is_judged_by_every_rule(people, store, actor_of, client_of, question, series, rule):
    arrive(people.workspace, *(event("u", "paid", day * 86_400) for day in range(12)))
    row = save_insight.run(actor_of("member"), {"name": "X", "question": question}).value
    with clock.frozen_at(LATER):
        answer = client_of("member").get(new_of(row, "preview/"), FORM | {"series": series, "rule": rule})
    assert answer.status_code == 200
    assert "in the last 180 days" in text(answer)
    if rule == "unusual":
        assert "too little history" in text(answer)


def test_it_is_kept_changed_and_changed_back(people, insight, client_of):
    client = client_of("member")
    answer = client.post(new_of(insight), FORM, **HTMX)
    row = Alert.objects.get()
    assert answer.headers["HX-Redirect"] == page_of(row)
    assert (row.rule, row.value, row.least_relative, row.owner.user) == ("above", 5, 0.1, people.member.user)
    changed = client.post(page_of(row), FORM | {"rule": "change", "value": "30", "name": "Jump"}, **HTMX)
    row.refresh_from_db()
    assert (row.name, row.rule, row.value) == ("Jump", "change", 0.3)
    assert "30% off the same weekday" in text(changed)
    assert 'value="30"' in text(changed)
    undo(client, changed)
    row.refresh_from_db()
    assert (row.name, row.rule, row.value) == ("Sales", "above", 5)


def test_pause_mute_hand_over_delete_each_with_its_way_back(people, kept, client_of):
    client = client_of("member")
    paused = client.post(page_of(kept, "pause/"), **HTMX)
    assert "Paused" in text(paused)
    undo(client, paused)
    assert "Not judged yet" in text(client.get(page_of(kept)))
    assert "Muted until" in text(client.post(page_of(kept, "mute/"), {"days": "3"}, **HTMX))
    kept.refresh_from_db()
    assert kept.muted_until == clock.today(people.workspace.time_zone) + timedelta(days=2)
    assert "Muted until" not in text(client.post(page_of(kept, "mute/"), {"days": "0"}, **HTMX))
    client.post(page_of(kept, "owner/"), {"owner": str(people.admin.public_id)}, **HTMX)
    kept.refresh_from_db()
    assert kept.owner == people.admin
    assert client.post(page_of(kept, "pause/"), **HTMX).status_code == 403, "it is the admin's now"
    admin = client_of("admin")
    gone = admin.post(page_of(kept, "delete/"), **HTMX)
    assert admin.get(page_of(kept)).status_code == 404
    undo(admin, gone)
    assert admin.get(page_of(kept)).status_code == 200


LIST_QUERIES = 7


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_whatever_its_rows(
    people, insight, actor_of, client_of, count, django_assert_num_queries
):
    for n in range(count):
        data = {"insight": insight.public_id, "name": f"A {n}", "series": "A"}
        create_alert.run(actor_of("owner" if n % 2 else "member"), data)
    client = client_of("member")
    client.get(LIST)
    with django_assert_num_queries(LIST_QUERIES):
        client.get(LIST)


def test_the_list_says_how_each_stands_and_is_searched(people, kept, client_of):
    Alert.objects.update(ringing_since=date(2026, 3, 1))
    client = client_of("member")
    assert "Ringing since" in text(client.get(LIST))
    assert "Sales" in text(client.get(LIST, {"q": "paid"}))
    assert "No alert fits" in text(client.get(LIST, {"q": "zzz"}))


ACTS = [
    ("", FORM),
    ("pause/", {}),
    ("resume/", {}),
    ("mute/", {"days": "1"}),
    ("owner/", {"owner": "x"}),
    ("delete/", {}),
]


@pytest.mark.parametrize("who", ["guest", "stranger"])
def test_those_without_analytics_read_and_change_nothing(kept, insight, client_of, who):
    before, client = rows(), client_of(who)
    for address in (LIST, page_of(kept), new_of(insight), new_of(insight, "preview/")):
        answer = client.get(address)
        assert answer.status_code in (403, 404)
        assert "Sales" not in text(answer)
    for part, data in ACTS:
        assert client.post(page_of(kept, part), data).status_code in (403, 404)
    assert client.post(new_of(insight), FORM).status_code in (403, 404)
    assert rows() == before


def test_a_member_changes_their_own_and_nobody_else_s(people, insight, actor_of, client_of):
    data = {"insight": insight.public_id, "name": "Theirs", "series": "A"}
    theirs = create_alert.run(actor_of("owner"), data).value
    before, client = rows(), client_of("member")
    for part, sent in ACTS:
        sent = {"owner": str(people.member.public_id)} if part == "owner/" else sent
        assert client.post(page_of(theirs, part), sent).status_code == 403
    assert rows() == before
    html = text(client.get(page_of(theirs)))
    assert "pause/" not in html
    assert "delete/" not in html


@pytest.mark.parametrize("who", ["member", "guest", "stranger"])
def test_every_action_refuses_and_changes_nothing(people, insight, actor_of, who):
    data = {"insight": insight.public_id, "name": "Theirs", "series": "A"}
    theirs, gone = (create_alert.run(actor_of("owner"), data).value for _each in range(2))
    delete_alert.run(actor_of("owner"), {}, target=gone)
    before, actor = rows(), actor_of(who)
    calls = [(edit_alert, {"name": "x"}), (mute_alert, {"days": 1})]
    calls += [(pause_alert, {}), (resume_alert, {}), (delete_alert, {})]
    for action, sent in calls:
        denied(action, actor, sent, theirs.public_id)
    denied(restore_alert, actor, {}, gone.public_id)
    if who == "guest":
        denied(create_alert, actor, data)
    assert rows() == before


def test_nobody_judges_by_hand_and_no_other_workspace_s_insight_is_watched(people, kept, insight, actor_of):
    before = rows()
    for who in ("owner", "admin", "member"):
        unchanged(lambda who=who: judge_alert.run(actor_of(who), {}, target=kept.public_id), Denied)
    data = {"insight": insight.public_id, "name": "x", "series": "A"}
    with pytest.raises(Exception, match="no such insight"):
        create_alert.run(actor_of("stranger"), data)
    assert rows() == before
