"""From where people come in, and for how long: every door, for everyone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client, override_settings

from tongpin.kernel import clock
from tongpin.kernel.errors import Conflict, Denied, Invalid
from tongpin.kernel.events import stream
from tongpin.kernel.events.models import Event
from tongpin.kernel.realtime import hub, viewers
from tongpin.kernel.realtime.subscription import Subscription
from tongpin.kernel.tenancy import entry
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Via
from tongpin.modules.workspaces.actions.member import change_role
from tongpin.modules.workspaces.actions.security import edit_security
from tongpin.modules.workspaces.actions.token import create_token
from tongpin.modules.workspaces.browsers import NoteBrowser
from tongpin.modules.workspaces.queries.audit import Filters, everything

from .denied import denied, unchanged

pytestmark = pytest.mark.django_db
PAGE = "/w/acme/settings/security/"
OFFICE = "10.1.0.0/16"


def at(member, ip: str | None, via: Via = Via.WEB) -> Actor:
    return Actor.for_member(member, via, ip=ip)


def edit(actor: Actor, **data):
    return edit_security.run(actor, data, target=actor.workspace)


@pytest.fixture
def office(people):
    people.workspace.allowed_networks = [OFFICE, "2001:db8::/32"]
    people.workspace.save()
    return people.workspace


@pytest.fixture
def signed_in(people):
    """A browser signed in by the page, with every process's memory of it forgotten at each request."""

    def browser(who: str) -> Client:
        made = Client()
        data = {"login": people.of(who).user.email, "password": "correct horse battery"}
        assert made.post("/accounts/login/", data).status_code == 302
        return made

    return browser


@pytest.fixture(autouse=True)
def forgetful(monkeypatch):
    monkeypatch.setattr(NoteBrowser, "_is_due", lambda self, key: True)


@pytest.mark.parametrize("who", ["member", "guest", "stranger"])
@pytest.mark.parametrize("data", [{"allowed_networks": [OFFICE]}, {"session_hours": 8}, {"idle_minutes": 15}])
def test_only_owners_and_admins_set_them(who, data, people, actor_of):
    denied(edit_security, actor_of(who), data, people.workspace)


@pytest.mark.parametrize(
    ("ip", "inside"),
    [
        ("10.1.2.3", True), ("10.2.0.1", False), ("::ffff:10.1.2.3", True), ("2001:db8::1", True),
        ("2001:db9::1", False), (None, False), ("unix:", False),
    ],
)  # fmt: skip
def test_which_addresses_lie_inside(ip, inside):
    assert entry.lets_in([OFFICE, "2001:db8::/32"], ip) is inside


def test_no_list_lets_everyone_in():
    assert entry.lets_in([], None)


def test_networks_are_written_out_once(people):
    saved = edit(
        at(people.owner, "10.1.2.3"), allowed_networks=["10.1.2.3/16", "10.1.0.0/16", " 2001:DB8::1 "]
    ).value
    assert saved.allowed_networks == ["10.1.0.0/16", "2001:db8::1/128"]


@pytest.mark.parametrize("text", ["10.1.2", "10.0.0.0/33", "office", "10.0.0.1-10.0.0.9"])
def test_what_is_no_network_is_refused(people, text):
    actor = at(people.owner, "10.1.2.3")
    unchanged(lambda: edit(actor, allowed_networks=[OFFICE, text]), Invalid)


def test_a_list_that_would_lock_oneself_out_is_refused(people):
    unchanged(lambda: edit(at(people.owner, "203.0.113.9"), allowed_networks=[OFFICE]), Conflict)


def test_the_command_line_mends_what_shut_everyone_out(people, office):
    outcome = edit(at(people.owner, None, Via.CLI), allowed_networks=[])
    assert outcome.value.allowed_networks == []


def test_a_page_is_refused_in_words_and_it_is_noted(people, office, client_of):
    answer = client_of("member").get("/w/acme/members/", REMOTE_ADDR="203.0.113.9")
    assert answer.status_code == 403
    assert "203.0.113.9" in answer.content.decode()
    noted = next(iter(everything(Actor.for_member(people.owner), Filters(kind="access"))))
    assert (noted.event.ip, noted.event.actor) == ("203.0.113.9", people.member.user)
    assert noted.event.payload == {"address": "/w/acme/members/", "code": "address_not_allowed"}
    assert client_of("member").get("/w/acme/members/", REMOTE_ADDR="10.1.9.9").status_code == 200


def test_owners_are_not_let_in_either_nor_is_the_shell_shown(people, office, client_of):
    browser = client_of("owner")
    assert browser.get("/w/acme/settings/", REMOTE_ADDR="203.0.113.9").status_code == 403
    browser.cookies["tongpin_workspace"] = "acme"
    own = browser.get("/profile/", REMOTE_ADDR="203.0.113.9")
    assert own.status_code == 200
    assert "/w/acme/members/" not in own.content.decode()
    assert "/w/acme/members/" in browser.get("/profile/", REMOTE_ADDR="10.1.0.1").content.decode()


def test_a_token_is_no_way_round(people, office, actor_of):
    made = create_token.run(actor_of("member"), {"name": "robot", "scopes": ["workspaces:read"]}).value
    bearer = {"Authorization": f"Bearer {made.secret}"}
    where = "/api/v1/workspaces/acme"
    refused = Client().get(where, headers=bearer, REMOTE_ADDR="203.0.113.9")
    assert (refused.status_code, refused.json()["code"]) == (403, "address_not_allowed")
    assert Client().get(where, headers=bearer, REMOTE_ADDR="10.1.0.9").status_code == 200


