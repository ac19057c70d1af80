"""Sources through the door and the pages: who may, what is refused, what each change does."""

from __future__ import annotations

import orjson
import pytest
from django.db import connection

from tongpin.kernel import clock
from tongpin.kernel.actions.door import run_named
from tongpin.kernel.errors import Conflict, Denied, Invalid, NotFound
from tongpin.kernel.events.models import Event
from tongpin.modules.analytics.actions import source as actions
from tongpin.modules.analytics.models import Sighting, Source, SourceKey

PAGE = "/w/acme/settings/sources/"


@pytest.fixture
def source(people, actor_of):
    return actions.create_source.run(actor_of("owner"), {"name": "官网"}).value


def snapshot():
    return [list(model.objects.order_by("pk").values()) for model in (Source, SourceKey, Event)]


ON_SOURCE = [
    (actions.edit_source, {"name": "x"}),
    (actions.pause_source, {}),
    (actions.resume_source, {}),
    (actions.delete_source, {}),
    (actions.add_key, {}),
]


@pytest.mark.parametrize("who", ["member", "guest", "stranger"])
@pytest.mark.parametrize(("action", "data"), ON_SOURCE, ids=lambda v: getattr(v, "name", ""))
def test_only_owners_and_admins_set_sources_up(action, data, who, source, actor_of):
    before = snapshot()
    with pytest.raises((Denied, NotFound)):
        action.run(actor_of(who), data, target=source)
    assert snapshot() == before


@pytest.mark.parametrize("who", ["member", "guest", "stranger"])
def test_others_touch_no_key_and_bring_nothing_back(who, source, actor_of):
    key = source.keys.get()
    actions.retire_key.run(
        actor_of("owner"), {}, target=actions.add_key.run(actor_of("owner"), {}, target=source).value
    )
    retired = source.keys.exclude(pk=key.pk).get()
    actions.delete_source.run(actor_of("admin"), {}, target=source)
    before = snapshot()
    with pytest.raises((Denied, NotFound)):
        actions.restore_source.run(actor_of(who), {}, target=source.public_id)
    assert snapshot() == before
    actions.restore_source.run(actor_of("admin"), {}, target=source.public_id)
    before = snapshot()
    for action, target in ((actions.retire_key, key), (actions.revive_key, retired)):
        with pytest.raises((Denied, NotFound)):
            action.run(actor_of(who), {}, target=target)
    assert snapshot() == before


@pytest.mark.parametrize("who", ["member", "guest"])
def test_only_owners_and_admins_make_sources(who, people, actor_of):
    with pytest.raises(Denied):
        actions.create_source.run(actor_of(who), {"name": "x"})
    assert not Source.objects.exists()


@pytest.mark.parametrize(
    ("who", "status"),
    [("owner", 200), ("admin", 200), ("member", 200), ("guest", 403), ("stranger", 404), ("nobody", 302)],
)
def test_who_may_open_the_pages(client_of, source, who, status):
    for address in (PAGE, f"{PAGE}{source.public_id}/"):
        assert client_of(who).get(address).status_code == status


@pytest.mark.parametrize(
    ("who", "status"),
    [("owner", 200), ("admin", 200), ("member", 200), ("guest", 403), ("stranger", 404), ("nobody", 302)],
)
def test_who_may_see_what_arrives(client_of, source, who, status):
    assert client_of(who).get(f"{PAGE}{source.public_id}/live/").status_code == status
    looked = Event.objects.filter(name="analytics.personal_data_seen").count()
    assert looked == (1 if status == 200 else 0)


def test_what_arrives_is_shown_with_the_reason_of_a_refusal(client_of, source):
    for event, reason in (("paid <b>", ""), ("crawl", "bot")):
        body = {
            "e": event,
            "d": "u1",
            "p": {"plan": "<i>"},
            "r": reason,
            "w": "says it is one",
            "a": "/e/",
            "m": 2,
        }
        Sighting.objects.create(source=source.pk, at=clock.now(), body=orjson.dumps(body))
    page = client_of("member").get(f"{PAGE}{source.public_id}/live/").content.decode()
    assert page.count("paid &lt;b&gt;") == 1
    assert "&lt;i&gt;" in page
    assert "It came from a bot." in page
    assert page.index("crawl") < page.index("paid")


def test_a_member_sees_the_key_and_no_way_to_change_it(client_of, source):
    page = client_of("member").get(f"{PAGE}{source.public_id}/").content.decode()
    assert source.keys.get().value in page
    assert 'name="forward_to"' not in page
    assert "/pause/" not in page


def test_going_back_asks_for_the_source_again(client_of, source):
    assert "no-store" in client_of("owner").get(f"{PAGE}{source.public_id}/").headers["Cache-Control"]


def test_a_new_source_has_a_key_and_its_page_shows_the_code_with_it(client_of):
    answer = client_of("owner").post(PAGE, {"name": "商家端 🍜", "platform": "app"})
    assert answer.status_code == 204
    page = client_of("owner").get(answer.headers["HX-Redirect"]).content.decode()
    value = SourceKey.objects.get().value
    assert page.count(value) > 3
    assert f"PostHog(&quot;{value}&quot;" in page


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://App.Example.com/", ["https://app.example.com"]),
        ("*.example.com\n\nexample.org:8080\n*.example.com", ["*.example.com", "example.org:8080"]),
    ],
)
def test_origins_are_kept_in_one_form(client_of, source, given, kept):
    assert _save(client_of("owner"), source, allowed_origins=given).status_code == 200
    source.refresh_from_db()
    assert source.allowed_origins == kept


