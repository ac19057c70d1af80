from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import get_language

from tongpin.kernel import clock
from tongpin.kernel.news import Delivery, Kind, kinds
from tongpin.kernel.tenancy.models import Membership, User, WorkspaceModel, WorkspaceScopedQuerySet
from tongpin.modules.notifications.enums import Rhythm, Tab, Verb

if TYPE_CHECKING:
    from tongpin.kernel.tenancy.actor import Actor


def _spoken(words: dict[str, dict[str, str]]) -> dict[str, str]:
    """Title and body in the reader's language."""
    return words.get(get_language() or "") or words[settings.LANGUAGE_CODE]


class NotificationQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """One's own; nobody, whatever their role, sees another's inbox."""
        rows = super().visible_to(actor)
        return rows if actor.is_system else rows.filter(recipient=actor.membership)

    def in_tab(self, tab: Tab) -> Self:
        """What that list shows."""
        if tab == Tab.ARCHIVED:
            return self.exclude(archived_at=None)
        rows = self.filter(archived_at=None)
        if tab == Tab.SNOOZED:
            return rows.exclude(snoozed_until=None)
        rows = rows.filter(snoozed_until=None)
        return rows.filter(read_at=None) if tab == Tab.UNREAD else rows


class Notification(WorkspaceModel):
    """One piece of news in one member's inbox.

    ``words`` holds title and body by language code, as they were when it happened: a list costs no further query and
    follows the reader's language. ``event`` is the event's uid; one event tells one member once. ``about`` is the
    object whose thread it belongs to (a comment's is what it is written on). ``surfaced_at`` orders the inbox: when it
    came, or came back from a snooze. ``mailed_at`` is when it went out by mail, alone or in a digest.
    """

    recipient = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    event = models.UUIDField()
    kind = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    about_type = models.CharField(max_length=60)
    about_id = models.UUIDField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    words = models.JSONField()
    url = models.CharField(max_length=500, blank=True)
    happened_at = models.DateTimeField()
    created_at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)
    surfaced_at = models.DateTimeField(default=clock.now)
    mailed_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["recipient", "event"], name="notification_once_per_event")
        ]
        indexes: ClassVar = [
            models.Index(fields=["recipient", "-surfaced_at", "-id"], name="notification_surfaced"),
            models.Index(fields=["recipient", "about_id"], name="notification_thread"),
            models.Index(
                fields=["snoozed_until"],
                name="notification_snoozed",
                condition=models.Q(snoozed_until__isnull=False),
            ),
            models.Index(
                fields=["recipient"],
                name="notification_unread",
                condition=models.Q(read_at=None, archived_at=None, snoozed_until=None),
            ),
        ]

    @property
    def title(self) -> str:
        return self._said()["title"]

    @property
    def body(self) -> str:
        return self._said()["body"]

    @property
    def icon(self) -> str:
        kind: Kind | None = kinds().get(self.kind)
        return kind.icon if kind else "bell"

    @property
    def thread(self) -> tuple[str, uuid.UUID]:
        return self.about_type, self.about_id

    @property
    def is_unread(self) -> bool:
        return self.read_at is None

    def _said(self) -> dict[str, str]:
        return _spoken(self.words)


class OwnQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """One's own."""
        rows = super().visible_to(actor)
        return rows if actor.is_system else rows.filter(member=actor.membership)


class MutedThread(WorkspaceModel):
    """An object of which a member wants no more news, but what names them. ``words`` are those of the last news of it,
    for when it is no longer theirs to see.
    """

    member = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    about_type = models.CharField(max_length=60)
    about_id = models.UUIDField()
    words = models.JSONField()
    muted_at = models.DateTimeField(default=clock.now)

    objects = OwnQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["member", "about_type", "about_id"], name="muted_once")
        ]

    @property
    def title(self) -> str:
        return _spoken(self.words)["title"]


class Sorting(WorkspaceModel):
    """One thing a member did with some lines of their inbox. ``before`` holds how each line was: by it all of it is
    taken back at once.
    """

    member = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    verb = models.CharField(max_length=10, choices=Verb)
    before = models.JSONField()
    at = models.DateTimeField(default=clock.now)

    objects = OwnQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        indexes: ClassVar = [models.Index(fields=["at"], name="sorting_at")]


class Preference(WorkspaceModel):
    """How one member wants to hear of one kind. Without a row it is the kind's default; so it is with ``push``, whether
    their browsers are told as well, where that is None.
    """

    member = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=60)
    delivery = models.CharField(max_length=8, choices=Delivery)
    push = models.BooleanField(null=True)

    objects = OwnQuerySet.as_manager()

    #: What held before, where it was just set.
    before: dict[str, object] | None = None

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["member", "kind"], name="preference_once_per_kind")
        ]


class MailRhythm(WorkspaceModel):
    """When mail comes to one member. Without a row it comes at once.

    ``hour`` (0 to 23) and ``weekday`` (of a weekly digest, Monday 0) are in the member's own zone. ``direct_at_once``:
    what names them does not wait for the digest. ``next_at``: when to look next whether a digest is due.
    """

    member = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    rhythm = models.CharField(max_length=8, choices=Rhythm, default=Rhythm.AT_ONCE)
    hour = models.PositiveSmallIntegerField(default=9)
    weekday = models.PositiveSmallIntegerField(default=0)
    direct_at_once = models.BooleanField(default=True)
    next_at = models.DateTimeField(null=True)

    objects = OwnQuerySet.as_manager()

    #: What held before, where it was just set.
    before: dict[str, object] | None = None

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["member"], name="mail_rhythm_once"),
            models.CheckConstraint(
                condition=models.Q(hour__lte=23, weekday__lte=6), name="mail_rhythm_in_range"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["next_at"], name="mail_rhythm_next", condition=models.Q(next_at__isnull=False)
            )
        ]

    @property
    def is_digest(self) -> bool:
        return Rhythm(self.rhythm).is_digest

    def mails_at_once(self, kind: Kind) -> bool:
        """Whether news of this kind goes out by itself."""
        if self.rhythm == Rhythm.AT_ONCE:
            return True
        return self.is_digest and kind.direct and self.direct_at_once


class Browser(WorkspaceModel):
    """A browser that is told of a member's news while no page is open. ``endpoint`` is the address at its push service,
    ``mark`` that address's SHA-256 in hex; ``p256dh`` and ``auth`` are its keys (base64url). It is told for as long as
    its person stays signed in there: ``session_key`` is that session's.
    """

    member = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    endpoint = models.CharField(max_length=1000)
    mark = models.CharField(max_length=64)
    p256dh = models.CharField(max_length=100)
    auth = models.CharField(max_length=30)
    user_agent = models.CharField(max_length=300, blank=True)
    session_key = models.CharField(max_length=40)
    added_at = models.DateTimeField(default=clock.now)
    told_at = models.DateTimeField(null=True)

    objects = OwnQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["member", "mark"], name="browser_once")]
        indexes: ClassVar = [models.Index(fields=["mark"], name="browser_mark")]


class PushQuerySet(WorkspaceScopedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """The server's own."""
        return super().visible_to(actor) if actor.is_system else self.none()


class Push(WorkspaceModel):
    """One line of an inbox on its way to one browser; gone once settled. ``next_at``: when it may be tried (again);
    while it is being sent, when another worker may take it over.
    """

    browser = models.ForeignKey(Browser, on_delete=models.CASCADE, related_name="+")
    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="+")
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=clock.now)
    created_at = models.DateTimeField(default=clock.now)

    objects = PushQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["browser", "notification"], name="push_once")
        ]
        indexes: ClassVar = [models.Index(fields=["next_at"], name="push_due")]
