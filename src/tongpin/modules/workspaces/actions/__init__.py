"""The writes of this module, by noun. Importing the package registers them all."""

from tongpin.modules.workspaces.actions import (
    account,
    audit,
    calendar,
    department,
    department_member,
    invitation,
    member,
    profile,
    project,
    project_member,
    second_factor,
    security,
    server,
    session,
    token,
    workspace,
)

__all__ = [
    "account",
    "audit",
    "calendar",
    "department",
    "department_member",
    "invitation",
    "member",
    "profile",
    "project",
    "project_member",
    "second_factor",
    "security",
    "server",
    "session",
    "token",
    "workspace",
]
