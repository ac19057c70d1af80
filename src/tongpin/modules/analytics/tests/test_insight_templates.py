"""Templates fill themselves from whatever words a catalogue is written in, and open the ordinary builder."""

from __future__ import annotations

import html
import re

import pytest
from django.http import QueryDict

from tongpin.modules.analytics import insight_form
from tongpin.modules.analytics.catalogue_words import Known, Part, amount, find, words
from tongpin.modules.analytics.insight_templates import TEMPLATES, offers
from tongpin.modules.analytics.insights import running
from tongpin.modules.analytics.models import EventName, EventProperty
from tongpin.modules.analytics.tests.events import START

PAGE = "/w/acme/data/templates/"

VOCABULARIES = {
    "posthog": (
        {"$pageview": 900, "$autocapture": 5000, "user signed up": 40, "project created": 300, "purchase failed": 90,
         "purchase": 12, "$identify": 80},
        ("user signed up", "purchase", "$pageview", "project created"),
    ),
    "sensors": (
        {"$pageview": 900, "$WebClick": 700, "$SignUp": 50, "SubmitOrder": 220, "payOrder": 30, "$AppStart": 90},
        ("$SignUp", "payOrder", "$pageview", "SubmitOrder"),
    ),
    "own": (
        {"signed_up": 50, "shift_published": 900, "order_paid": 30, "login": 2000, "page_view": 4000},
        ("signed_up", "order_paid", None, "shift_published"),
    ),
    "chinese": (
        {"点击注册按钮": 800, "注册成功": 60, "发布排班": 400, "支付成功": 20, "支付失败": 70, "登录": 3000,
         "$pageview": 9},
        ("注册成功", "支付成功", "$pageview", "发布排班"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_the_parts_are_found_in_every_vocabulary(vocabulary):
    counts, wanted = VOCABULARIES[vocabulary]
    events = [Known(name, total) for name, total in counts.items()]
    found = [next((each.name for each in find(part, events)), None) for part in
             (Part.SIGN_UP, Part.PAY, Part.PAGE, Part.CORE)]  # fmt: skip
    assert tuple(found) == wanted


def test_a_key_event_comes_before_a_frequent_one_and_what_never_came_does_not_count():
    events = [Known("a", 900), Known("b", 3, key=True), Known("signed_up", 0), Known("registered", 1)]
    assert [each.name for each in find(Part.CORE, events)] == ["b", "a"]
    assert [each.name for each in find(Part.SIGN_UP, events)] == ["registered"]


@pytest.mark.parametrize(
    ("name", "cut"),
    [("$SignUp", "sign up"), ("orderPaid", "order paid"), ("Order Paid", "order paid"),
     ("$MPViewScreen", "mp view screen"),     ("display_ad", "display ad"), ("支付成功", "")],
)  # fmt: skip
def test_names_are_cut_into_words(name, cut):
    assert " ".join(words(name)) == cut


def test_a_word_inside_another_is_not_that_word():
    assert find(Part.PAY, [Known("display_ad", 9), Known("repayment_planned", 9)]) == []


def test_the_amount_is_a_number_with_such_a_name():
    assert amount(Known("paid", 1, numbers=["count", "order_amount", "price"])) == "order_amount"
    assert amount(Known("支付成功", 1, numbers=["实付金额"])) == "实付金额"
    assert amount(Known("paid", 1, numbers=["seats"])) == ""


@pytest.mark.parametrize("key", TEMPLATES)
def test_every_template_is_a_question_that_can_be_read_and_written_as_a_form(key):
    template = TEMPLATES[key]
    raw = template.build({part: f"{part} 事件" for part in template.needs}, "amount")
    told = running.told(running.read(raw))
    fields = insight_form.address({name: said for name, said in told.items() if name != "kind"})
    again = running.told(running.read({**insight_form.read(QueryDict(fields)), "kind": told["kind"]}))
    assert again == told


def test_with_nothing_in_the_catalogue_each_says_what_it_waits_for():
    made = offers([])
    assert len(made) == len(TEMPLATES)
    assert not any(offer.seen for offer in made)


@pytest.fixture
def catalogue(people):
    for name, total in VOCABULARIES["chinese"][0].items():
        row = EventName.objects.create(
            workspace=people.workspace, name=name, total=total, first_seen_at=START, last_seen_at=START
        )
        if name == "支付成功":
            EventProperty.objects.create(
                workspace=people.workspace, event=row, name="amount", types=["number"], first_seen_at=START
            )
    EventName.objects.create(workspace=people.workspace, name="signed_up", expected=True)
    return people


def card(text, key):
    return html.unescape(text.split(f'id="template-{key}"')[1].split("</li>")[0])


@pytest.mark.django_db
def test_a_template_opens_the_builder_filled_in(catalogue, store, client_of):
    client = client_of("member")
    told = client.get(PAGE).content.decode()
    assert 'value="注册成功"' in card(told, "activation")
    assert 'value="发布排班"' in card(told, "activation")
    assert 'value="amount"' in card(told, "revenue")
    opened = client.get(PAGE + "activation/", {"sign_up": "注册成功", "core": "发布排班"}, follow=True)
    assert opened.status_code == 200
    page = opened.content.decode()
    assert re.search(r'name="steps.0.0.event" value="注册成功"', page)
    assert re.search(r'name="steps.1.0.event" value="发布排班"', page)
    assert "cannot be read" not in page
    for key in TEMPLATES:
        fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', card(told, key)))
        answer = client.get(f"{PAGE}{key}/", fields, follow=True)
        assert "/data/new/" in answer.redirect_chain[-1][0], key
        assert "cannot be read" not in answer.content.decode()


@pytest.mark.django_db
def test_what_is_missing_is_said_and_nothing_leads_nowhere(people, store, client_of):
    client = client_of("member")
    none = client.get(PAGE).content.decode()
    assert "signed_up, $SignUp, 注册成功" in card(none, "activation")
    assert "<button" not in card(none, "activation")
    EventName.objects.create(workspace=people.workspace, name="clicked", total=3, first_seen_at=START)
    some = client.get(PAGE).content.decode()
    assert "No event here sounds like it" in card(some, "activation")
    assert "required" in card(some, "activation"), "one can be chosen"
    assert "<button" not in card(some, "pages"), "page views have one name"
    assert "<button" in card(some, "active")
    assert client.get(PAGE + "activation/").headers["Location"] == PAGE
    assert client.get(PAGE + "no-such/").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "status"), [("owner", 200), ("member", 200), ("guest", 403), ("stranger", 404)]
)
def test_who_may_look(people, store, client_of, who, status):
    assert client_of(who).get(PAGE).status_code == status
    opened = client_of(who).get(PAGE + "active/").status_code
    assert opened == (302 if status == 200 else status)


QUERIES = 9


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 5])
def test_the_gallery_costs_the_same_whatever_the_catalogue(
    people, store, client_of, count, django_assert_num_queries
):
    for number in range(count):
        EventName.objects.create(workspace=people.workspace, name=f"e{number}", total=3, first_seen_at=START)
    client = client_of("member")
    client.get(PAGE)
    with django_assert_num_queries(QUERIES):
        client.get(PAGE)
