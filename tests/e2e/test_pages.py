"""Every page, as people of both languages see it: accessible in both themes, never wider than a small phone."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.serving import Served

from .conftest import ROOT, Faults, sideways, violations
from .sending import send
from .steps import PASSWORD, series

SMALL = {"width": 320, "height": 640}
OWNER = "owner@pages.example"
SLUG = "pages"

PREPARE = """
from tongpin.kernel.actions.door import run_named
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership, User
from tongpin.kernel.tenancy.enums import Role
from tongpin.modules.analytics.actions.event_file import put_part
from allauth.account.models import EmailAddress

def person(name, email):
    user = User.objects.create_user(email, {password!r}, name=name, owns_server=email == {owner!r})
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user

User.objects.filter(owns_server=True).update(owns_server=False)  # an earlier test's first account
owner = person("沈一诺", {owner!r})
run_named("workspaces.workspace.create", Actor.of(owner), {{"name": "晴班 Qingban", "slug": {slug!r}}})
actor = Actor.in_workspace(owner, {slug!r})
for number, (name, role) in enumerate([("何予安", "admin"), ("Priya Nair", "member"), ("Kim", "guest")]):
    Membership.objects.create(workspace=actor.workspace, user=person(name, f"p{{number}}@pages.example"), role=role)
run_named("workspaces.member.invite", actor, {{"email": "new@pages.example", "role": "member"}})
run_named("workspaces.token.create", actor, {{"name": "CI", "scopes": ["goals:read"]}})
made = run_named("goals.lookback.create", actor, {{
    "text": {text!r}, "title": "开店三步引导 Three-step setup",
    "launch": {launch!r}, "window_days": 14, "expected": 0.2,
}}).value
draft = run_named("goals.lookback.create", actor, {{
    "text": {text!r}, "title": "超过二十个字的很长的标题也要放得下才行🙂"}}).value
run_named("goals.lookback.evaluate", actor, {{}}, target=made)
project = {{"name": "新店开张季 New store season", "key": "OPEN", "kind": "campaign", "purpose": "https://acme.example"}}
project = run_named("workspaces.project.create", actor, project).value
robot = run_named("digests.robot.create", actor, {{"project": project.public_id, "name": "开店季大群 🎉",
    "address": "https://hooks.slack.com/services/T0/B0/x", "topics": ["projects.people"]}}).value
source = run_named("analytics.source.create", actor, {{"name": "商家端 App 🍜", "platform": "app"}}).value
trend = {{"kind": "trends", "series": [{{"event": "支付成功 💰", "math": "unique_users"}}]}}
trend = {{"name": "付费用户数 (含试用, 不含内部账号) 💰", "question": trend}}
insight = run_named("analytics.insight.create", actor, trend).value
alert = {{"insight": insight.public_id, "name": "付费用户数异常 with_a_very_long_unbroken_name 💰", "series": "A"}}
alert = run_named("analytics.alert.create", actor, alert).value
note = {{"first": "2026-11-01", "last": "2026-11-11", "text": "双11 大促 with_a_very_long_unbroken_name_of_a_sale 🎉",
    "link": "https://acme.example/" + "a" * 100}}
note = run_named("analytics.note.add", actor, note).value
rule = {{"who": [{{"event": "支付成功 💰"}}, {{"match": "any", "of": [{{"property": "plan", "op": "set"}}]}}]}}
rule = {{"name": "最近两周付过费但没有退款的商家 💰", "rule": rule}}
segment = run_named("analytics.segment.create", actor, rule).value
board = {{"name": "增长周会看板，给大屏和周一早会用的那一块 📊", "description": "每周一 10:00 Growth-review"}}
board = run_named("analytics.dashboard.create", actor, board).value
for tile in ({{"insight": insight.public_id}}, {{"text": "## 本周 \\n- 看 **留存**"}}):
    run_named("analytics.dashboard.add_tile", actor, tile, target=board)
