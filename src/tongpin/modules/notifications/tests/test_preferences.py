from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tongpin.kernel.errors import Denied, Invalid, NotFound
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.notifications.actions.preference import set_preference
from tongpin.modules.notifications.models import Preference

pytestmark = pytest.mark.django_db
PAGE = "/w/acme/settings/notifications/"
ACCESS = "workspaces.access"


def chosen() -> list[tuple[str, str, str]]:
    rows = Preference.objects.select_related("member__user").order_by("pk")
    return [(row.member.user.name, row.kind, row.delivery) for row in rows]


def test_a_choice_is_kept_and_can_be_taken_back(client_of: Callable[[str], Client]) -> None:
    client = client_of("member")

    response = client.post(PAGE, {"kind": ACCESS, "delivery": "off"}, HTTP_HX_REQUEST="true")

    assert response.status_code == 200
    assert '<option value="off" selected>' in response.content.decode()
    assert chosen() == [("Member", ACCESS, "off")]
    token = json.loads(response["HX-Trigger"])["toast"]["undo"]
    assert client.post("/undo/", {"token": token}).status_code == 204
    assert chosen() == [("Member", ACCESS, "mail")]


def test_without_htmx_the_page_comes_back(client_of: Callable[[str], Client]) -> None:
    response = client_of("member").post(PAGE, {"kind": ACCESS, "delivery": "bell"})
    assert (response.status_code, response["Location"]) == (302, PAGE)
    assert chosen() == [("Member", ACCESS, "bell")]


def test_each_kind_has_its_line_with_an_address_of_its_own(client_of: Callable[[str], Client]) -> None:
    page = client_of("guest").get(PAGE).content.decode()
    for words in ('id="kind-workspaces-access"', "Your access", "Invitations accepted", "guest@acme.example"):
        assert words in page


def test_a_choice_is_ones_own(client_of: Callable[[str], Client]) -> None:
    client_of("owner").post(PAGE, {"kind": ACCESS, "delivery": "off"})

    page = client_of("member").get(PAGE).content.decode()

    assert '<option value="off" selected>' not in page
    assert chosen() == [("Owner", ACCESS, "off")]


@pytest.mark.parametrize("who", ["stranger", "nobody"])
def test_who_is_not_in_the_workspace_chooses_nothing_there(
    client_of: Callable[[str], Client], who: str
) -> None:
    assert client_of(who).post(PAGE, {"kind": ACCESS, "delivery": "off"}).status_code in {302, 404}
    assert chosen() == []


def test_denied_set_changes_nothing(people: Any) -> None:
    for actor, error in (
        (Actor.of(people.member.user), NotFound),
        (Actor.system(people.workspace), Denied),
    ):
        with pytest.raises(error):
            set_preference.run(actor, {"kind": ACCESS, "delivery": "off"})
    assert chosen() == []


@pytest.mark.parametrize(
    ("kind", "delivery"), [("no.such", "off"), (ACCESS, "pigeon"), (ACCESS, ""), ("", "off")]
)
def test_what_there_is_not_cannot_be_chosen(
    people: Any, actor_of: Callable[..., Actor], kind: str, delivery: str
) -> None:
    with pytest.raises(Invalid):
        set_preference.run(actor_of("member"), {"kind": kind, "delivery": delivery})
    assert chosen() == []


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_queries_whatever_was_chosen(
    people: Any, client_of: Callable[[str], Client], django_assert_num_queries: Any, count: int
) -> None:
    for number in range(count):
        Preference.objects.create(
            workspace=people.workspace, member=people.member, kind=f"testing.{number}", delivery="off"
        )
    client = client_of("member")
    client.get(PAGE)

    with django_assert_num_queries(11):
        client.get(PAGE)
