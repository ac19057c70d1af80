"""Markup and template text in every text field of every action: it comes back as text, wherever it is shown."""

from __future__ import annotations

import inspect
import json
import re
from typing import Any, get_args

import pytest
from django.db import transaction
from pydantic import BaseModel

from tongpin.kernel.actions import door
from tongpin.kernel.actions.registry import registry
from tongpin.kernel.errors import DomainError
from tongpin.kernel.events import relay
from tongpin.kernel.mail.models import OutboxMail
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.goals.models import LookBack
from tongpin.modules.goals.tests.conftest import RESULT
from tongpin.modules.workspaces.models import Invitation

from .every import addresses
from .markup import hurtful, trace, would_run
from .places import SERIES, make

#: What an action needs besides the field that is tried. An action that is not here needs nothing.
NEEDED: dict[str, dict[str, Any]] = {
    "goals.lookback.create": {"text": SERIES, "launch": "2026-05-20", "window_days": 14},
    "goals.lookback.set_launch": {"launch": "2026-05-20"},
    "analytics.event.plan": {"name": "Planned"},
    "analytics.event.plan_property": {"name": "planned"},
    "analytics.dashboard.create": {"name": "Board"},
    "analytics.insight.create": {"name": "Trend", "question": {"kind": "trends", "series": [{}]}},
    "analytics.note.add": {"first": "2026-05-20", "text": "Note"},
    "analytics.segment.create": {"name": "Payers", "rule": {"who": [{"event": "paid"}]}},
    "workspaces.token.create": {"name": "CI", "scopes": ["goals:read"]},
    "workspaces.workspace.create": {"name": "New", "slug": "new-one"},
    "workspaces.project.create": {"name": "New"},
    "workspaces.member.invite": {"email": "x@acme.example", "role": "member"},
    "goals.lookback.record_failure": {"run": 1, "code": "internal"},
    "goals.lookback.record_progress": {"run": 1, "progress": 0.5, "step": "fit"},
}
#: Fields that take any text of a person. Whoever adds one writes it down here, and sees below that it is escaped.
FREE_TEXT = {
    "analytics.alert.edit name",
    "analytics.dashboard.create name",
    "analytics.dashboard.create description",
    "analytics.dashboard.edit name",
    "analytics.dashboard.edit description",
    "analytics.dashboard.add_tile text",
    "analytics.event.edit description",
    "analytics.event.plan description",
    "analytics.event.plan name",
    "analytics.event.plan_property description",
    "analytics.event.plan_property name",
    "analytics.insight.create name",
    "analytics.insight.create description",
    "analytics.insight.edit name",
    "analytics.insight.edit description",
    "analytics.note.add text",
    "analytics.note.edit text",
    "analytics.property.edit description",
    "analytics.segment.create name",
    "analytics.segment.create description",
    "analytics.segment.edit name",
    "analytics.segment.edit description",
    "analytics.source.create name",
    "analytics.source.edit name",
    "analytics.source.edit consent_property",
    "analytics.source.edit allow_events",
    "analytics.source.edit deny_events",
    "analytics.source.edit allow_properties",
    "analytics.source.edit deny_properties",
    "analytics.source.add_key value",
    "digests.robot.edit name",
    "discussions.comment.edit text",
    "goals.lookback.create title",
    "goals.lookback.create metric",
    "goals.lookback.create unit",
    "goals.lookback.create source_name",
    "goals.lookback.create others.label",
    "goals.lookback.create answers",
    "goals.lookback.interpret text",
    "goals.lookback.rename title",
    "goals.lookback.set_launch others.label",
    "workspaces.profile.edit name",
    "workspaces.department.create name",
    "workspaces.department.edit name",
    "workspaces.project.create name",
    "workspaces.project.create purpose",
    "workspaces.project.edit name",
    "workspaces.project.edit purpose",
    "workspaces.token.create name",
    "workspaces.workspace.create name",
    "workspaces.workspace.edit name",
}
WORD = re.compile(r"alert\((\d+)\)|src=x(\d+)")


def text_fields(model: type[BaseModel], before: str = "") -> list[tuple[str, int | None]]:
    """(dotted name, most characters) of every text in the input, those inside lists and mappings too."""
    found = []
    for name, field in model.model_fields.items():
        kinds = _kinds(field.annotation)
        limits = [getattr(m, "max_length", None) for m in [*field.metadata, *kinds]]
        room = next((most for most in limits if most is not None), None)
        if str in kinds:
            found.append((f"{before}{name}", room))
        for kind in kinds:
            if inspect.isclass(kind) and issubclass(kind, BaseModel):
                found += text_fields(kind, f"{before}{name}.")
    return found


def _kinds(annotation: Any) -> list[Any]:
    """Every type and marker in an annotation, flattened."""
    parts = (*get_args(annotation), *getattr(annotation, "__metadata__", ()))
    return [annotation, *(kind for part in parts for kind in _kinds(part))]


def filled(name: str, field: str, text: str) -> dict[str, Any]:
    first, _, inner = field.partition(".")
    data = dict(NEEDED.get(name, {}))
    kind = str(registry[name].input.model_fields[first].annotation)
    value: Any = text
    if inner:
        value = [{inner: text, **({"day": "2026-05-01"} if inner == "label" else {})}]
    elif kind.startswith("dict"):
        value = {text: text}
    elif "list[" in kind:
        value = [text]
    return data | {first: value}


