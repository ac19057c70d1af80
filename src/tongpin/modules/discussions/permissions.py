"""Who may do what in a discussion. Whoever sees an object may speak about it, guests too."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from tongpin.kernel.authz import ADMINS, ANYONE, MEMBERS, declare, describe_scopes
from tongpin.kernel.tenancy.actor import Actor


def _wrote_it(actor: Actor, row: Any) -> bool:
    return actor.user is not None and row.author_id == actor.user.pk


describe_scopes("discussions", read=_("Read comments"), write=_("Write comments, react, nudge and copy in"))
declare("discussions.comment.view", ANYONE)
declare("discussions.comment.write", ANYONE)
declare("discussions.comment.edit", when=_wrote_it)
declare("discussions.comment.delete", ADMINS, when=_wrote_it)
declare("discussions.comment.resolve", MEMBERS, when=_wrote_it)
declare("discussions.comment.react", ANYONE)
declare("discussions.object.watch", ANYONE, people=True)
declare("discussions.object.nudge", MEMBERS)
declare("discussions.object.cc", MEMBERS)
KEEP = declare("discussions.discussion.keep")
"""Only the server itself."""