link = run_named("analytics.dashboard.share", actor, {{}}, target=board).value.shown_once.split("/share/")[1]
weekly = {{"dashboard": board.public_id, "every": "week", "at": "09:00", "readers": [actor.membership.public_id]}}
weekly |= {{"robots": [robot.public_id]}}
report = run_named("digests.report.create", actor, weekly).value
event = run_named("analytics.event.plan", actor, {{"name": "支付成功 💰", "description": "商家收到第一笔货款"}}).value
prop = {{"name": "amount_in_a_long_unbroken_name"}}
prop = run_named("analytics.event.plan_property", actor, prop, target=event).value
about = {{"about_type": "workspaces.project", "about_id": project.public_id}}
said = run_named("discussions.comment.write", actor, {{**about, "text": "**小米** 和 `vivo` 还要再看一周"}}).value
run_named("discussions.comment.react", actor, {{"emoji": "👍"}}, target=said)
ends = {{"this": {{"type": "goals.lookback", "id": made.public_id}},
    "other": {{"type": "workspaces.project", "id": project.public_id}}}}
run_named("relations.relation.add", actor, {{"kind": "caused", **ends}})
upper = run_named("workspaces.department.create", actor, {{"name": "研发 R&D"}}).value
inner = {{"name": "客户端 Client", "parent": upper.public_id, "lead": actor.membership.public_id}}
run_named("workspaces.department.create", actor, inner)
mate = Membership.objects.get(workspace=actor.workspace, role="member")
head = "user_id,event,time,金额 amount in a long name\\n"
table = head + "boss@a-very-long-address.pages.example,支付 pay,2026-03-01,12\\n" * 30 + "x,y,never,1\\n"
size = len(table.encode())
begun = {{"source": source.public_id, "name": "去年全年的事件 events-of-last-year.csv", "size": size}}
file = run_named("analytics.import.begin_file", actor, begun).value
file = put_part(actor, source.public_id, file.public_id, 0, table.encode())
run_named("analytics.import.begin_file", actor, {{**begun, "name": "half.csv"}})
columns = {{"event": "event", "user": "user_id", "time": "time", "zone": "Asia/Shanghai"}}
row = run_named("analytics.import.start", actor, {{"source": source.public_id, "name": file.name,
    "digest": file.digest, "columns": columns}}).value
print(made.public_id, draft.public_id, upper.public_id, actor.membership.public_id, mate.public_id, robot.public_id,
    source.public_id, event.public_id, prop.public_id, source.keys.get().value,
    file.public_id, row.public_id, insight.public_id, note.public_id, segment.public_id, alert.public_id,
    board.public_id, link, report.public_id)
"""

# Events as an app sends them, and what is asked of the people they tell of.
EVENTS = [
    {
        "event": "支付成功 💰",
        "distinct_id": "boss-of-a-shop-with-a-very-long-id@shops.pages.example",
        "properties": {
            "amount_in_a_long_unbroken_name": 1234567.89,
            "$current_url": "https://pages.example/" + "a" * 90,
        },
        "person": {
            "set": {"name": "欧阳娜娜 Ouyang", "email": "ouyang@pages.example", "tags": ["vip", "华东"]}
        },
        "customers": {"company": "qingban-hangzhou-west-lake-store"},
    },
    {
        "customer": {
            "kind": "company",
            "key": "qingban-hangzhou-west-lake-store",
            "set": {"name": "晴班西湖店 West Lake", "seats": 1280},
        }
    },
    {
        "event": "$pageview",
        "distinct_id": "visitor",
        "properties": {
            "$current_url": "https://pages.example/"
            + "b" * 90
            + "?utm_source=weixin&utm_campaign="
            + "c" * 60,
            "$language": "zh-CN",
        },
    },
    {"event": "leaves", "distinct_id": "leaver", "person": {"set": {"name": "Leaver"}}},
]
ASK = """
import time
from tongpin.kernel.actions.door import run_named
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import User
from tongpin.modules.analytics.models import Customer, Erasure, Export
from tongpin.modules.analytics.queries import person

