from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Delivery(models.TextChoices):
    """Where a member hears of one kind of news."""

    MAIL = "mail", _("Inbox and e-mail")
    BELL = "bell", _("Inbox only")
    OFF = "off", pgettext_lazy("notifications", "Off")


class Tab(models.TextChoices):
    """The three lists of the inbox. ``ALL`` leaves out what is archived."""

    UNREAD = "unread", _("Unread")
    ALL = "all", pgettext_lazy("notifications", "All")
    ARCHIVED = "archived", _("Archived")
