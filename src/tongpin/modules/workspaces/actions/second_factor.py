"""Second factors: what is done to them beside what django-allauth writes when a person sets one up."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict

from tongpin.kernel import clock
from tongpin.kernel.actions.registry import action
from tongpin.kernel.errors import Invalid
from tongpin.kernel.events.recording import emit
from tongpin.kernel.mail import compose
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import User
from tongpin.modules.workspaces import events
from tongpin.modules.workspaces.fields import Email


class ResetSecondFactor(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: Email


@action("workspaces.second_factor.reset", permission="workspaces.server.manage", account=True, api=False)
def reset_second_factor(actor: Actor, data: ResetSecondFactor) -> User:
    """Take away every second factor of someone who has lost theirs; they sign in with their password and are told."""
    user = User.objects.filter(email=data.email).first()
    if user is None:
        raise Invalid(_("No account has this address."), field="email")
    gone, _kinds = Authenticator.objects.filter(user=user).delete()
    if not gone:
        raise Invalid(_("This person has no second step set up."), field="email")
    emit(events.SecondFactorChanged(kind="all", change="removed"), user)
    about = {"kind": "all", "change": "removed", "timestamp": clock.now()}
    compose.message(user, "workspaces/mail/account/second_factor", about).send()
    return user


def rewrite_secrets(change: Callable[[str], str]) -> int:
    """Pass every authenticator's secret through ``change`` (``kernel.keyring``); how many there are."""
    count = 0
    for row in Authenticator.objects.select_for_update().order_by("pk"):
        kept = {name: change(row.data[name]) for name in ("secret", "seed") if name in row.data}
        if kept:
            row.data.update(kept)
            row.save(update_fields=["data"])
            count += len(kept)
    return count
