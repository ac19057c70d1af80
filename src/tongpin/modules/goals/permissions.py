from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from tongpin.kernel.authz import ADMINS, ANYONE, MEMBERS, declare, describe_scopes
from tongpin.kernel.tenancy.actor import Actor


def _own(actor: Actor, row: Any) -> bool:
    """Whoever wrote it or answers for it."""
    return actor.user is not None and actor.user.pk in (row.author_id, row.owner_id)


describe_scopes("goals", read=_("Read look backs"), write=_("Make and change look backs"))
declare("goals.home.view", ANYONE)
declare("goals.lookback.view", ANYONE)
# A guest may ask about its own numbers too; ``visible_to`` shows it nobody else's.
declare("goals.lookback.create", ANYONE)
declare("goals.lookback.edit", ADMINS, when=_own)
declare("goals.lookback.interpret", MEMBERS, when=_own)
# Results are written by the server alone: no role holds this.
declare("goals.lookback.record")
