from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Role(models.TextChoices):
    """What a member is in one workspace. Order of power: owner, admin, member, guest."""

    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Admin")
    MEMBER = "member", _("Member")
    GUEST = "guest", _("Guest")

    @property
    def rank(self) -> int:
        """0 for the most powerful."""
        return list(Role).index(self)


def role_word(role: str) -> str:
    """A role, as rows and events hold it, in the reader's language."""
    return str(Role(role).label)


class Language(models.TextChoices):
    ENGLISH = "en", "English"
    CHINESE = "zh-hans", "简体中文"


class Theme(models.TextChoices):
    SYSTEM = "system", _("Follow the system")
    LIGHT = "light", pgettext_lazy("theme", "Light")
    DARK = "dark", pgettext_lazy("theme", "Dark")


class Density(models.TextChoices):
    COMFORTABLE = "comfortable", _("Comfortable")
    COMPACT = "compact", _("Compact")


class WeekStart(models.IntegerChoices):
    MONDAY = 0, _("Monday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class Via(models.TextChoices):
    """The door an action came through."""

    WEB = "web", _("Web")
    API = "api", "API"
    CLI = "cli", _("Command line")
    RULE = "rule", _("Rule")
    SYSTEM = "system", _("System")
