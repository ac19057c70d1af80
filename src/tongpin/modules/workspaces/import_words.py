"""Why a row of an import was not taken, in the reader's words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tongpin.kernel.tenancy.enums import Role
from tongpin.modules.workspaces.queries.member_import import Planned


def changes(planned: Planned) -> list[str]:
    """What a row would change of a member, each as “before → after”."""
    said = []
    if "role" in planned.was:
        was, role = Role(planned.was["role"]).label, Role(planned.role).label
        said.append(_("Role: %(was)s → %(now)s") % {"was": was, "now": role})
    if "departments" in planned.was:
        was = _("; ").join(" / ".join(path) for path in planned.was["departments"]) or _("none")
        now = _("; ").join(planned.paths)
        said.append(_("Departments: %(was)s → %(now)s") % {"was": was, "now": now})
    return said


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
        "changed_meanwhile": _("Something has changed meanwhile. Import the row again."),
        "stopped": _("Whoever started the import may not invite any more."),
    }
    return words.get(reason, "") % {"about": about}
