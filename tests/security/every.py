"""Every address of the server, with its parts filled in."""

from __future__ import annotations

import re

from django.urls import get_resolver

from tests.architecture.test_running import patterns
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.analytics.models import (
    Alert,
    Customer,
    Dashboard,
    Erasure,
    EventFile,
    EventImport,
    EventName,
    EventProperty,
    Insight,
    Note,
    Segment,
    Source,
    SourceKey,
    Tile,
)
from tongpin.modules.digests.models import Message, Report, Robot
from tongpin.modules.discussions.models import Comment
from tongpin.modules.goals.models import LookBack
from tongpin.modules.notifications.models import Browser, MutedThread, Notification
from tongpin.modules.relations.models import Relation
from tongpin.modules.workspaces.models import ApiToken, Department, Invitation, WorkspaceToken

from .places import KEY

OWNERS_OF_IDS = {
    "alert": Alert,
    "browser": Browser,
    "comment": Comment,
    "customer": Customer,
    "erasure": Erasure,
    "department": Department,
    "lookback": LookBack,
    "message": Message,
    "robot": Robot,
    "report": Report,
    "event_file": EventFile,
    "event_import": EventImport,
    "event_property": EventProperty,
    "event_name": EventName,
    "tile": Tile,
    "insight": Insight,
    "note": Note,
    "segment": Segment,
    "dashboard": Dashboard,
    "source": Source,
    "source_key": SourceKey,
    "member": Membership,
    "invitation": Invitation,
    "token": ApiToken,
    "workspace_token": WorkspaceToken,
    "notification": Notification,
    "relation": Relation,
    "muted": MutedThread,
}
WORDS = {
    "key": KEY,
    "kind": "goals.lookback",
    "insight_kind": "trends",
    "about_type": "goals.lookback",
    "language": "en",
    "verb": "read",
    "provider_id": "oidc",
}


def addresses(targets, *, api: bool = False) -> list[tuple[str, object]]:
    """(address, view) of all pages, or of the API; ids are those of ``targets`` (``places.make``)."""
    found = [(fill(pattern, targets), view) for pattern, view in patterns(get_resolver())]
    return [(address, view) for address, view in found if address.startswith("/api/") == api]


def fill(pattern: str, targets) -> str:
    """The pattern with acme's slug and the ids of acme's rows; other parts get a plain word."""
    plain = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<str:\1>", pattern.replace("^", "").replace("$", ""))

    def part(found: re.Match[str]) -> str:
        converter, _, name = found[1].rpartition(":")
        if name == "slug":
            return "acme"
        if converter == "uuid":
            models = [model for word, model in OWNERS_OF_IDS.items() if word in (name, *plain.split("/"))]
            return str(targets[models[0] if models else LookBack])
        return "1" if converter == "int" else WORDS.get(name, "word")

    return "/" + re.sub(r"<([^>]+)>", part, plain)
