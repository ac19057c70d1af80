"""What a workspace asks of everyone who enters it, whatever their role: its security settings.

``Actor.in_workspace`` asks at every page, the API at every call, the live stream at every hint. The command line and
the server itself are let in: whoever runs them can read the database anyway, and mend what shut people out.
"""

from __future__ import annotations

from collections.abc import Iterable

from allauth.mfa.models import Authenticator
from django.utils.translation import gettext_lazy as _

from tongpin.kernel.errors import Denied
from tongpin.kernel.tenancy.models import User, Workspace

#: What counts as a second step; recovery codes only stand in for one.
SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class SecondFactorMissing(Denied):
    """The workspace asks for a second step, and this person has none set up."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(
            _("%(name)s asks for two-step sign-in.") % {"name": workspace.name},
            code="second_factor_missing",
            hint=_("Set it up on your Security page, then come back."),
        )


def with_second_factor(user_ids: Iterable[int]) -> set[int]:
    """Those of these people who have a second step set up."""
    rows = Authenticator.objects.filter(user__in=set(user_ids), type__in=SECOND_FACTORS)
    return set(rows.values_list("user_id", flat=True))


def require(workspace: Workspace, user: User | None) -> None:
    """Raise SecondFactorMissing where the workspace's settings keep this person out."""
    if workspace.second_factor_required and user is not None and not with_second_factor([user.pk]):
        raise SecondFactorMissing(workspace)