@pytest.fixture
def planted(people):
    """All fields of all actions tried by the owner of acme and of the server: field → number of what was kept."""
    people.owner.user.owns_server = True
    people.owner.user.save()
    targets = make(people)
    owner = Actor.for_member(people.owner)
    draft = LookBack.objects.get(public_id=targets[LookBack])
    other = door.run_named("goals.lookback.create", owner, NEEDED["goals.lookback.create"]).value
    conclude(other)
    kept: dict[str, int] = {}
    for n, (name, field, room) in enumerate(every_field(), start=10):
        action = registry[name]
        target = targets[action.target] if action.target else None
        if name == "goals.lookback.interpret":
            target = other
        try:
            with transaction.atomic():
                door.run(action, owner, filled(name, field, hurtful(n, room)), target=target)
                kept[f"{name} {field}"] = n
        except DomainError:
            continue
    for row in LookBack.objects.filter(deleted_at=None).exclude(pk=draft.pk):
        conclude(row)
    relay.run_once(own_uncommitted=True)
    # Mails that carry the names just planted.
    for email in ("one@acme.example", "two@acme.example"):
        door.run_named(
            "workspaces.member.invite", Actor.for_member(people.owner), {"email": email, "role": "guest"}
        )
    door.run_named("workspaces.member.change_role", owner, {"role": "member"}, target=people.admin.public_id)
    door.run_named("workspaces.member.change_role", owner, {"role": "admin"}, target=people.admin.public_id)
    relay.run_once(own_uncommitted=True)
    return kept, targets


def conclude(row: LookBack) -> None:
    """Give it a result without computing one."""
    row.result, row.state, row.word = json.loads(RESULT.read_text()), "done", "met"
    row.save()


def every_field() -> list[tuple[str, str, int | None]]:
    return [
        (name, field, room)
        for name in sorted(registry)
        if not name.startswith("testing.")
        for field, room in text_fields(registry[name].input)
    ]


def test_every_text_field_is_known(planted):
    kept, _targets = planted
    assert set(kept) == FREE_TEXT


def test_none_of_it_runs_on_any_page(planted, people, client_of):
    kept, targets = planted
    broken, shown, opened = [], set(), 0
    pages = [address for address, _view in addresses(targets)]
    rows = list(LookBack.objects.filter(deleted_at=None).values_list("public_id", flat=True))
    pages += [f"/w/acme/lookback/?peek={row}" for row in rows]
    for row in rows:
        pages += [f"/w/acme/lookback/{row}/{part}" for part in ("", "peek/", "rename/", "days.csv")]
    pages += [
        "/w/acme/lookback/new/?from=" + str(targets[LookBack]),
        "/w/acme/palette?q=alert",
        "/w/acme/palette?q=src",
    ]
    for who in ("owner", "admin"):
        client = client_of(who)
        for address in pages:
            for htmx in ({}, {"HX-Request": "true"}):
                answer = client.get(address, headers=htmx)
                picture = answer.headers.get("Content-Type", "").startswith("image/")
                if answer.status_code in {200, 422} and not answer.streaming and not picture:
                    opened += 1
                    kind, page = answer.headers["Content-Type"], answer.content.decode()
                    shown |= {int(a or b) for a, b in WORD.findall(page)}
                    if kind.startswith("text/html"):
                        broken += [f"{address}: {what}" for what in would_run(page)]
                        if "{{7*7}}" not in page and "alert(" in page and ">49<" in page:
                            broken.append(f"{address}: a template was run")
                    else:
                        assert answer.headers["X-Content-Type-Options"] == "nosniff", address
    assert broken == []
    assert opened > 60
    seen = {field for field, n in kept.items() if n in shown}
    # Not on any page: what a later value has replaced, and what is only used while reading.
    assert FREE_TEXT - seen <= {"goals.lookback.create answers", "goals.lookback.create others.label"}


def test_nor_in_any_mail(planted):
    kept, _targets = planted
    mails = list(OutboxMail.objects.all())
    assert len(mails) > 2
    shown = {int(a or b) for mail in mails for a, b in WORD.findall(mail.html)}
    assert kept["workspaces.workspace.edit name"] in shown
    assert kept["workspaces.profile.edit name"] in shown
    assert [what for mail in mails for what in would_run(mail.html)] == []
    assert all("\n" not in mail.subject for mail in mails)


def test_nor_on_the_page_an_invited_stranger_sees(planted, people, client, actor_of):
    kept, _targets = planted
    row = door.run_named("workspaces.invitation.create_link", actor_of("owner"), {}).value
    assert isinstance(row, Invitation)
    page = client.get(f"/invite/{row.secret}/").content.decode()
    assert trace(kept["workspaces.workspace.edit name"]) in page
    assert would_run(page) == []


@pytest.mark.parametrize(
    "page",
    [
        hurtful(1),
        "<p onclick='x'>",
        "<a href=' java\nscript:x'>",
        "<script>alert(1)</script>",
        '<script type="application/json">{"a": "</script><img src=x>"}</script>',
        '<input value="\'"><img src=x1>">',
    ],
)
def test_the_reader_sees_what_runs(page):
    assert would_run(page)


def test_the_reader_lets_pass_what_is_escaped():
    assert (
        would_run('<p title="&#x27;&quot;&gt;&lt;img src=x1&gt;">&lt;script&gt;alert(1)&lt;/script&gt;</p>')
        == []
    )
    assert would_run('<script type="application/json">{"a": "\\u003Cimg src=x\\u003E"}</script>') == []
