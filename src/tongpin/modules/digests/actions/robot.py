"""Making, changing, pausing and deleting group robots."""

from __future__ import annotations

import uuid
from datetime import time
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tongpin.kernel import authz, clock, keyring
from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.errors import Conflict, Denied, Invalid, NotFound
from tongpin.kernel.events.recording import emit
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Language
from tongpin.modules.digests import events, topics
from tongpin.modules.digests.actions import queue
from tongpin.modules.digests.enums import Why
from tongpin.modules.digests.models import DeletedRobot, Pace, Robot
from tongpin.modules.digests.permissions import CREATE, EDIT
from tongpin.modules.digests.queries.robot import lost_right
from tongpin.modules.digests.vendors import VENDORS, vendor_of
from tongpin.modules.workspaces.public import projects_seen_by

MOST_ROBOTS = 10
"""Of one project."""

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
Address = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
Secret = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Topics = Annotated[list[str], Field(min_length=1, max_length=40)]


class CreateRobot(BaseModel):
    """``project`` is its public id. ``secret`` is the signing secret (加签) of Feishu and DingTalk.

    Quiet hours are the workspace's local time.
    """

    model_config = ConfigDict(extra="forbid")

    project: uuid.UUID
    name: Name
    address: Address
    secret: Secret = ""
    topics: Topics
    language: Language | None = None
    quiet_from: time | None = None
    quiet_until: time | None = None


class EditRobot(BaseModel):
    """Only what is given is changed; quiet hours are given both or neither."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    topics: Topics | None = None
    language: Language | None = None
    quiet_from: time | None = None
    quiet_until: time | None = None


class ConnectRobot(BaseModel):
    """Another address, or another signing secret."""

    model_config = ConfigDict(extra="forbid")

    address: Address
    secret: Secret = ""


def _known(chosen: list[str]) -> list[str]:
    unknown = sorted(set(chosen) - set(topics.topics()))
    if unknown:
        raise Invalid(_("There is no such news: %(keys)s") % {"keys": ", ".join(unknown)}, field="topics")
    return [key for key in topics.topics() if key in chosen]


def _hours(begin: time | None, end: time | None) -> None:
    if (begin is None) != (end is None):
        missing = "quiet_from" if begin is None else "quiet_until"
        raise Invalid(_("Quiet hours need a beginning and an end."), field=missing)
    if begin is not None and begin == end:
        raise Invalid(_("Quiet hours that never end would hold everything back."), field="quiet_until")


def _connect(row: Robot, data: CreateRobot | ConnectRobot) -> None:
    vendor = vendor_of(data.address)
    if data.secret and not VENDORS[vendor].SIGNED:
        raise Invalid(
            _("%(vendor)s robots have no signing secret; leave it empty.") % {"vendor": vendor.label},
            field="secret",
        )
    row.vendor = vendor
    row.address, row.address_end = keyring.encrypt(data.address), data.address[-4:]
    row.secret = keyring.encrypt(data.secret) if data.secret else ""


@action("digests.robot.create", permission=CREATE.name, inverse="digests.robot.delete")
def create_robot(actor: Actor, data: CreateRobot) -> Robot:
    """Have a project's news posted into a group. The robot acts for whoever makes it."""
    project = projects_seen_by(actor).select_related("workspace").filter(public_id=data.project).first()
    if project is None:
        raise NotFound
    authz.require(actor, "workspaces.project.edit", project)
    if actor.membership is None:
        raise Denied
    if Robot.objects.filter(project=project, deleted_at=None).count() >= MOST_ROBOTS:
        raise Conflict(
            _("A project can have %(n)d robots.") % {"n": MOST_ROBOTS}, code="too_many_robots",
            hint=_("Delete one that is not used any more."),
        )  # fmt: skip
    _hours(data.quiet_from, data.quiet_until)
    row = Robot(
        workspace=project.workspace, project=project, owner=actor.membership, name=data.name,
        topics=_known(data.topics), language=data.language or project.workspace.language,
        quiet_from=data.quiet_from, quiet_until=data.quiet_until,
    )  # fmt: skip
    _connect(row, data)
    row.save()
    Pace(workspace=row.workspace, robot=row).save()
    emit(events.RobotCreated(name=row.name, vendor=row.vendor), row)
    return row


