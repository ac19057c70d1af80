from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Tab(models.TextChoices):
    """The lists of the inbox. What is archived or snoozed is in its own list only."""

    UNREAD = "unread", _("Unread")
    ALL = "all", pgettext_lazy("notifications", "All")
    SNOOZED = "snoozed", _("Snoozed")
    ARCHIVED = "archived", _("Archived")


class Rhythm(models.TextChoices):
    """When a member's mail comes."""

    AT_ONCE = "at_once", _("At once")
    DAILY = "daily", _("Daily digest")
    WEEKLY = "weekly", _("Weekly digest")
    NEVER = "never", _("No e-mail")

    @property
    def is_digest(self) -> bool:
        return self in (Rhythm.DAILY, Rhythm.WEEKLY)


class Verb(models.TextChoices):
    """What a member does with lines of their inbox."""

    READ = "read"
    UNREAD = "unread"
    ARCHIVE = "archive"
    UNARCHIVE = "unarchive"
    SNOOZE = "snooze"
    UNSNOOZE = "unsnooze"
