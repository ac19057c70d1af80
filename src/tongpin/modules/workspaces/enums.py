"""The closed sets of this module."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ProjectKind(models.TextChoices):
    """What a project is around."""

    PRODUCT = "product", _("Product line")
    CAMPAIGN = "campaign", pgettext_lazy("project", "Campaign")
    TASK_FORCE = "task_force", _("Task force")

    @property
    def hint(self) -> str:
        """One line that tells it from the others."""
        return {
            ProjectKind.PRODUCT: _("A product that lives on: requirements, releases, results."),
            ProjectKind.CAMPAIGN: _("A campaign with a beginning and an end."),
            ProjectKind.TASK_FORCE: _("A few people on one problem until it is solved."),
        }[self]


class ProjectRole(models.TextChoices):
    """What a member is in one project. A project has one lead at most."""

    LEAD = "lead", pgettext_lazy("project", "Lead")
    MEMBER = "member", pgettext_lazy("project", "Member")
    VIEWER = "viewer", pgettext_lazy("project", "Viewer")

    @property
    def rank(self) -> int:
        """0 for the lead."""
        return list(ProjectRole).index(self)


class Visibility(models.TextChoices):
    OPEN = "open", pgettext_lazy("project", "Open")
    PRIVATE = "private", pgettext_lazy("project", "Private")


# icons: smartphone tablet-smartphone store shopping-cart shopping-bag megaphone gift ticket party-popper rocket flag
# icons: target flame zap wrench bug shield-check life-buoy message-circle heart star users building-2 credit-card
# icons: chart-line calendar-days book-open palette globe layers
#: What a project may be marked with: lucide's names, and what they show.
PROJECT_ICONS = {
    "layers": _("Layers"),
    "smartphone": _("Phone"),
    "tablet-smartphone": _("Devices"),
    "store": _("Shop"),
    "shopping-cart": _("Cart"),
    "shopping-bag": _("Bag"),
    "credit-card": _("Card"),
    "users": _("People"),
    "building-2": _("Building"),
    "globe": _("Globe"),
    "megaphone": _("Megaphone"),
    "gift": _("Gift"),
    "ticket": _("Ticket"),
    "party-popper": _("Party"),
    "calendar-days": _("Calendar"),
    "rocket": _("Rocket"),
    "flag": pgettext_lazy("icon", "Flag"),
    "target": pgettext_lazy("icon", "Target"),
    "flame": _("Flame"),
    "zap": _("Lightning"),
    "wrench": _("Wrench"),
    "bug": _("Bug"),
    "shield-check": _("Shield"),
    "life-buoy": _("Lifebuoy"),
    "message-circle": _("Speech bubble"),
    "heart": _("Heart"),
    "star": _("Star"),
    "chart-line": _("Chart"),
    "book-open": _("Book"),
    "palette": _("Palette"),
}
DEFAULT_ICON = {
    ProjectKind.PRODUCT: "layers",
    ProjectKind.CAMPAIGN: "megaphone",
    ProjectKind.TASK_FORCE: "target",
}


class Mark(models.TextChoices):
    """What a workspace says of one day. NONE leaves it to the official calendar."""

    OFF = "off", _("Day off")
    WORK = "work", _("Workday")
    NONE = "none", _("As in the official calendar")


class ImportState(models.TextChoices):
    """Where an import of members stands."""

    DRAFT = "draft", pgettext_lazy("import", "Not started")
    RUNNING = "running", pgettext_lazy("import", "Running")
    DONE = "done", pgettext_lazy("import", "Done")
    UNDONE = "undone", pgettext_lazy("import", "Taken back")


class RowState(models.TextChoices):
    """What becomes of one row of an import. MAIL: invited, the mail goes out when the workspace may send again.
    CHANGE: a member whose role or departments the file says otherwise, CHANGED once they are as it says.
    """

    WAITING = "waiting", pgettext_lazy("import", "New")
    MAIL = "mail", pgettext_lazy("import", "Mail waits")
    INVITED = "invited", pgettext_lazy("import", "Invited")
    CHANGE = "change", pgettext_lazy("import", "To update")
    CHANGED = "changed", pgettext_lazy("import", "Updated")
    MEMBER = "member", pgettext_lazy("import", "Already a member")
    KNOWN = "known", pgettext_lazy("import", "Already invited")
    REFUSED = "refused", pgettext_lazy("import", "Not imported")
