"""Rules that only the loaded project can show: addresses, models, payloads, actions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

from tongpin.kernel import authz
from tongpin.kernel.actions.registry import registry
from tongpin.kernel.events import payloads

PAYLOADS = Path(__file__).with_name("payloads.json")
ACTIONS = Path(__file__).with_name("actions.json")

# Libraries' views carry no decorator of ours; their access is their own and is tested from outside.
LIBRARIES = ("allauth.", "ninja.", "django.views.static")
# Rows of a person or of the server, not of one workspace.
NOT_OF_A_WORKSPACE: dict[str, str] = {}


def patterns(resolver, prefix=""):
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, prefix + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield prefix + str(entry.pattern), entry.callback


def test_every_address_declares_who_may_open_it():
    known = set(authz.permissions()) | {"public", "signed_in", "server_owner", "token"}
    undeclared = [
        f"{address}: {getattr(view, 'access', None)}"
        for address, view in patterns(get_resolver())
        if not view.__module__.startswith(LIBRARIES) and getattr(view, "access", None) not in known
    ]
    assert undeclared == []


#: Bytes on their way into the store, written thousands of times a second and shown by no page; the server's own salt;
#: and what a live page shows for minutes, read by way of a source the reader may see.
QUEUES = {
    "analytics.Arrival",
    "analytics.Batch",
    "analytics.DaySalt",
    "analytics.ParkedArrival",
    "analytics.Sighting",
}
#: Who is who among their ids: a user's page is named by the hash of any of them.
UNNAMED = QUEUES | {"analytics.DistinctId", "analytics.IdLink"}


def own_models():
    ours = (m for m in apps.get_models() if m.__module__.startswith("tongpin.modules"))
    return [m for m in ours if m._meta.label not in UNNAMED]


@pytest.mark.parametrize("model", own_models(), ids=lambda m: m._meta.label)
def test_a_module_row_belongs_to_a_workspace_and_is_seen_through_visible_to(model):
    assert hasattr(model._default_manager, "visible_to"), "its default manager has no visible_to(actor)"
    names = {field.name: field for field in model._meta.fields}
    assert "workspace" in names, "it has no workspace"
    assert not names["workspace"].null, "its workspace may be empty"
    assert "public_id" in names, "it has no public id"


def test_every_action_names_a_declared_permission_and_an_inverse_that_exists():
    declared = authz.permissions()
    for name, action in registry.items():
        assert action.permission in declared, name
        assert declared[action.permission].account == action.account, name
        assert action.inverse is None or action.inverse in registry, name
        assert action.doc, f"{name} does not say what it does"


def _pinned(file: Path, now: dict) -> None:
    """Compare with what is pinned; a deliberate change is written by deleting the file and running the test."""
    if not file.exists():
        file.write_text(json.dumps(now, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
        pytest.fail(f"{file.name} was missing and has been written: look at it and commit it")
    assert now == json.loads(file.read_text())


def test_payloads_are_pinned():
    kinds = {name: kind for name, kind in payloads.kinds().items() if not name.startswith("testing.")}
    _pinned(
        PAYLOADS,
        {
            name: {"v": k.v, "fields": {f: str(d.type) for f, d in k.payload.__dataclass_fields__.items()}}
            for name, k in kinds.items()
        },
    )


def test_actions_are_pinned():
    _pinned(
        ACTIONS,
        {
            name: {
                "permission": action.permission,
                "target": action.target._meta.label_lower if action.target else None,
                "inverse": action.inverse,
                "fields": sorted(action.input.model_fields),
            }
            for name, action in registry.items()
            if not name.startswith("testing.")
        },
    )
