"""How this module's events read in an activity list: after the name of who did it, about the object it is a list of."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils.translation import gettext as _

from tongpin.modules.relations.enums import Kind, Phrase
from tongpin.modules.workspaces.public import describe


def _words(payload: Any) -> str:
    return Phrase(Kind(payload.kind), payload.backward).words


def _other(payload: Any) -> tuple[str, uuid.UUID]:
    return payload.other_type, payload.other_id


def register() -> None:
    """Called once, from ``ready()``."""
    describe(
        "relations.relation_added",
        lambda p: _("added a link: %(words)s") % {"words": _words(p)},
        names=_other,
    )
    describe(
        "relations.relation_removed",
        lambda p: _("removed a link: %(words)s") % {"words": _words(p)},
        names=_other,
    )
