"""Who hears of an object: watching, copying others in 抄送, and nudging 催办."""

from __future__ import annotations

import uuid
from typing import Annotated
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from pydantic import Field, StringConstraints

from tongpin.kernel import clock
from tongpin.kernel.actions.registry import action
from tongpin.kernel.errors import Conflict, Invalid
from tongpin.kernel.events.recording import emit
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.discussions import events
from tongpin.modules.discussions.actions.about import About, members_who_see, open_discussion, own
from tongpin.modules.discussions.models import Discussion, Nudge, Watch

Message = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]


class NudgeMember(About):
    """``member`` is who should hurry; ``message`` what they read with it."""

    member: uuid.UUID
    message: Message = ""


class CopyIn(About):
    """``members`` become watchers and are told; ``message`` is what they read with it."""

    members: list[uuid.UUID] = Field(min_length=1, max_length=50)
    message: Message = ""


def _same(before: dict[str, object], row: Discussion) -> dict[str, object]:
    return {"about_type": row.subject_type, "about_id": row.subject_id}


def _set(actor: Actor, data: About, *, watching: bool) -> Discussion:
    member = own(actor)
    _row, discussion = open_discussion(actor, data)
    watch, fresh = Watch.objects.get_or_create(
        discussion=discussion,
        member=member,
        defaults={"workspace": discussion.workspace, "watching": watching},
    )
    if not fresh and watch.watching != watching:
        watch.watching, fresh = watching, True
        watch.save(update_fields=["watching"])
    if fresh:
        emit(events.WatchingChanged(watching=watching), discussion)
    return discussion


@action(
    "discussions.object.watch",
    permission="discussions.object.watch",
    inverse="discussions.object.unwatch",
    inverse_data=_same,
)
def watch(actor: Actor, data: About) -> Discussion:
    """Hear of every comment on an object."""
    return _set(actor, data, watching=True)


@action(
    "discussions.object.unwatch",
    permission="discussions.object.watch",
    inverse="discussions.object.watch",
    inverse_data=_same,
)
def unwatch(actor: Actor, data: About) -> Discussion:
    """Hear no more of an object, but for mentions and nudges."""
    return _set(actor, data, watching=False)


@action("discussions.object.nudge", permission="discussions.object.nudge")
def nudge(actor: Actor, data: NudgeMember) -> Nudge:
    """Ask a member to hurry with an object: once a day, so that it keeps its weight."""
    by = own(actor)
    row, discussion = open_discussion(actor, data)
    (member,) = members_who_see(actor, row, [data.member], field="member")
    if member == by:
        raise Invalid(_("You cannot nudge yourself."), field="member", code="own_nudge")
    now = clock.now()
    day = now.astimezone(ZoneInfo(discussion.workspace.time_zone)).date()
    earlier = Nudge.objects.filter(discussion=discussion, member=member)
    today = earlier.filter(day=day).select_related("by").first()
    if today is not None:
        raise Conflict(
            _("%(by)s nudged %(name)s about this today.")
            % {"by": today.by.get_short_name(), "name": member.user.get_short_name()},
            code="nudged_today",
            hint=_("Tomorrow it can be done again. A comment reaches them now."),
        )
    made = Nudge.objects.create(
        workspace=discussion.workspace,
        discussion=discussion,
        member=member,
        by=by.user,
        message=data.message,
        day=day,
        at=now,
    )
    emit(
        events.MemberNudged(
            member=member.public_id,
            name=member.user.get_short_name(),
            message=data.message,
            times=earlier.count(),
            title=discussion.title,
        ),
        discussion,
    )
    return made


@action("discussions.object.cc", permission="discussions.object.cc")
def cc(actor: Actor, data: CopyIn) -> Discussion:
    """Make others watchers of an object, and tell them. Who had stopped watching watches again."""
    own(actor)
    row, discussion = open_discussion(actor, data)
    members = members_who_see(actor, row, data.members, field="members")
    Watch.objects.bulk_create(
        [
            Watch(workspace=discussion.workspace, discussion=discussion, member=m, watching=True)
            for m in members
        ],
        update_conflicts=True,
        unique_fields=["discussion", "member"],
        update_fields=["watching"],
    )
    emit(
        events.MembersCopied(
            members=[member.public_id for member in members],
            names=[member.user.get_short_name() for member in members],
            message=data.message,
            title=discussion.title,
        ),
        discussion,
    )
    return discussion
