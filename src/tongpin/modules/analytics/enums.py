from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Platform(models.TextChoices):
    """Where a source's events come from: decides its icon and which snippet is shown first."""

    WEB = "web", _("Website")
    APP = "app", _("Mobile app")
    SERVER = "server", pgettext_lazy("source", "Server")


class IpPolicy(models.TextChoices):
    """What becomes of the address a request came from."""

    DROP = "drop", _("Do not keep it")
    TRUNCATE = "truncate", _("Keep it without its last part")
    KEEP = "keep", _("Keep it whole")


class Refusal(models.TextChoices):
    """Why an event, or a request with all its events, was not taken."""

    KEY = "key", _("No source has this key.")
    PAUSED = "paused", _("The source is paused.")
    ORIGIN = "origin", _("The site it came from is not among the source’s allowed origins.")
    BOT = "bot", _("It came from a bot.")
    OPTED_OUT = "opted_out", _("The person asked not to be measured.")
    CONSENT = "consent", _("The consent property says no.")
    DENIED = "denied", _("The source’s lists leave this event out.")
    SHAPE = "shape", _("A required field is missing or of the wrong kind.")
    BODY = "body", _("The body could not be read.")
    SIZE = "size", _("It is larger than one event or request may be.")
    RATE = "rate", _("More events came than the source allows in a minute.")
    FULL = "full", _("The server holds as many waiting events as it may.")


class LinkKind(models.TextChoices):
    """Which event claims that two ids are one person."""

    IDENTIFY = "identify", "$identify"
    ALIAS = "alias", "$create_alias"
