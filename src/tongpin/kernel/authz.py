"""Fixed verbs by role. A module declares its permissions once, in ``permissions.py``; the action door checks them.

There are no custom roles in version 1. Which objects an actor sees at all is the business of ``visible_to``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tongpin.kernel.errors import Denied, Text
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Role

Condition = Callable[[Actor, Any], bool]

ANYONE = frozenset(Role)
MEMBERS = frozenset({Role.OWNER, Role.ADMIN, Role.MEMBER})
ADMINS = frozenset({Role.OWNER, Role.ADMIN})
OWNERS = frozenset({Role.OWNER})


@dataclass(frozen=True, slots=True)
class Permission:
    """``name`` is ``module.noun.verb``. ``account`` permissions concern the person alone, outside any workspace.

    ``people``: no workspace token holds it, whatever its role. Who is let in and with which rights, how the workspace
    is kept safe, and what is one's own, people decide.
    """

    name: str
    roles: frozenset[Role]
    when: Condition | None = None
    account: bool = False
    people: bool = False

    @property
    def scope(self) -> str:
        """The token scope it needs: ``module:read`` for the verb *view*, else ``module:write``."""
        module, *_, verb = self.name.split(".")
        return f"{module}:{'read' if verb == 'view' else 'write'}"


_permissions: dict[str, Permission] = {}


def declare(
    name: str,
    roles: frozenset[Role] = frozenset(),
    *,
    when: Condition | None = None,
    account: bool = False,
    people: bool = False,
) -> Permission:
    """Register a permission. ``when(actor, obj)`` narrows (or, for the author of a row, widens) what roles allow.

    With ``when`` the permission holds if the role is in ``roles`` *or* ``when`` says so; use an empty ``roles``
    for a permission that is only conditional. Raises ValueError on a second declaration.
    """
    if name in _permissions:
        raise ValueError(f"permission declared twice: {name}")
    permission = Permission(name, roles, when, account, people)
    _permissions[name] = permission
    return permission


def permissions() -> dict[str, Permission]:
    """Every declared permission by name."""
    return dict(_permissions)


def scopes() -> list[str]:
    """Every token scope there is, sorted."""
    modules = {name.split(".")[0] for name in _permissions}
    return sorted(f"{module}:{kind}" for module in modules for kind in ("read", "write"))


def scopes_of_workspace_tokens() -> list[str]:
    """Those scopes that open something to a token that is nobody's, sorted."""
    held = {p.scope for p in _permissions.values() if (p.roles or p.when) and not (p.people or p.account)}
    return sorted(held)


_scope_words: dict[str, tuple[Text, Text]] = {}


def describe_scopes(module: str, *, read: Text, write: Text) -> None:
    """Say what a token may do with a module's scopes, in words people choose by: in ``permissions.py``."""
    _scope_words[module] = (read, write)


def scope_words(scope: str) -> str:
    """A scope in words; its code where its module has none."""
    module, _colon, kind = scope.partition(":")
    return str(_scope_words[module][kind == "write"]) if module in _scope_words else scope


def can(actor: Actor, name: str, obj: Any = None) -> bool:
    """Whether the actor holds the permission (on ``obj``, where it depends on one). Raises KeyError if undeclared."""
    permission = _permissions[name]
    if actor.scopes is not None and not _in_scope(actor.scopes, permission):
        return False
    if actor.is_system:
        return True
    if actor.is_token and (permission.people or permission.account):
        return False
    if permission.account:
        return actor.user is not None and (permission.when is None or permission.when(actor, obj))
    if actor.role is None:
        return False
    if actor.role in permission.roles:
        return True
    return permission.when is not None and obj is not None and permission.when(actor, obj)


def require_scope(actor: Actor, name: str) -> None:
    """Raise Denied if the actor's token is not for this permission. Raises KeyError if undeclared."""
    if actor.scopes is not None and not _in_scope(actor.scopes, _permissions[name]):
        raise Denied


def may_read(actor: Actor, module: str) -> bool:
    """Whether the actor's token opens this module's objects to reading; a person at a screen has no token."""
    return actor.scopes is None or bool(actor.scopes & {f"{module}:read", f"{module}:write"})


def _in_scope(held: frozenset[str], permission: Permission) -> bool:
    needed = permission.scope
    module, kind = needed.split(":")
    return needed in held or (kind == "read" and f"{module}:write" in held)


def require(actor: Actor, name: str, obj: Any = None) -> None:
    """Raise Denied unless the actor holds the permission."""
    if not can(actor, name, obj):
        raise Denied