def _save(client, source, **changes):
    """Send the form as the page had it, with these changes."""
    page = client.get(f"{PAGE}{source.public_id}/")
    form = page.context["form"]
    data = {}
    for bound in form:
        value = (
            bound.field.prepare_value(bound.initial)
            if hasattr(bound.field, "prepare_value")
            else bound.initial
        )
        if value is True:
            value = "on"
        if value is not False and value is not None:
            data[bound.html_name] = value
            data[bound.html_initial_name] = value
    return client.post(f"{PAGE}{source.public_id}/", {**data, **changes})


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("allowed_origins", "https://exa mple.com"),
        ("allowed_origins", "javascript:alert(1)"),
        ("forward_to", "https://eu.i.posthog.com/path"),
        ("forward_to", "ftp://example.com"),
        ("retention_days", "-1"),
        ("rate_limit", "many"),
    ],
)
def test_a_refused_form_says_where_and_keeps_what_was_typed(client_of, source, field, given):
    answer = _save(client_of("owner"), source, **{field: given})
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {field}
    assert given in answer.content.decode()
    source.refresh_from_db()
    assert getattr(source, field) == Source._meta.get_field(field).get_default()


def test_names_of_events_are_kept_to_the_letter(client_of, source):
    assert _save(client_of("owner"), source, deny_events=" a \r\ncafé\r\n$auto*").status_code == 200
    source.refresh_from_db()
    assert source.deny_events == [" a ", "café", "$auto*"]


def test_two_people_change_different_settings(client_of, source):
    mine = client_of("owner")
    shown = mine.get(f"{PAGE}{source.public_id}/")
    assert _save(client_of("admin"), source, rate_limit="600").status_code == 200
    assert shown.context["form"].initial["rate_limit"] == 0
    data = {"name": "官网 2", "initial-name": "官网", "rate_limit": "0", "initial-rate_limit": "0"}
    data |= {"platform": "web", "initial-platform": "web", "ip_policy": "drop", "initial-ip_policy": "drop"}
    data |= {"country_from": "address", "initial-country_from": "address"}
    data |= {
        "retention_days": "0",
        "initial-retention_days": "0",
        "drop_bots": "on",
        "initial-drop_bots": "on",
    }
    data |= {"honour_opt_out": "on", "initial-honour_opt_out": "on"}
    assert mine.post(f"{PAGE}{source.public_id}/", data).status_code == 200
    source.refresh_from_db()
    assert (source.name, source.rate_limit) == ("官网 2", 600)


def test_a_key_of_another_source_is_refused_and_a_vendor_s_own_is_taken(client_of, source, actor_of):
    taken = source.keys.get().value
    other = actions.create_source.run(actor_of("owner"), {"name": "App"}).value
    with pytest.raises(Invalid) as error:
        actions.add_key.run(actor_of("owner"), {"value": taken}, target=other)
    assert "value" in error.value.fields
    answer = client_of("owner").post(f"{PAGE}{other.public_id}/keys/own/", {"value": taken})
    assert answer.status_code == 422
    assert (
        client_of("owner").post(f"{PAGE}{other.public_id}/keys/own/", {"value": " G-ABC123 "}).status_code
        == 200
    )
    key = other.keys.get(value="G-ABC123")
    assert not key.own
    client_of("owner").post(f"{PAGE}{other.public_id}/keys/{key.public_id}/retire/")
    key.refresh_from_db()
    assert key.retired_at is not None
    client_of("owner").post(f"{PAGE}{other.public_id}/keys/{key.public_id}/revive/")
    key.refresh_from_db()
    assert key.retired_at is None


def test_there_is_an_end_to_keys(source, actor_of):
    for _ in range(actions.MOST_KEYS - 1):
        actions.add_key.run(actor_of("owner"), {}, target=source)
    with pytest.raises(Conflict):
        actions.add_key.run(actor_of("owner"), {}, target=source)


@pytest.mark.parametrize("name", ["edit", "pause", "delete"])
def test_every_change_can_be_taken_back(source, actor_of, name):
    before = Source.objects.values().get(pk=source.pk)
    data = {"deny_events": ["x"], "forward_to": "https://example.com"} if name == "edit" else {}
    undo = run_named(f"analytics.source.{name}", actor_of("owner"), data, target=source).undo
    assert Source.objects.values().get(pk=source.pk) != before
    run_named(undo.action, actor_of("owner"), undo.data, target=undo.target)
    after = Source.objects.values().get(pk=source.pk)
    assert {k: v for k, v in after.items() if k != "version"} == {
        k: v for k, v in before.items() if k != "version"
    }


def test_a_change_is_announced_to_the_web_processes(source, actor_of, django_capture_on_commit_callbacks):
    with connection.execute_wrapper(heard := _Heard()):
        actions.pause_source.run(actor_of("owner"), {}, target=source)
    assert heard.channels == [actions.CHANNEL]


class _Heard:
    def __init__(self) -> None:
        self.channels: list[str] = []

    def __call__(self, execute, sql, params, many, context):
        if "pg_notify" in sql and params and params[0] == actions.CHANNEL:
            self.channels.append(params[0])
        return execute(sql, params, many, context)


def test_the_list_costs_the_same_with_one_source_and_with_three(
    client_of, source, actor_of, django_assert_num_queries
):
    client = client_of("owner")
    client.get(PAGE)
    with django_assert_num_queries(7):
        client.get(PAGE)
    for name in ("App", "API"):
        actions.create_source.run(actor_of("owner"), {"name": name})
    with django_assert_num_queries(7):
        client.get(PAGE)
