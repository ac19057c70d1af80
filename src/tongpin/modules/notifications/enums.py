from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Tab(models.TextChoices):
    """The three lists of the inbox. ``ALL`` leaves out what is archived."""

    UNREAD = "unread", _("Unread")
    ALL = "all", pgettext_lazy("notifications", "All")
    ARCHIVED = "archived", _("Archived")
