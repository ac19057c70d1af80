"""What this module's templates ask for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template.context import Context
from django.urls import reverse
from django.utils.translation import gettext as _

from tongpin.kernel import authz
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Via, role_word
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.workspaces import zones
from tongpin.modules.workspaces.account_forms import password_rule as rule_of_passwords
from tongpin.modules.workspaces.accounts import invited
from tongpin.modules.workspaces.enums import ProjectKind, RowState
from tongpin.modules.workspaces.models import Department, Invitation
from tongpin.modules.workspaces.queries import account, domain_access
from tongpin.modules.workspaces.queries.member import shows_address
from tongpin.ui import navigation

register = template.Library()


@register.simple_tag
def connected_to(accounts: Iterable[SocialAccount]) -> set[str]:
    """Which providers these accounts elsewhere are of."""
    return {row.provider for row in accounts}


@register.simple_tag(takes_context=True)
def settings_tabs(context: Context) -> list[dict[str, Any]]:
    """The side tabs of a settings page: one's own, then the workspace's as far as one may open them."""
    request: HttpRequest = context["request"]
    actor: Actor | None = getattr(request, "actor", None)
    has_password = request.user.has_usable_password() if request.user.is_authenticated else True
    password = "account_change_password" if has_password else "account_set_password"
    own = [
        _tab(request, reverse("workspaces:profile"), _("Profile"), "circle-user"),
        _tab(request, reverse("account_email"), _("E-mail address"), "mail"),
        *([] if settings.OIDC_ONLY else [_tab(request, reverse(password), _("Password"), "lock")]),
        _tab(request, reverse("mfa_index"), _("Security"), "shield", below=True),
        _tab(request, reverse("usersessions_list"), _("Browsers"), "monitor-smartphone"),
    ]
    if settings.SOCIALACCOUNT_PROVIDERS:
        own.append(_tab(request, reverse("socialaccount_connections"), _("Connected accounts"), "link"))
    if actor is not None:  # pages of higher modules, registered for the group "settings"
        own += _registered(request, actor, "settings")
    groups = [{"title": _("You"), "tabs": own}]
    if actor is not None and actor.workspace is not None:
        tabs = _of_workspace(request, actor) + _registered(request, actor, "workspace")
        place = {"title": actor.workspace.name, "tabs": tabs}
        # On a phone the tabs are one line: the group one is in comes first.
        groups.insert(0 if request.path.startswith("/w/") else 1, place)
    return groups


def _registered(request: HttpRequest, actor: Actor, group: str) -> list[dict[str, Any]]:
    """The tabs that higher modules registered for a group."""
    return [
        {
            "url": link.url,
            "label": link.item.label,
            "icon": link.item.icon,
            "current": request.path.startswith(link.url),
        }
        for link in navigation.links(actor, request.path, [group])
    ]


def _of_workspace(request: HttpRequest, actor: Actor) -> list[dict[str, Any]]:
    rows = (
        ("workspaces:settings", _("General"), "settings", "workspaces.workspace.edit"),
        ("workspaces:security", _("Security"), "shield", "workspaces.security.edit"),
        ("workspaces:members", _("Members"), "users", "workspaces.member.view"),
        ("workspaces:calendar", _("Working calendar"), "calendar-days", "workspaces.calendar.view"),
        ("workspaces:tokens", _("API tokens"), "key-round", "workspaces.token.view"),
        (
            "workspaces:workspace_tokens", _("Workspace tokens"), "key-square",
            "workspaces.workspace_token.view",
        ),
        ("workspaces:activity", _("Activity"), "activity", "workspaces.activity.view"),
        ("workspaces:audit", _("Audit log"), "scroll-text", "workspaces.audit.view"),
    )  # fmt: skip
    assert actor.workspace is not None
    slug = actor.workspace.slug
    return [
        _tab(request, reverse(name, args=[slug]), label, icon, below=name == "workspaces:workspace_tokens")
        for name, label, icon, p in rows
        if authz.can(actor, p)
    ]


def _tab(request: HttpRequest, url: str, label: str, icon: str, *, below: bool = False) -> dict[str, Any]:
    """``below``: the pages under its address belong to it as well."""
    # icons: circle-user mail lock shield monitor-smartphone link settings users calendar-days key-round activity
    # icons: scroll-text key-square
    current = request.path.startswith(url) if below else request.path == url
    return {"url": url, "label": label, "icon": icon, "current": current}


register.filter("role_label", role_word)


@register.filter
def row_state(state: str) -> str:
    """What becomes of a row of an import, in words."""
    return str(RowState(state).label)


@register.filter
def address_for(member: Membership, actor: Actor) -> str:
    """The member's e-mail address; "" for a reader who is not told it."""
    return member.user.email if shows_address(actor, member) else ""


@register.filter
def as_choices(departments: list[Department]) -> list[dict[str, str]]:
    """Departments as rows of a picker."""
    return [{"id": str(row.public_id), "title": row.name} for row in departments]


@register.filter
def kind_hint(kind: str) -> str:
    """One line that tells this kind of project from the others."""
    return str(ProjectKind(kind).hint)


@register.filter
def via_label(via: str) -> str:
    """The door an action came through, in the reader's language."""
    return str(Via(via).label)


@register.simple_tag
def password_rule() -> str:
    """What this server asks of a password."""
    return rule_of_passwords()


@register.filter
def told(value: Any) -> str:
    """A value of an event's payload, on one line."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, list):
        return _(", ").join(told(one) for one in value)
    if isinstance(value, dict):
        return _(", ").join(f"{name}: {told(one)}" for name, one in value.items())
    return str(value)


@register.filter
def scope_words(scopes: list[str]) -> str:
    """What a token may do, in words."""
    return _(", ").join(authz.scope_words(scope) for scope in scopes)


@register.filter
def zone_label(name: str) -> str:
    """A time zone by its city: 上海 Shanghai (UTC+8)."""
    return zones.zone_label(name)


@register.filter
def size(count: int | float) -> str:
    """Bytes as a person reads them: 1.4 GB."""
    amount = float(count)
    for unit in ("B", "KB", "MB", "GB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}" if unit in ("B", "KB") else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} TB"


@register.simple_tag
def first_account() -> bool:
    """Whether nobody has an account yet, so that the next one will own the server."""
    return not account.any_account()


@register.simple_tag
def domain_hint() -> str:
    """What a work address is good for, where some workspace lets people in by it: which ones, nobody is told before
    they have shown that the address is theirs.
    """
    if not domain_access.lets_anybody_in():
        return ""
    return _("With your work address you may be able to join your colleagues at once, without an invitation.")


@register.simple_tag(takes_context=True)
def came_with(context: Context) -> Invitation | None:
    """The open invitation this visitor came with."""
    return invited(context["request"])


@register.simple_tag
def sends_mail() -> bool:
    """Whether mails leave this server."""
    return bool(settings.MAIL_TRANSPORT)
