"""What every action about an object takes, and what they share."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field

from tongpin.kernel import objects
from tongpin.kernel.errors import Denied, Invalid
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.discussions import subjects
from tongpin.modules.discussions.models import TITLE_MAX, Discussion, Watch


class About(BaseModel):
    """The object: its type (``app_label.model``, as in events) and its id."""

    model_config = ConfigDict(extra="forbid")

    about_type: str = Field(max_length=60)
    about_id: uuid.UUID


def own(actor: Actor) -> Membership:
    """The membership of who acts. Raises Denied for the server itself."""
    if actor.membership is None:
        raise Denied
    return actor.membership


def open_discussion(actor: Actor, data: About) -> tuple[Any, Discussion]:
    """The object, and its discussion (made if it is the first time). Raises NotFound for what the actor cannot see."""
    row = subjects.find(actor, data.about_type, data.about_id)
    title = objects.types()[data.about_type].card(row).title[:TITLE_MAX]
    found, fresh = Discussion.objects.get_or_create(
        subject_type=data.about_type,
        subject_id=data.about_id,
        defaults={
            "workspace": row.workspace,
            "public_id": subjects.discussion_id(data.about_type, data.about_id),
            "title": title,
        },
    )
    if not fresh and found.title != title:
        found.title = title
        found.save(update_fields=["title"])
    return row, found


def members_who_see(actor: Actor, row: Any, ids: Iterable[uuid.UUID], *, field: str) -> list[Membership]:
    """The members with these ids. Raises Invalid, by name where there is one, for any who cannot see the object."""
    wanted = list(dict.fromkeys(ids))
    rows = Membership.objects.visible_to(actor).active().filter(public_id__in=wanted)
    found = {member.public_id: member for member in rows.select_related("user", "workspace")}
    if len(found) < len(wanted):
        raise Invalid(_("This is not a member of the workspace."), field=field, code="no_member")
    seeing = subjects.seers(row, found.values())
    blind = [member.user.get_short_name() for member in found.values() if member not in seeing]
    if blind:
        raise Invalid(
            _("%(names)s cannot see this.") % {"names": _(", ").join(blind)},
            field=field,
            code="cannot_see",
            hint=_("Give them access first, or leave them out."),
        )
    return [found[public_id] for public_id in wanted]


def begin_watching(discussion: Discussion, members: Iterable[Membership]) -> None:
    """Make them watchers, but for those who once said no, and for workspace tokens, which read no inbox."""
    Watch.objects.bulk_create(
        [
            Watch(workspace=discussion.workspace, discussion=discussion, member=member)
            for member in members
            if not member.is_token
        ],
        ignore_conflicts=True,
    )
