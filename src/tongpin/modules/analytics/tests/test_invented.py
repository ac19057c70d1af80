"""Addresses nobody was given: cursors and parameters that somebody or something made up."""

from __future__ import annotations

import base64
import json
import random
import uuid
from urllib.parse import quote

import pytest
from django.urls import reverse

from tongpin.modules.analytics import identity
from tongpin.modules.analytics.models import Customer, EventName, Source
from tongpin.modules.analytics.tests.events import arrive, at, event
from tongpin.modules.analytics.views import paging

pytestmark = pytest.mark.django_db

ID = str(uuid.UUID(int=7))


def packed(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


TIMES = (
    0,
    -1,
    1.5,
    True,
    None,
    "0",
    [],
    10**11,
    10**13,
    10**15,
    -(10**13),
    10**400,
    float("inf"),
    float("nan"),
)
MARKS = (
    *(
        "",
        "x",
        "0",
        "-1",
        "1" * 5000,
        str(2**64),
        str(2**64 - 1),
        "１",
        "+1",
        "1_0",
        " 1",
        ID,
        "\0",
        "\ud800",
        "'",
        "😀",
    ),
    *(0, -1, 2**70, 1.5, True, None, [], {}),
)
CURSORS = (
    *("x", "====", "é", "AAAA", "%00", "null", "a" * 5000),
    *(packed(each) for each in (None, 1, "ab", [], {}, {"a": 1, "b": 2}, [1], [1, 2, 3, 4], [[], []])),
    base64.urlsafe_b64encode(b"[" * 4000).decode(),
    base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    *(packed([when, mark]) for when in TIMES for mark in ("0", ID)),
    *(packed([0, mark]) for mark in MARKS),
    *(packed([mark, ID]) for mark in MARKS),
    *(packed([0, mark, ID]) for mark in MARKS),
    *(packed([mark, "x", ID]) for mark in MARKS),
)
WORDS = (
    "\0",
    "\ud800",
    "😀" * 300,
    "'\"\\`",
    "%",
    "_",
    "${jndi}",
    "<script>",
    "{q:String}",
    "x" * 5000,
    "-1",
    "１",
    "\n",
)


def genuine():
    """Cursors the pages do make, each with one character changed: a bounded, repeatable lot."""
    chance = random.Random(4711)
    for made in (
        paging.written((at(0), 5)),
        paging.written((at(0), ID)),
        packed([-5, "x", ID]),
        packed([-5, ID]),
    ):
        for _ in range(6):
            place = chance.randrange(len(made))
            yield made[:place] + chance.choice("AZaz09_-") + made[place + 1 :]


@pytest.fixture
def pages(people, store):
    """Every list and page with parameters, by name."""
    arrive(people.workspace, event("ann", "paid", customers={"company": "c-1"}))
    source = Source.objects.create(workspace=people.workspace, name="Shop")
    EventName.objects.create(workspace=people.workspace, name="paid", first_seen_at=at(0), last_seen_at=at(0))
    slug, customer = people.workspace.slug, Customer.objects.get()
    return {
        "users": reverse("analytics:users", args=[slug]),
        "user": reverse("analytics:user", args=[slug, handle("ann")]),
        "customers": reverse("analytics:customers", args=[slug]),
        "customer": reverse("analytics:customer", args=[slug, customer.public_id]),
        "events": reverse("analytics:events", args=[slug]),
        "events_file": reverse("analytics:events_file", args=[slug]),
        "live": reverse("analytics:source_live", args=[slug, source.public_id]),
    }


def handle(distinct_id):
    return f"{identity.unsigned(identity.did(distinct_id)):016x}"


def asked(client, page, name, value):
    """The answer to a page with one parameter, which may be no text at all."""
    raw = value.encode("utf-8", "surrogatepass")
    return client.get(f"{page}?{name}={quote(raw)}")


@pytest.mark.parametrize("where", ["users", "user", "customers", "events"])
def test_an_invented_cursor_is_refused_in_words_or_begins_anew(pages, client_of, where):
    client = client_of("member")
    answers = {}
    for cursor in (*CURSORS, *genuine()):
        answer = asked(client, pages[where], "cursor", cursor)
        assert answer.status_code in (200, 422), cursor[:80]
        answers.setdefault(answer.status_code, cursor)
        if answer.status_code == 422:
            assert "This is not a cursor of this list." in answer.content.decode()
    assert set(answers) == {200, 422}


@pytest.mark.parametrize("where", ["users", "user", "customers", "customer", "events", "events_file", "live"])
def test_an_invented_parameter_finds_nothing_and_breaks_nothing(pages, client_of, where):
    client = client_of("member")
    for name in ("q", "kind", "sort", "state", "event", "nobody-asked"):
        for word in WORDS:
            answer = asked(client, pages[where], name, word)
            assert answer.status_code in (200, 422), (name, word[:40])


@pytest.mark.parametrize("sort", ["first", "name"])
def test_a_cursor_of_another_order_is_no_fault_of_the_server(pages, client_of, sort):
    client = client_of("member")
    for cursor in CURSORS[::2]:
        answer = client.get(pages["customers"], {"sort": sort, "cursor": cursor})
        assert answer.status_code in (200, 422), cursor[:80]


@pytest.mark.parametrize(
    "name",
    ["0" * 17, "g" * 16, "+123456789abcdef", "0x23456789abcdef", "_" * 16, "１" * 16, "ABCDEF0123456789"],
)
def test_an_invented_user_is_not_found(pages, client_of, name):
    assert client_of("member").get(f"{pages['users']}{quote(name)}/").status_code == 404
