"""How the events of tokens read on the activity page: after the name of who did it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tongpin.modules.workspaces.queries.activity import describe


def _rotated(said: Any) -> str:
    if not said.grace_hours:
        return _("gave the workspace token “%(name)s” a new secret; the old one stopped") % {
            "name": said.name
        }
    return ngettext(
        "gave the workspace token “%(name)s” a new secret; the old one works for %(hours)d more hour",
        "gave the workspace token “%(name)s” a new secret; the old one works for %(hours)d more hours",
        said.grace_hours,
    ) % {"name": said.name, "hours": said.grace_hours}


def register() -> None:
    """Called from ``ready()``."""
    describe(
        "workspaces.token_created",
        lambda p: (
            ngettext(
                "made the API token “%(name)s” with %(count)d scope",
                "made the API token “%(name)s” with %(count)d scopes",
                len(p.scopes),
            )
            % {"name": p.name, "count": len(p.scopes)}
        ),
    )
    describe("workspaces.token_used", lambda p: _("used the API token “%(name)s”") % {"name": p.name})
    describe("workspaces.token_revoked", lambda p: _("revoked the API token “%(name)s”") % {"name": p.name})
    describe(
        "workspaces.token_issued",
        lambda p: (
            ngettext(
                "made the workspace token “%(name)s” with %(count)d scope",
                "made the workspace token “%(name)s” with %(count)d scopes",
                len(p.scopes),
            )
            % {"name": p.name, "count": len(p.scopes)}
        ),
    )
    describe("workspaces.token_rotated", _rotated)
