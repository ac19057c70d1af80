"""Reading through the API: each token sees its owner's workspace as the owner sees it, no more."""

from __future__ import annotations

import pytest

from tests.api.conftest import problem
from tongpin.kernel import clock
from tongpin.kernel.events.models import Event
from tongpin.kernel.search import documents
from tongpin.kernel.tenancy.models import Membership, User

pytestmark = pytest.mark.django_db

ROLE = "workspaces.member.change_role"


def names(answer):
    assert answer.status_code == 200, answer.content
    return [item["name"] for item in answer.json()["items"]]


def test_me_says_whose_token_it_is(people, program_of):
    found = program_of("member", ["workspaces:read"]).get("me").json()
    assert found["person"]["email"] == people.member.user.email
    assert found["workspace"]["slug"] == "acme"
    assert found["workspace"]["role"] == "member"
    assert found["scopes"] == ["workspaces:read"]


def test_no_cache_keeps_an_answer(people, program_of):
    program = program_of("member")
    for path in ("me", "workspaces/acme/members", "workspaces/none"):
        assert program.get(path).headers["Cache-Control"] == "no-store"


def test_a_token_lists_its_own_workspace_only(people, program_of):
    Membership.objects.create(workspace=people.elsewhere, user=people.owner.user, role="guest")
    assert [item["slug"] for item in program_of("owner").get("workspaces").json()["items"]] == ["acme"]
    assert [item["slug"] for item in program_of("stranger").get("workspaces").json()["items"]] == [
        "elsewhere"
    ]


@pytest.mark.parametrize("path", ["", "/members", "/search?q=a", "/events"])
@pytest.mark.parametrize(
    ("who", "status", "code"), [("stranger", 404, "not_found"), ("nobody", 401, "token_invalid")]
)
def test_strangers_and_strayed_tokens_see_nothing(people, program_of, path, who, status, code):
    problem(program_of(who).get(f"workspaces/acme{path}"), status, code)
    problem(program_of("owner").get(f"workspaces/elsewhere{path}"), 404, "not_found")
    problem(program_of("owner").get(f"workspaces/none{path}"), 404, "not_found")


def test_members_are_seen_as_on_the_page(people, program_of):
    assert set(names(program_of("member").get("workspaces/acme/members"))) == {
        "Owner",
        "Admin",
        "Member",
        "Guest",
    }
    assert set(names(program_of("guest").get("workspaces/acme/members"))) == {"Owner", "Admin", "Guest"}


def test_addresses_are_for_colleagues_and_oneself(people, program_of):
    everyone = {"Owner", "Admin", "Member", "Guest"}
    for who, shown in (("admin", everyone), ("member", everyone), ("guest", {"Guest"})):
        items = program_of(who).get("workspaces/acme/members").json()["items"]
        assert {item["name"] for item in items if item["email"]} == shown


