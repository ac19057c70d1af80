from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from tongpin.kernel.authz import ADMINS, ANYONE, MEMBERS, declare, describe_scopes
from tongpin.kernel.tenancy.actor import Actor


def _wrote_it(actor: Actor, row: Any) -> bool:
    return actor.user is not None and row.author_id == actor.user.pk


describe_scopes("goals", read=_("Read look backs"), write=_("Make and change look backs"))
declare("goals.home.view", ANYONE)
declare("goals.lookback.view", ANYONE)
# A guest may ask about its own numbers too; ``visible_to`` shows it nobody else's.
declare("goals.lookback.create", ANYONE)
declare("goals.lookback.edit", ADMINS, when=_wrote_it)
declare("goals.lookback.interpret", MEMBERS, when=_wrote_it)
# Results are written by the server alone: no role holds this.
declare("goals.lookback.record")
