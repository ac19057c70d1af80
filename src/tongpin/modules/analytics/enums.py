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


class CountryFrom(models.TextChoices):
    """How the country of a visitor is known."""

    ADDRESS = "address", _("Worked out from the address")
    TOLD = "told", _("As the event says, else from the address")
    NONE = "none", _("Do not keep it")


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


class CatalogueState(models.TextChoices):
    """How an event stands to the tracking plan, as the list filters it."""

    SEEN = "seen", _("Planned, arriving")
    MISSING = "missing", _("Planned, not seen yet")
    UNPLANNED = "unplanned", _("Not in the plan")
    KEY = "key", _("Key events")
    HIDDEN = "hidden", _("Hidden events")


class Waits(models.TextChoices):
    """Why events are in the inbox longer than they should be."""

    STORE = "store", _("The event store does not take them.")
    WORKER = "worker", _("No worker moves them on.")


class ValueType(models.TextChoices):
    """What kind of value a property came with."""

    TEXT = "text", pgettext_lazy("value", "text")
    NUMBER = "number", pgettext_lazy("value", "number")
    BOOLEAN = "boolean", pgettext_lazy("value", "true or false")
    LIST = "list", pgettext_lazy("value", "list")
    OBJECT = "object", pgettext_lazy("value", "object")
    EMPTY = "empty", pgettext_lazy("value", "empty")


class FileKind(models.TextChoices):
    """Kinds of files that events can be read from."""

    CSV = "csv", "CSV"
    JSON_LINES = "jsonl", _("JSON lines")
    PARQUET = "parquet", "Parquet"


class ImportState(models.TextChoices):
    """Where an import is."""

    RUNNING = "running", _("Being read")
    STOPPED = "stopped", _("Stopped")
    FAILED = "failed", pgettext_lazy("import", "Broke off")
    DONE = "done", pgettext_lazy("import", "Done")
    UNDOING = "undoing", _("Being taken back")
    UNDONE = "undone", _("Taken back")


class Subject(models.TextChoices):
    """Whose data it is."""

    USER = "user", pgettext_lazy("analytics", "User")
    CUSTOMER = "customer", pgettext_lazy("analytics", "Customer")


class InsightKind(models.TextChoices):
    """What kind of question an insight is, by the ``kind`` of its JSON."""

    TRENDS = "trends", _("Trend")
    FUNNEL = "funnel", _("Funnel")
    RETENTION = "retention", pgettext_lazy("insight", "Retention")
    LIFECYCLE = "lifecycle", _("Lifecycle")
    STICKINESS = "stickiness", _("Stickiness")
    PATHS = "paths", _("Paths")
    SESSIONS = "sessions", _("Sessions")
    ATTRIBUTION = "attribution", _("Attribution")


class SegmentKind(models.TextChoices):
    """How it is known who is in a segment."""

    RULE = "rule", pgettext_lazy("segment", "By a rule")
    LIST = "list", pgettext_lazy("segment", "A list")


class AlertRule(models.TextChoices):
    """When an alert rings."""

    UNUSUAL = "unusual", pgettext_lazy("alert", "It is unusual")
    ABOVE = "above", pgettext_lazy("alert", "It is above a value")
    BELOW = "below", pgettext_lazy("alert", "It is below a value")
    CHANGE = "change", pgettext_lazy("alert", "It changes from the same weekday a week before")


class Unjudged(models.TextChoices):
    """Why an alert could not be judged."""

    LATE = "late", _("events are late")
    SHORT = "short", _("there is too little history")
    HOLIDAY = "holiday", _("holidays and the days around them are not judged")
    MISSING = "missing", _("there is no value")
    STORE = "store", _("the event store does not answer")
    QUESTION = "question", _("the insight no longer has this series")


class TileKind(models.TextChoices):
    """What stands on a tile of a dashboard."""

    INSIGHT = "insight", pgettext_lazy("analytics", "Insight")
    TEXT = "text", pgettext_lazy("tile", "Text")