def test_a_list_comes_in_pieces_that_miss_and_repeat_nothing(people, program_of):
    for i in range(7):
        user = User.objects.create_user(f"p{i}@acme.example", name=f"P{i}")
        Membership.objects.create(workspace=people.workspace, user=user)
    program, seen, cursor = program_of("owner"), [], None
    for _ in range(10):
        page = program.get(
            "workspaces/acme/members", limit=3, **({"cursor": cursor} if cursor else {})
        ).json()
        seen += [item["name"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
        # Somebody leaves the list between two pieces: nobody after them is stepped over.
        Membership.objects.filter(user__name=seen[0]).exclude(user__name="Owner").delete()
    assert len(seen) == len(set(seen)) == 11


@pytest.mark.parametrize(
    "query",
    [
        {"cursor": "x"},
        {"cursor": "\x00"},
        {"cursor": "AAAA"},
        {"cursor": "ü"},
        {"cursor": "a" * 41},
        {"limit": 0},
        {"limit": 10**30},
        {"limit": "many"},
    ],
)
def test_a_wrong_cursor_or_limit(people, program_of, query):
    for path in ("members", "events"):
        answer = program_of("owner").get(f"workspaces/acme/{path}", **query)
        assert answer.status_code == 422, answer.content
        assert list(answer.json()["fields"]) == list(query)


def test_search_finds_what_its_scopes_open(people, program_of):
    documents.reindex()
    found = program_of("member", ["workspaces:read"]).get("workspaces/acme/search", q="adm").json()["items"]
    assert [(card["title"], card["type"]) for card in found] == [("Admin", "tenancy.membership")]
    assert program_of("guest").get("workspaces/acme/search", q="member").json()["items"] == []
    assert (
        program_of("member").get("workspaces/acme/search", q="adm", type="goals.lookback").json()["items"]
        == []
    )
    other = program_of("member", ["goals:read"]).get("workspaces/acme/search", q="adm")
    assert (other.status_code, other.json()["items"]) == (200, [])


@pytest.mark.parametrize("q", ["%", "'", "\\", "😀", "a" * 200, " "])
def test_any_search_is_answered(people, program_of, q):
    assert program_of("member").get("workspaces/acme/search", q=q).status_code == 200


@pytest.mark.parametrize("q", ["", "a" * 201, "\x00"])
def test_a_search_for_nothing_or_too_much(people, program_of, q):
    assert program_of("member").get("workspaces/acme/search", q=q).status_code == 422


def test_the_stream_is_for_admins(people, program_of):
    for who in ("member", "guest"):
        problem(program_of(who).get("workspaces/acme/events"), 403, "denied")
    assert program_of("admin").get("workspaces/acme/events").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_the_stream_tells_everything_once_and_waits_for_more(people, program_of):
    program = program_of("owner")
    program_of("stranger")  # something happens elsewhere, too
    first = program.get("workspaces/acme/events", limit=200).json()
    assert [event["name"] for event in first["items"]] == [
        "workspaces.token_created",
        "workspaces.token_used",
    ]
    event = first["items"][0]
    assert event["actor"] == {"id": str(people.owner.user.public_id), "kind": "person", "name": "Owner"}
    assert event["subject"]["type"] == "workspaces.apitoken"
    assert "secret" not in str(event)
    again = program.get("workspaces/acme/events", cursor=first["next"]).json()
    assert again == {"items": [], "next": first["next"]}
    program.do(ROLE, people.member, {"role": "guest"})
    program.do(ROLE, people.member, {"role": "admin"})
    later = program.get("workspaces/acme/events", cursor=again["next"], limit=1).json()
    last = program.get("workspaces/acme/events", cursor=later["next"], limit=1).json()
    assert [item["action"] for item in (*later["items"], *last["items"])] == [ROLE, ROLE]
    assert later["items"][0]["id"] != last["items"][0]["id"]
    assert later["items"][0]["via"] == "api"
    assert later["items"][0]["changed"] == ["role"]


@pytest.mark.django_db(transaction=True)
def test_the_stream_keeps_what_is_personal_and_what_the_token_is_not_for(people, program_of):
    everything = program_of("member")
    rows = "\n".join(f"2026-0{month}-{day:02},{day}" for month in (1, 2) for day in range(1, 29))
    for action, data in (
        ("notifications.preference.set", {"kind": "goals.result", "delivery": "off"}),
        ("goals.lookback.create", {"text": rows}),
    ):
        assert everything.do(action, data=data).status_code == 200
    kinds = []
    for more in ([], ["goals:read"], ["goals:read", "notifications:read"]):
        answer = program_of("owner", ["workspaces:read", *more]).get("workspaces/acme/events")
        kinds.append({item["name"].partition(".")[0] for item in answer.json()["items"]})
    assert kinds == [{"workspaces"}, {"workspaces", "goals"}, {"workspaces", "goals"}]
    assert Event.objects.filter(name="notifications.preference_set").exists()


def test_another_workspace_s_cursor_is_none_here(people, program_of):
    from tongpin.kernel import paging

    program_of("stranger")
    foreign = paging.encode(Event.objects.get(workspace=people.elsewhere).uid)
    answer = program_of("owner").get("workspaces/acme/events", cursor=foreign)
    problem(answer, 422, "cursor_unknown")


def test_who_left_is_listed_as_inactive(people, program_of):
    people.guest.deactivated_at = clock.now()
    people.guest.save()
    items = program_of("owner").get("workspaces/acme/members").json()["items"]
    assert [item["name"] for item in items if not item["active"]] == ["Guest"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_reading_changes_nothing(people, program_of, method):
    answer = program_of("owner").send(method, "workspaces/acme/members")
    problem(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET"
