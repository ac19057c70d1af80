"""How many invitations were mailed: by the events that say so."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from tongpin.kernel.events.models import Event
from tongpin.kernel.tenancy.models import Workspace
from tongpin.modules.workspaces.models import Invitation

_MAILED = ("workspaces.invitation_created", "workspaces.invitation_resent")


def _mailed(since: datetime) -> QuerySet[Event]:
    """An invitation by link has no address and was not mailed; an imported one may wait for its mail."""
    rows = Event.objects.filter(name__in=_MAILED, at__gt=since).exclude(payload__email="")
    return rows.filter(Q(payload__mailed=True) | Q(payload__mailed__isnull=True))


def mails_to(email: str, *, since: datetime) -> list[datetime]:
    """When invitations went to this address, from any workspace, oldest first."""
    rows = Invitation.objects.filter(email=email).values("public_id")
    about = _mailed(since).filter(subject_type=Invitation._meta.label_lower, subject_id__in=rows)
    return list(about.order_by("at").values_list("at", flat=True))


def mails_from(workspace: Workspace, *, since: datetime) -> int:
    """How many invitations the workspace has mailed."""
    return _mailed(since).filter(workspace=workspace).count()