def test_live_hints_reach_only_those_inside(people, office, actor_of):
    change_role.run(actor_of("owner"), {"role": "guest"}, target=people.member)
    viewer = viewers.viewers([people.admin.user.pk])[people.admin.user.pk]
    batch = hub._addressed(list(Event.objects.all()), [viewer])
    heard = {}
    for ip in ("10.1.0.9", "203.0.113.9", None):
        subscription = Subscription("key", viewer, stream.START, ip)
        heard[ip] = sum(hub._offer(subscription, hint, batch) for hint in batch.hints)
    assert heard == {"10.1.0.9": 1, "203.0.113.9": 0, None: 0}


def test_the_page_keeps_what_was_typed(people, client_of):
    browser = client_of("owner")
    answer = browser.post(f"{PAGE}networks/", {"allowed_networks": "10.1.0.0/16\noffice"})
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "10.1.0.0/16\noffice</textarea>" in shown
    assert "“office” is not an address or network." in shown
    answer = browser.post(f"{PAGE}networks/", {"allowed_networks": "10.1.0.0/16"})
    assert answer.status_code == 422
    assert "you would lock yourself out" in answer.content.decode()
    assert browser.post(f"{PAGE}networks/", {"allowed_networks": "127.0.0.1，10.1.0.0/16"}).status_code == 200
    people.workspace.refresh_from_db()
    assert people.workspace.allowed_networks == ["127.0.0.1/32", "10.1.0.0/16"]


def test_sessions_are_set_on_the_page_and_taken_back(people, client_of, actor_of):
    client_of("admin").post(f"{PAGE}sessions/", {"session_hours": "8", "idle_minutes": "30"})
    people.workspace.refresh_from_db()
    assert (people.workspace.session_hours, people.workspace.idle_minutes) == (8, 30)
    outcome = edit(actor_of("admin"), session_hours=12)
    assert outcome.undo.data == {"session_hours": 8}
    assert client_of("admin").post(f"{PAGE}sessions/", {"session_hours": "7"}).status_code == 422


@pytest.mark.parametrize("minutes", [1, 4, 1441, -5])
def test_an_idle_limit_is_five_minutes_to_a_day(people, actor_of, minutes):
    unchanged(lambda: edit(actor_of("owner"), idle_minutes=minutes), Invalid)


def age(browser: Client, *, began: timedelta, seen: timedelta) -> None:
    rows = UserSession.objects.filter(session_key=browser.session.session_key)
    assert rows.update(created_at=clock.now() - began, last_seen_at=clock.now() - seen) == 1


@pytest.mark.parametrize(
    ("began", "seen", "status"),
    [(479, 29, 200), (481, 1, 302), (60, 31, 302)],
)
def test_a_session_ends_when_it_lasted_or_idled_too_long(people, signed_in, began, seen, status):
    people.workspace.session_hours, people.workspace.idle_minutes = 8, 30
    people.workspace.save()
    browser = signed_in("member")
    browser.get("/w/acme/members/")
    age(browser, began=timedelta(minutes=began), seen=timedelta(minutes=seen))
    answer = browser.get("/w/acme/members/")
    assert answer.status_code == status
    if status == 302:
        assert answer["Location"] == "/accounts/login/?next=/w/acme/members/"
        assert "_auth_user_id" not in browser.session
        assert "You were signed out" in browser.get(answer["Location"]).content.decode()
        assert Event.objects.filter(action="workspaces.session.expire").count() == 1


def test_the_strictest_workspace_counts_and_others_limits_do_not(people, signed_in):
    people.elsewhere.idle_minutes = 5
    people.elsewhere.save()
    browser = signed_in("member")
    browser.get("/w/acme/members/")
    age(browser, began=timedelta(days=10), seen=timedelta(days=9))
    assert browser.get("/w/acme/members/").status_code == 200


def test_a_page_that_refreshes_itself_is_not_somebody_there(people, signed_in):
    people.workspace.idle_minutes = 30
    people.workspace.save()
    browser = signed_in("member")
    browser.get("/w/acme/members/")
    age(browser, began=timedelta(hours=1), seen=timedelta(minutes=29))
    assert browser.get("/w/acme/members/", headers={"Tongpin-Refresh": "1"}).status_code == 200
    row = UserSession.objects.get(session_key=browser.session.session_key)
    assert clock.now() - row.last_seen_at > timedelta(minutes=28)
    browser.get("/w/acme/members/")
    row.refresh_from_db()
    assert clock.now() - row.last_seen_at < timedelta(minutes=1)


@pytest.mark.parametrize("password", ["password12", "shenyinuo2026", "short-one", "13800138000"])
def test_poor_passwords_are_refused_at_sign_up(db, password):
    data = {"name": "shenyinuo", "email": "x@example.com", "password1": password}
    answer = Client().post("/accounts/signup/", data)
    assert answer.status_code == 200
    assert 'id="id_password1_errors"' in answer.content.decode()


def test_no_kinds_of_characters_are_asked_for(db):
    data = {"name": "Mu", "email": "x@example.com", "password1": "only lower case words"}
    assert Client().post("/accounts/signup/", data).status_code == 302


@override_settings(PASSWORD_LENGTH=15)
def test_the_pages_say_what_is_asked(people, client_of):
    words = "At least 15 characters. Common passwords and your own name are not taken."
    assert words in Client().get("/accounts/signup/").content.decode()
    assert words in client_of("member").get("/accounts/password/change/").content.decode()


def test_entry_refusals_are_a_kind_of_denied():
    assert issubclass(entry.Kept, Denied)
