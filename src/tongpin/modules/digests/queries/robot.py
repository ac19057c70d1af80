"""Robots and their messages as pages and the queue read them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tongpin.kernel import authz, paging
from tongpin.kernel.errors import NotFound
from tongpin.kernel.events.models import Event
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership, Workspace
from tongpin.kernel.upkeep.contacts import Outgoing
from tongpin.modules.digests.enums import MessageState, VendorName, Why
from tongpin.modules.digests.models import Message, Robot, Update
from tongpin.modules.workspaces.public import Project, projects_seen_by


def with_owner(rows: QuerySet[Robot]) -> QuerySet[Robot]:
    """The rows with all that sending and showing them needs."""
    return rows.select_related("workspace", "project", "owner__user", "owner__workspace")


def lost_right(row: Robot) -> Why | None:
    """Why a robot may not send: its owner left, or no longer sees the project. None if it may."""
    owner: Membership = row.owner
    if owner.deactivated_at is not None or not owner.user.is_active:
        return Why.OWNER_LEFT
    seen = projects_seen_by(Actor.for_member(owner)).filter(pk=row.project_id)
    if row.project.deleted_at is None and not seen.exists():
        return Why.OWNER_OUT
    return None


def _shown(rows: QuerySet[Robot]) -> QuerySet[Robot]:
    """The rows with ``waiting`` (updates), ``failed`` (messages) and ``last_sent``."""
    waiting = Update.objects.filter(robot=OuterRef("pk"), message=None)
    messages = Message.objects.filter(robot=OuterRef("pk"))
    failed = messages.filter(state=MessageState.FAILED, is_test=False)
    return with_owner(rows).annotate(
        waiting=_count(waiting),
        failed=_count(failed),
        last_sent=Subquery(messages.filter(sent_at__isnull=False).order_by("-id").values("sent_at")[:1]),
    )


def _count(rows: QuerySet[Any]) -> Coalesce:
    return Coalesce(Subquery(rows.order_by().values("robot").annotate(n=Count("pk")).values("n")), 0)


def of_project(actor: Actor, project: Project) -> list[Robot]:
    """A project's robots, oldest first."""
    rows = _shown(Robot.objects.visible_to(actor).filter(project=project))
    return list(rows.order_by("pk"))


def everywhere(actor: Actor, cursor: str = "", limit: int = paging.LIMIT) -> paging.Page[Robot]:
    """All robots of the workspace that the actor may see, by project. Raises Invalid (cursor)."""
    rows = _shown(Robot.objects.visible_to(actor))
    return paging.ordered(rows, ("project__pinyin", "name"), cursor, limit)


def robot(actor: Actor, project: Project, public_id: uuid.UUID) -> Robot:
    """One of a project's robots. Raises NotFound."""
    row = _shown(Robot.objects.visible_to(actor).filter(project=project, public_id=public_id)).first()
    if row is None:
        raise NotFound
    return row


def messages(actor: Actor, row: Robot, cursor: str = "", limit: int = 30) -> paging.Page[Message]:
    """What a robot sent or tried to, newest first. Raises Invalid (cursor)."""
    rows = Message.objects.visible_to(actor).filter(robot=row)
    return paging.page(rows, cursor, limit, newest_first=True)


def message(actor: Actor, row: Robot, public_id: uuid.UUID) -> Message:
    """One of a robot's messages. Raises NotFound."""
    found = Message.objects.visible_to(actor).filter(robot=row, public_id=public_id).first()
    if found is None:
        raise NotFound
    return found  # type: ignore[no-any-return]


def at_work_in(workspaces: Sequence[Workspace | None]) -> list[Robot]:
    """Robots that send, of these workspaces."""
    rows = Robot.objects.at_work().filter(workspace__in=[w for w in workspaces if w is not None])
    return list(with_owner(rows).order_by("pk"))


def keepers(row: Robot) -> list[Membership]:
    """Whoever may open the robot's page: the workspace's owners and admins, and the project's leads."""
    members = Membership.objects.active().filter(workspace=row.workspace_id).select_related("workspace")
    leads = row.project.members.filter(role="lead").values("membership")
    return list(members.filter(Q(role__in=authz.ADMINS) | Q(pk__in=leads)).order_by("pk"))


def told_of(event: Event) -> list[Membership]:
    """Who hears that a robot stopped: its owner; where the owner is gone, the project's lead, else the admins."""
    row: Any = with_owner(Robot.objects.filter(public_id=event.subject_id)).first()
    if row is None:
        return []
    members = Membership.objects.active().filter(workspace=row.workspace).select_related("user", "workspace")
    owner = list(members.filter(pk=row.owner_id))
    if owner and lost_right(row) is None:
        return owner
    leads = list(members.filter(pk__in=row.project.members.filter(role="lead").values("membership")))
    return leads or list(members.filter(role__in=["owner", "admin"]))


def outgoing() -> Iterator[Outgoing]:
    """The vendors that robots of this server post to, and how the last posts to each went: for the server's owner."""
    rows = Robot.objects.filter(deleted_at=None).values("vendor").annotate(n=Count("pk")).order_by("vendor")
    for row in rows:
        posts = Message.objects.filter(robot__vendor=row["vendor"])
        sent = posts.filter(state=MessageState.SENT).aggregate(at=Max("sent_at"))["at"]
        failed = posts.filter(state=MessageState.FAILED).order_by("-pk").first()
        words = ngettext("%(n)d robot", "%(n)d robots", row["n"]) % {"n": row["n"]}
        yield Outgoing(
            label=_("Group robots: %(vendor)s") % {"vendor": VendorName(row["vendor"]).label},
            to=words,
            good_at=sent,
            bad_at=failed.created_at if failed else None,
            why=str(Why(failed.why).label) if failed and failed.why else "",
        )
