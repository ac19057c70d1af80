"""What ``tongpin doctor`` says of the company's directory (LDAP)."""

from __future__ import annotations

from typing import Literal

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from tongpin.modules.workspaces.ldap.directory import Directory, Unavailable
from tongpin.modules.workspaces.ldap.sync import workspace_to_join
from tongpin.modules.workspaces.queries.directory_link import plan

NEAR = {"127.0.0.1", "localhost", "::1"}
State = tuple[Literal["ok", "warning", "error"], str, str, str]


def directory_state() -> State:
    """Level, subject, message, hint. The whole of it is read, as the hourly look does."""
    given = settings.LDAP
    if given is None:
        return "ok", "directory", pgettext("doctor", "not set up"), ""
    where = f"{given.host}:{given.port}"
    try:
        people = Directory(given).people()
    except Unavailable as error:
        text = _("%(where)s cannot be used: %(reason)s") % {"where": where, "reason": error}
        return "error", "directory", text, _("Check TONGPIN_LDAP_… (docs/guides/sign-in.md).")
    if not people:
        text = _("%(where)s shows nobody.") % {"where": where}
        return "warning", "directory", text, _("Check TONGPIN_LDAP_BASE, _FILTER and the rights of _BIND_DN.")
    if given.tls == "off" and given.host not in NEAR:
        text = _("Passwords travel to %(where)s in the clear.") % {"where": where}
        return "warning", "directory", text, _("Use ldaps:// or leave TONGPIN_LDAP_STARTTLS on.")
    if given.workspace and workspace_to_join() is None:
        text = _("There is no workspace with the address “%(slug)s”.") % {"slug": given.workspace}
        return "warning", "directory", text, _("Make it, or correct TONGPIN_LDAP_WORKSPACE.")
    found = plan(people)
    if found.too_many:
        gone = len(found.gone)
        text = ngettext(
            "%d person with an account is gone from it.", "%d people with an account are gone from it.", gone
        )
        hint = _(
            "If that is right, run `tongpin follow-directory --force`: until then they keep their access."
        )
        return "warning", "directory", text % gone, hint
    without = sum(not each.email for each in people)
    if without:
        text = ngettext("%d person has no e-mail address.", "%d people have no e-mail address.", without)
        return (
            "warning",
            "directory",
            text % without,
            _("They cannot sign in until the directory has one for them."),
        )
    text = ngettext("%(where)s: %(count)d person", "%(where)s: %(count)d people", len(people))
    return "ok", "directory", text % {"where": where, "count": len(people)}, ""
