"""What a robot can be asked to post: kinds of news of a project, each a few events of the stream.

The modules below this one are known here, by what they publish: their events' names, and whatever their ``public``
says of what belongs to what. A module's events become a topic by one entry in ``declare``.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from tongpin.kernel.errors import Text
from tongpin.kernel.events.models import Event
from tongpin.modules.relations.public import linked_with
from tongpin.modules.workspaces.public import Project

#: Gives the projects (public ids) of each of these events, by the event's uid; those that belong to none are left out.
Projects = Callable[[Sequence[Event]], dict[uuid.UUID, set[uuid.UUID]]]

PROJECT = Project._meta.label_lower


@dataclass(frozen=True, slots=True)
class Topic:
    """One choice of the form. ``key`` is stored: never rename it."""

    key: str
    label: Text
    names: tuple[str, ...]
    projects: Projects


_topics: dict[str, Topic] = {}


def register(topic: Topic) -> None:
    """Add a topic; the same key again replaces it. Called from ``ready()``."""
    _topics[topic.key] = topic


def topics() -> dict[str, Topic]:
    """Every topic by key, in the order of the form."""
    return dict(_topics)


def topic_of(event: Event) -> Topic | None:
    """The topic an event belongs to."""
    return next((topic for topic in _topics.values() if event.name in topic.names), None)


def names() -> tuple[str, ...]:
    """Every event some topic is made of."""
    return tuple(name for topic in _topics.values() for name in topic.names)


def itself(events: Sequence[Event]) -> dict[uuid.UUID, set[uuid.UUID]]:
    """Events whose subject is the project."""
    return {event.uid: {event.subject_id} for event in events if event.subject_type == PROJECT}


def inside(events: Sequence[Event]) -> dict[uuid.UUID, set[uuid.UUID]]:
    """Events of what belonged to a project when they happened."""
    above = {public_id for event in events for public_id in event.within}
    projects = set(Project.objects.filter(public_id__in=above).values_list("public_id", flat=True))
    return {event.uid: found for event in events if (found := projects.intersection(event.within))}


def linked(events: Sequence[Event]) -> dict[uuid.UUID, set[uuid.UUID]]:
    """Events of what is linked with a project now."""
    known = linked_with({(event.subject_type, event.subject_id) for event in events}, PROJECT)
    return {
        event.uid: known[event.subject_type, event.subject_id]
        for event in events
        if (event.subject_type, event.subject_id) in known
    }


def _told(events: Sequence[Event]) -> dict[uuid.UUID, set[uuid.UUID]]:
    """``linked`` for alerts, but for those that were muted."""
    return linked([event for event in events if event.payload.get("told")])


def declare() -> None:
    """The topics there are. Called once, from ``ready()``."""
    register(
        Topic(
            "projects.settings",
            _("The project is changed, archived or brought back"),
            ("workspaces.project_edited", "workspaces.project_archived", "workspaces.project_unarchived"),
            itself,
        )
    )
    register(
        Topic(
            "projects.people",
            _("People join, leave or change roles"),
            ("workspaces.project_members_changed",),
            itself,
        )
    )
    register(
        Topic(
            "discussions.comments",
            _("Somebody comments, or a thread is resolved"),
            ("discussions.comment_written", "discussions.thread_resolved"),
            inside,
        )
    )
    register(
        Topic(
            "goals.results",
            _("A look back linked with the project has its result"),
            ("goals.lookback_concluded",),
            linked,
        )
    )
    register(
        Topic(
            "analytics.alerts",
            _("An alert linked with the project rings"),
            ("analytics.alert_rang",),
            _told,
        )
    )
