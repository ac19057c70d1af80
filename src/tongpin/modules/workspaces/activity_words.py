"""How this module's events read on the activity page: after the name of who did it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tongpin.kernel.i18n.countries import Country
from tongpin.kernel.tenancy.enums import role_word
from tongpin.modules.workspaces.enums import ProjectRole
from tongpin.modules.workspaces.queries.activity import describe

_FIELDS = {
    "name": lambda: _("the name"),
    "slug": lambda: _("the address"),
    "language": lambda: _("the language"),
    "time_zone": lambda: _("the time zone"),
    "week_start": lambda: _("the first day of the week"),
    "logo": lambda: _("the logo"),
    "key": lambda: _("the key"),
    "kind": lambda: _("the kind"),
    "purpose": lambda: _("the purpose"),
    "icon": lambda: _("the icon"),
    "hue": lambda: _("the colour"),
    "visibility": lambda: _("who sees it"),
    "lead": lambda: _("the lead"),
}


def _fields(names: list[str]) -> str:
    return _(", ").join(_FIELDS[name]() if name in _FIELDS else name for name in names)


def _invited(payload: Any) -> str:
    given = {"email": payload.email, "role": role_word(payload.role)}
    if payload.email:
        return _("invited %(email)s as %(role)s") % given
    return _("made an invitation link for the role %(role)s") % given


def _about_invitation(mail: str, link: str, payload: Any) -> str:
    return mail % {"email": payload.email} if payload.email else link


def _calendar(payload: Any) -> str:
    if payload.fields == ["country"]:
        given = {"country": Country(payload.country).label}
        return _("chose the holidays of the working calendar: %(country)s") % given
    return _("changed the hours of the working calendar")


def _marked(payload: Any) -> str:
    days = payload.days[0] if len(payload.days) == 1 else f"{payload.days[0]} – {payload.days[-1]}"
    words = {
        "off": _("marked as day off: %(days)s"),
        "work": _("marked as workday: %(days)s"),
        "none": _("left to the official calendar: %(days)s"),
    }
    said = words.get(payload.mark, _("changed marked days: %(days)s")) % {"days": days}
    return f"{said} {payload.name}".strip()


def _places(payload: Any) -> str:
    """Who came into a project, went out of it, or has another role there."""
    said = []
    for change in payload.changes:
        role = ProjectRole(change["after"]).label if change["after"] else ""
        if not role:
            words = _("removed %(name)s from the project")
        elif not change["before"]:
            words = _("added %(name)s to the project as %(role)s")
        else:
            words = _("made %(name)s %(role)s of the project")
        said.append(words % {"name": change["name"], "role": role})
    return _(", ").join(said[:5]) + (" …" if len(said) > 5 else "")


def _staff(payload: Any) -> str:
    """Who came into a department and who went out of it."""
    said = []
    for words, names in (
        (_("added %(names)s to the department"), payload.added),
        (_("removed %(names)s from the department"), payload.removed),
    ):
        if names:
            said.append(words % {"names": _(", ").join(names[:5]) + (" …" if len(names) > 5 else "")})
    return _(", ").join(said)


def _moved(payload: Any) -> str:
    if payload.parent:
        return _("moved the department into “%(parent)s”") % {"parent": payload.parent}
    return _("moved the department to the top level")


def _secured(payload: Any) -> str:
    said = []
    if payload.second_factor_required is not None:
        said.append(
            _("required two-step sign-in")
            if payload.second_factor_required
            else _("no longer requires two-step sign-in")
        )
    if payload.allowed_networks:
        said.append(
            _("lets people in only from %(networks)s") % {"networks": _(", ").join(payload.allowed_networks)}
        )
    elif payload.allowed_networks is not None:
        said.append(_("lets people in from any address"))
    if payload.session_hours:
        hours = payload.session_hours
        said.append(ngettext("ends sessions after %d hour", "ends sessions after %d hours", hours) % hours)
    if payload.idle_minutes:
        idle = payload.idle_minutes
        said.append(
            ngettext("ends sessions idle for %d minute", "ends sessions idle for %d minutes", idle) % idle
        )
    if payload.session_hours == 0 or payload.idle_minutes == 0:
        said.append(_("lifted a limit on sessions"))
    return _(", ").join(said)


def _signed_in(payload: Any) -> str:
    words = {
        "password": _("signed in with a password"),
        "passkey": _("signed in with a passkey"),
        "oidc": _("signed in by OpenID Connect"),
        "ldap": _("signed in with the company directory"),
        "feishu": _("signed in with Feishu"),
        "dingtalk": _("signed in with DingTalk"),
        "wecom": _("signed in with WeCom"),
    }
    said = words.get(payload.method, _("signed in"))
    return _("%(said)s and a second step") % {"said": said} if payload.second_factor else said


def _failed(payload: Any) -> str:
    if payload.name:
        return _("tried to sign in as %(name)s and failed") % {"name": payload.name}
    return _("tried to sign in to an account that does not exist")


def _second_factor(payload: Any) -> str:
    words = {
        "added": _("set up a second step"),
        "removed": _("removed a second step"),
        "renewed": _("made new recovery codes"),
        "used": _("used a recovery code"),
    }
    return words.get(payload.change, _("changed a second step"))


def _confirmed(payload: Any) -> str:
    return _("changed the e-mail address") if payload.changed else _("confirmed the e-mail address")


def _exported(payload: Any) -> str:
    name = {"csv": "CSV", "jsonl": "JSON Lines"}.get(payload.form, payload.form)
    if payload.filters:
        return _("exported a part of the audit log as %(form)s") % {"form": name}
    return _("exported the audit log as %(form)s") % {"form": name}


def _register_accounts() -> None:
    """What only the audit log shows: how people come into their accounts."""
    describe("workspaces.account_signed_up", lambda p: _("made an account"))
    describe(
        "workspaces.account_ended", lambda p: _("switched off an account that is gone from the directory")
    )
    describe(
        "workspaces.account_restored", lambda p: _("switched on an account that is back in the directory")
    )
    describe("workspaces.signed_in", _signed_in)
    describe("workspaces.signed_out", lambda p: _("signed out"))
    describe("workspaces.sign_in_failed", _failed)
    describe("workspaces.password_changed", lambda p: _("changed the password"))
    describe("workspaces.email_confirmed", _confirmed)
    describe("workspaces.second_factor_changed", _second_factor)
    describe(
        "workspaces.sessions_ended",
        lambda p: (
            ngettext("signed out of %(count)d browser", "signed out of %(count)d browsers", p.count)
            % {"count": p.count}
        ),
    )


def _joined(payload: Any) -> str:
    given = {"role": role_word(payload.role), "domain": payload.domain}
    if payload.domain:
        return _("joined as %(role)s, by an address at %(domain)s") % given
    return _("joined as %(role)s") % given


def _let_in(payload: Any) -> str:
    if not payload.domains:
        return _("let nobody in by their mail domain any more")
    given = {"domains": _(", ").join(payload.domains), "role": role_word(payload.role)}
    return _("lets people of %(domains)s join as %(role)s") % given


def register() -> None:
    """Say how each event reads. Called once, from ``ready()``."""
    _register_accounts()
    describe("workspaces.access_refused", lambda p: _("was refused %(address)s") % {"address": p.address})
    describe("workspaces.audit_exported", _exported)
    describe(
        "workspaces.workspace_created", lambda p: _("created the workspace “%(name)s”") % {"name": p.name}
    )
    describe(
        "workspaces.workspace_edited",
        lambda p: _("changed %(fields)s of the workspace") % {"fields": _fields(p.fields)},
    )
    describe("workspaces.security_edited", _secured)
    describe("workspaces.workspace_deleted", lambda p: _("deleted the workspace"))
    describe("workspaces.workspace_restored", lambda p: _("restored the workspace"))
    describe("workspaces.member_joined", _joined)
    describe("workspaces.domain_access_edited", _let_in)
    describe(
        "workspaces.member_role_changed",
        lambda p: (
            _("changed a role from %(before)s to %(after)s")
            % {"before": role_word(p.before), "after": role_word(p.after)}
        ),
    )
    describe("workspaces.member_deactivated", lambda p: _("deactivated a member"))
    describe("workspaces.member_reactivated", lambda p: _("let a member in again"))
    describe("workspaces.member_left", lambda p: _("left the workspace"))
    describe("workspaces.invitation_created", _invited)
    describe(
        "workspaces.invitation_resent",
        lambda p: _("sent the invitation to %(email)s again") % {"email": p.email},
    )
    describe(
        "workspaces.invitation_revoked",
        lambda p: _about_invitation(
            _("took back the invitation to %(email)s"), _("closed an invitation link"), p
        ),
    )
    describe(
        "workspaces.invitation_reopened",
        lambda p: _about_invitation(
            _("reopened the invitation to %(email)s"), _("reopened an invitation link"), p
        ),
    )
    describe("workspaces.project_created", lambda p: _("made the project %(key)s") % {"key": p.key})
    describe(
        "workspaces.project_edited",
        lambda p: _("changed %(fields)s of the project") % {"fields": _fields(p.fields)},
    )
    describe("workspaces.project_archived", lambda p: _("archived the project"))
    describe("workspaces.project_unarchived", lambda p: _("brought the project back from the archive"))
    describe("workspaces.project_deleted", lambda p: _("deleted the project “%(name)s”") % {"name": p.name})
    describe("workspaces.project_restored", lambda p: _("restored the project"))
    describe("workspaces.project_members_changed", _places)
    describe(
        "workspaces.department_created", lambda p: _("made the department “%(name)s”") % {"name": p.name}
    )
    describe(
        "workspaces.department_edited",
        lambda p: _("changed %(fields)s of the department") % {"fields": _fields(p.fields)},
    )
    describe("workspaces.department_moved", _moved)
    describe(
        "workspaces.department_deleted", lambda p: _("deleted the department “%(name)s”") % {"name": p.name}
    )
    describe("workspaces.department_restored", lambda p: _("restored the department"))
    describe("workspaces.department_members_changed", _staff)
    describe("workspaces.calendar_edited", _calendar)
    describe("workspaces.calendar_days_marked", _marked)
    describe(
        "workspaces.member_import_created",
        lambda p: _("read the file “%(name)s” with people to invite") % {"name": p.name},
    )
    describe(
        "workspaces.member_import_mapped",
        lambda p: _("changed what the columns of “%(name)s” hold") % {"name": p.name},
    )
    describe(
        "workspaces.member_import_started",
        lambda p: (
            ngettext(
                "began to invite %(count)d person from “%(name)s”",
                "began to invite %(count)d people from “%(name)s”",
                p.rows,
            )
            % {"count": p.rows, "name": p.name}
        ),
    )
    describe(
        "workspaces.member_import_advanced",
        lambda p: (
            ngettext(
                "went on importing: %(count)d row left", "went on importing: %(count)d rows left", p.left
            )
            % {"count": p.left}
        ),
    )
    describe(
        "workspaces.member_import_undone",
        lambda p: (
            _("took the import of “%(name)s” back: %(invitations)d invitations, %(departments)d departments")
            % {"name": p.name, "invitations": p.invitations, "departments": p.departments}
        ),
    )
    describe(
        "workspaces.member_import_links_made",
        lambda p: (
            ngettext(
                "made %(count)d invitation link for “%(name)s”",
                "made %(count)d invitation links for “%(name)s”",
                p.links,
            )
            % {"count": p.links, "name": p.name}
        ),
    )
    describe(
        "workspaces.member_handed_over",
        lambda p: (
            ngettext(
                "handed over %(count)d thing a member led",
                "handed over %(count)d things a member led",
                p.things,
            )
            % {"count": p.things}
        ),
    )
