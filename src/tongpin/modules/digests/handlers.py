"""What the relay hands over: news of projects for the queue, and changes that end a robot's right to send."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.utils import translation
from django.utils.translation import gettext as _

from tongpin.kernel.events.models import Event
from tongpin.kernel.mail.compose import absolute
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.digests import topics
from tongpin.modules.digests.actions import queue
from tongpin.modules.digests.actions.stopping import stop_those_without_right
from tongpin.modules.digests.models import Robot, Update
from tongpin.modules.digests.queries.robot import at_work_in, lost_right
from tongpin.modules.digests.topics import Topic
from tongpin.modules.digests.vendors.base import one_line
from tongpin.modules.workspaces.public import cards_for, say

#: After these a member may see less than before.
NARROWING = (
    "workspaces.member_deactivated",
    "workspaces.member_left",
    "workspaces.member_role_changed",
    "workspaces.project_members_changed",
    "workspaces.project_edited",
)


def on_rights(events: list[Event]) -> None:
    """Stop robots whose owner has lost the right to what they send."""
    stop_those_without_right(at_work_in([event.workspace for event in events]))


def on_news(events: list[Event]) -> None:
    """Queue each event for the robots of its project that post its topic."""
    places = _places(events)
    if not places:
        return
    updates = []
    for robot in at_work_in([event.workspace for event in events]):
        about = [
            event
            for event in events
            if event.uid in places
            and robot.project.public_id in places[event.uid][0]
            and places[event.uid][1].key in robot.topics
            # What happened before it was made is not its business: a topic just chosen begins now.
            and event.at >= robot.created_at
        ]
        if about and lost_right(robot) is None:
            updates += _updates(robot, about)
    queue.put(updates)


def _places(events: Sequence[Event]) -> dict[uuid.UUID, tuple[set[uuid.UUID], Topic]]:
    """Projects and topic of the events that have both."""
    by_topic: dict[str, list[Event]] = {}
    for event in events:
        topic = topics.topic_of(event)
        if topic is not None:
            by_topic.setdefault(topic.key, []).append(event)
    known = topics.topics()
    return {
        uid: (projects, known[key])
        for key, found in by_topic.items()
        for uid, projects in known[key].projects(found).items()
    }


def _updates(robot: Robot, events: Sequence[Event]) -> list[Update]:
    """The events in the robot's language; those about something its owner does not see are left out."""
    with translation.override(robot.language):
        cards = cards_for(Actor.for_member(robot.owner), list(events))
        made = []
        for event in events:
            card = cards.get((event.subject_type, event.subject_id))
            if card is None:
                continue
            who = event.actor.get_short_name() if event.actor else _("The server")
            made.append(
                Update(
                    workspace=robot.workspace,
                    robot=robot,
                    event=event.uid,
                    said=one_line(f"{who} {say(event, cards)}"),
                    about=one_line(card.title),
                    url=absolute(card.url),
                    at=event.at,
                )
            )
        return made
