"""Why a row of an import was not taken, in the reader's words."""

from __future__ import annotations

from django.utils.translation import gettext as _


def why(reason: str, about: str) -> str:
    """What to say of a reason's code; ``about`` is the cell or thing it speaks of."""
    words = {
        "no_email": _("There is no e-mail address."),
        "bad_email": _("“%(about)s” is not an e-mail address."),
        "twice": _("The address is in row %(about)s already."),
        "long_name": _("The name has more than 80 characters."),
        "unknown_role": _("“%(about)s” is not a role: use admin, member or guest."),
        "no_owner": _("An import makes no owners. Give the role in the list of members."),
        "unknown_language": _("“%(about)s” is not a language here: use en or zh."),
        "bad_department": _("“%(about)s” cannot be a department: its name or its path is too long."),
        "unknown_project": _("There is no project “%(about)s”."),
        "unknown_project_role": _("“%(about)s” is not a role in a project: use member or viewer."),
        "no_lead": _("An import makes no project leads. Choose the lead in the project “%(about)s”."),
        "deactivated": _("This person’s access was ended. Let them in again in the list of members."),
        "stopped": _("Whoever started the import may not invite any more."),
    }
    return words.get(reason, "") % {"about": about}