def _before(before: dict[str, Any], row: Robot) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        return value.isoformat() if isinstance(value, time) else value

    names = {name for name in EditRobot.model_fields if before[name] != getattr(row, name)}
    if names & {"quiet_from", "quiet_until"}:
        names |= {"quiet_from", "quiet_until"}
    return {name: plain(before[name]) for name in names}


@action(
    "digests.robot.edit",
    permission=EDIT.name,
    target=Robot,
    inverse="digests.robot.edit",
    inverse_data=_before,
)
def edit_robot(actor: Actor, row: Robot, data: EditRobot) -> Robot:
    """Change a robot's name, news, language or quiet hours."""
    given = data.model_dump(exclude_unset=True)
    given = {name: value for name, value in given.items() if value is not None or name.startswith("quiet_")}
    if "topics" in given:
        given["topics"] = _known(given["topics"])
    changed = sorted(name for name, value in given.items() if getattr(row, name) != value)
    if not changed:
        return row
    for name in changed:
        setattr(row, name, given[name])
    _hours(row.quiet_from, row.quiet_until)
    row.save(update_fields=changed)
    queue.wake({row.pk})
    emit(events.RobotEdited(name=row.name, fields=changed), row)
    return row


@action("digests.robot.connect", permission=EDIT.name, target=Robot)
def connect_robot(actor: Actor, row: Robot, data: ConnectRobot) -> Robot:
    """Give a robot another address or signing secret. The one before is gone for good, so nothing takes this back."""
    _connect(row, data)
    row.save(update_fields=["vendor", "address", "address_end", "secret"])
    emit(events.RobotConnected(name=row.name, vendor=row.vendor), row)
    return row


@action("digests.robot.pause", permission=EDIT.name, target=Robot, inverse="digests.robot.resume")
def pause_robot(actor: Actor, row: Robot, data: Empty) -> Robot:
    """Stop sending until somebody resumes it. What happens meanwhile is not sent later."""
    if row.paused_at is None:
        row.paused_at, row.paused_why, row.paused_said = clock.now(), Why.PERSON, ""
        row.save(update_fields=["paused_at", "paused_why", "paused_said"])
        emit(events.RobotPaused(name=row.name), row)
    return row


@action("digests.robot.resume", permission=EDIT.name, target=Robot, inverse="digests.robot.pause")
def resume_robot(actor: Actor, row: Robot, data: Empty) -> Robot:
    """Send again, what still waits first."""
    if row.paused_at is None:
        return row
    if lost_right(row) is not None:
        raise Conflict(
            _("The member this robot acts for has no access to the project any more."), code="owner_without_right",
            hint=_("Take the robot over: it then acts for you."),
        )  # fmt: skip
    _go_on(row)
    emit(events.RobotResumed(name=row.name), row)
    return row


@action("digests.robot.take_over", permission=EDIT.name, target=Robot)
def take_over_robot(actor: Actor, row: Robot, data: Empty) -> Robot:
    """Have a robot act for oneself from now on. It goes on if it had stopped because of its owner."""
    if actor.membership is None:
        raise Denied
    if row.owner_id == actor.membership.pk:
        return row
    row.owner = actor.membership
    row.save(update_fields=["owner"])
    if row.paused_why in (Why.OWNER_LEFT, Why.OWNER_OUT):
        _go_on(row)
    emit(events.RobotTakenOver(name=row.name), row)
    return row


def _go_on(row: Robot) -> None:
    row.paused_at, row.paused_why, row.paused_said = None, "", ""
    row.save(update_fields=["paused_at", "paused_why", "paused_said"])
    queue.wake({row.pk})


@action("digests.robot.delete", permission=EDIT.name, target=Robot, inverse="digests.robot.restore")
def delete_robot(actor: Actor, row: Robot, data: Empty) -> Robot:
    """Take a robot away."""
    row.deleted_at = clock.now()
    row.save(update_fields=["deleted_at"])
    emit(events.RobotDeleted(name=row.name), row)
    return row


@action("digests.robot.restore", permission=EDIT.name, target=DeletedRobot, inverse="digests.robot.delete")
def restore_robot(actor: Actor, row: DeletedRobot, data: Empty) -> Robot:
    """Bring a deleted robot back as it was."""
    row.deleted_at = None
    row.save(update_fields=["deleted_at"])
    robot = Robot.objects.get(pk=row.pk)
    queue.wake({robot.pk})
    emit(events.RobotRestored(name=robot.name), robot)
    return robot