actor = Actor.in_workspace(User.objects.get(email={owner!r}), {slug!r})
until = time.monotonic() + 60

def waited(ask):
    while not (found := ask()):
        assert time.monotonic() < until
        time.sleep(0.2)
    return found

def user(name):
    return waited(lambda: [row for row in person.seen(actor.workspace.public_id, name, None)[0] if row.name])[0]

kept, leaver = user("Ouyang"), user("Leaver")
customer = waited(lambda: Customer.objects.filter(workspace=actor.workspace).first())
export = run_named("analytics.person.export", actor, {{"about": f"user:{{kept.handle}}"}}).value
gone = {{"about": f"user:{{leaver.handle}}", "typed": "Leaver"}}
erasure = run_named("analytics.person.erase", actor, gone).value
for model, row in [(Export, export), (Erasure, erasure)]:
    waited(lambda: model.objects.exclude(finished_at=None).filter(pk=row.pk).exists())
print(kept.handle, customer.public_id, export.public_id, erasure.public_id)
"""

PAGES = [
    "/w/{slug}/",
    "/w/{slug}/lookback/",
    "/w/{slug}/lookback/?q=nothing-like-this",
    "/w/{slug}/lookback/new/",
    "/w/{slug}/lookback/{made}/",
    "/w/{slug}/lookback/{draft}/",
    "/w/{slug}/lookback/new/?from={made}",
    "/w/{slug}/inbox/",
    "/w/{slug}/members/",
    "/w/{slug}/members/?q=hya",
    "/w/{slug}/members/{member}/",
    "/w/{slug}/members/invitations/",
    "/w/{slug}/members/import/",
    "/w/{slug}/members/{mate}/leaving/",
    "/w/{slug}/projects/",
    "/w/{slug}/projects/?q=nothing-like-this",
    "/w/{slug}/projects/new/",
    "/w/{slug}/projects/OPEN/",
    "/w/{slug}/projects/OPEN/activity/",
    "/w/{slug}/projects/OPEN/members/",
    "/w/{slug}/projects/OPEN/settings/",
    "/w/{slug}/projects/OPEN/robots/",
    "/w/{slug}/projects/OPEN/robots/{robot}/",
    "/w/{slug}/settings/robots/",
    "/w/{slug}/settings/sources/",
    "/w/{slug}/settings/sources/{source}/",
    "/w/{slug}/settings/sources/{source}/live/",
    "/w/{slug}/settings/sources/{source}/imports/",
    "/w/{slug}/settings/sources/{source}/imports/{event_import}/",
    "/w/{slug}/settings/sources/{source}/imports/files/{event_file}/",
    "/w/{slug}/data/",
    "/w/{slug}/data/?q=nothing-like-this",
    "/w/{slug}/data/templates/",
    "/w/{slug}/data/web/",
    "/w/{slug}/data/web/?page=%2Fno-such-page&channel=Organic+Search",
    "/w/{slug}/data/web/now/",
    "/w/{slug}/data/web/pages/",
    "/w/{slug}/data/new/trends/",
    "/w/{slug}/data/new/funnel/",
    "/w/{slug}/data/new/retention/",
    "/w/{slug}/data/new/lifecycle/",
    "/w/{slug}/data/new/stickiness/",
    "/w/{slug}/data/new/paths/",
    "/w/{slug}/data/new/sessions/",
    "/w/{slug}/data/new/attribution/",
    "/w/{slug}/data/insights/{insight}/",
    "/w/{slug}/data/insights/{insight}/alert/",
    "/w/{slug}/data/alerts/",
    "/w/{slug}/data/alerts/{alert}/",
    "/w/{slug}/data/markers/",
    "/w/{slug}/data/markers/?kind=analytics.shopping&year=2026",
    "/w/{slug}/data/markers/{note}/",
    "/w/{slug}/data/insights/{insight}/dashboards/",
    "/w/{slug}/data/dashboards/",
    "/w/{slug}/data/dashboards/{dashboard}/",
    "/w/{slug}/data/dashboards/{dashboard}/?from=-6d&to=today&where.of.0.property=%24os&where.of.0.op=set",
    "/w/{slug}/data/dashboards/{dashboard}/reports/",
    "/w/{slug}/data/dashboards/{dashboard}/reports/{report}/",
    "/share/{link}",
    "/w/{slug}/data/insights/{insight}/?series.0.event=x&where.of.0.property=%24os&where.of.0.op=set",
    "/w/{slug}/data/people/?kind=trends&series.0.math=total&point=%7B%22series%22%3A%22A%22%7D",
    "/w/{slug}/data/segments/",
    "/w/{slug}/data/segments/?q=nothing-like-this",
    "/w/{slug}/data/segments/new/",
    "/w/{slug}/data/segments/new/?unit=customer&who.of.0.property=plan&who.of.0.op=is&who.of.0.value=pro",
    "/w/{slug}/data/segments/upload/",
    "/w/{slug}/data/segments/{segment}/",
    "/w/{slug}/data/segments/{segment}/rule/",
    "/w/{slug}/users/",
    "/w/{slug}/users/?q=nothing-like-this",
    "/w/{slug}/users/{user}/",
    "/w/{slug}/users/{user}/erase/",
    "/w/{slug}/customers/",
    "/w/{slug}/customers/?q=nothing-like-this",
    "/w/{slug}/customers/{customer}/",
    "/w/{slug}/customers/{customer}/erase/",
    "/w/{slug}/exports/{export}/",
    "/w/{slug}/erasures/{erasure}/",
    "/w/{slug}/data/events/",
    "/w/{slug}/data/events/?q=nothing-like-this",
    "/w/{slug}/data/events/{event}/",
    "/w/{slug}/data/events/{event}/properties/{property}/",
    "/w/{slug}/departments/",
    "/w/{slug}/departments/{department}/",
    "/w/{slug}/settings/",
    "/w/{slug}/settings/notifications/",
    "/w/{slug}/settings/security/",
    "/w/{slug}/settings/audit/",
    "/w/{slug}/settings/calendar/",
    "/w/{slug}/tokens/",
    "/w/{slug}/settings/tokens/",
    "/w/{slug}/activity/",
    "/profile/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/sessions/",
    "/accounts/security/",
    "/accounts/reauthenticate/",
    "/accounts/logout/",
    "/accounts/connections/",
    "/workspaces/",
    "/workspaces/new/",
    "/system/",
    "/system/guides/sign-in/",
]
FRONT = [
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/confirm-email/",
    "/invite/no-such-invitation/",
    "/accounts/confirm-email/no-such-key/",
    "/accounts/inactive/",
    "/accounts/oidc/cancelled/",
    "/accounts/password/reset/key/done/",
    "/accounts/password/reset/key/x-no-such-key/",
]


@pytest.fixture(scope="module")
def places(served: Served) -> dict[str, str]:
    """A workspace with one of everything; the parts of its addresses."""
    text, launch = series()
    said = served.script(
        PREPARE.format(password=PASSWORD, owner=OWNER, slug=SLUG, text=text, launch=launch.isoformat())
    )
    made, draft, department, member, mate, robot, source, event, prop, key, *more = (
        said.strip().splitlines()[-1].split()
    )
    file, imported, insight, note, segment, alert, board, link, report = more
    assert send(served, key, *EVENTS)[0] == 200
    asked = served.script(ASK.format(owner=OWNER, slug=SLUG)).split()
    return {
        "slug": SLUG,
        "made": made,
        "draft": draft,
        "department": department,
        "member": member,
        "mate": mate,
        "robot": robot,
        "source": source,
        "event": event,
        "event_file": file,
        "event_import": imported,
        "property": prop,
        "insight": insight,
        "note": note,
        "segment": segment,
        "alert": alert,
        "dashboard": board,
        "report": report,
        "link": link,
        **dict(zip(("user", "customer", "export", "erasure"), asked[-4:], strict=True)),
    }


def sign_in(page: Page) -> None:
    page.goto("/accounts/login/")
    page.fill("input[name=login]", OWNER)
    page.fill("input[name=password]", PASSWORD)
    page.click("main form .btn-primary")
    page.wait_for_url(re.compile(r"/w/"))


def settled(page: Page) -> None:
    """Charts drawn, a result that is being computed shown."""
    if re.search(r"/lookback/[0-9a-f-]{36}/$", page.url) and page.locator("[data-live][hx-trigger]").count():
        expect(page.locator(".verdict")).to_be_visible(timeout=90_000)
    expect(page.locator("[data-loading]")).to_have_count(0)
    expect(page.locator(".skeleton-lines")).to_have_count(0)
    for chart in page.locator("tp-chart, tp-plot").all():
        chart.scroll_into_view_if_needed()
        expect(chart).to_have_attribute("data-drawn", "")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_is_accessible(
    person: Callable[..., Page], faults: Faults, places: dict[str, str], language: str, theme: str
) -> None:
    page = person(language, theme)
    found = []
    for address in FRONT:
        page.goto(address)
        found += [f"{address} {fault}" for fault in violations(page)]
    faults.expect("no-such-invitation")
    sign_in(page)
    read_in(page, language)
    for address in PAGES:
        page.goto(address.format(**places))
        settled(page)
        found += [f"{address} {fault}" for fault in violations(page)]
    assert found == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_fits_a_small_phone(
    person: Callable[..., Page], faults: Faults, places: dict[str, str], language: str
) -> None:
    page = person(language, size=SMALL)
    wide = {}
    for address in FRONT:
        page.goto(address)
        wide[address] = sideways(page)
    faults.expect("no-such-invitation")
    sign_in(page)
    read_in(page, language)
    for address in PAGES:
        page.goto(address.format(**places))
        settled(page)
        wide[address] = sideways(page)
    assert {address: pixels for address, pixels in wide.items() if pixels > 0} == {}
    found = set()
    for address in (
        "/w/{slug}/lookback/{made}/",
        "/w/{slug}/lookback/",
        "/w/{slug}/inbox/",
        "/w/{slug}/settings/",
    ):
        page.goto(address.format(**places))
        box = page.locator(".topbar-search").bounding_box()
        found.add((round(box["x"]), round(box["y"])))
    assert len(found) == 1, "search stands at the same place, however long the title"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_readme_s_picture(person: Callable[..., Page], places: dict[str, str], language: str) -> None:
    """The result page as README shows it; written to docs/images when TONGPIN_PICTURES is set."""
    page = person(language, size={"width": 1280, "height": 900})
    sign_in(page)
    read_in(page, language)
    page.goto("/w/{slug}/lookback/{made}/".format(**places))
    settled(page)
    page.evaluate("window.scrollTo(0, 0)")
    picture = page.screenshot()
    assert len(picture) > 30_000
    if os.environ.get("TONGPIN_PICTURES"):
        folder = ROOT / "docs" / "images"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"lookback-{language}.png").write_bytes(picture)


def read_in(page: Page, language: str) -> None:
    """Make the signed-in person's own language the one of this run."""
    page.goto("/profile/")
    page.locator("main select[name=language]").select_option({"en": "en", "zh": "zh-hans"}[language])
    page.locator("main form", has=page.locator("select[name=language]")).locator(".btn-primary").first.click()
    expect(page.locator("html")).to_have_attribute("lang", {"en": "en", "zh": "zh-Hans"}[language])
