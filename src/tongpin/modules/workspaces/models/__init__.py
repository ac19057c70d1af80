"""The rows of this module, by noun. People, workspaces and memberships are ``kernel.tenancy``'s."""

from tongpin.modules.workspaces.models.access import (
    RESTORABLE,
    Acceptance,
    Invitation,
    digest,
)
from tongpin.modules.workspaces.models.calendar import MarkedDay, WorkCalendar, office_hours
from tongpin.modules.workspaces.models.department import (
    DeletedDepartment,
    Department,
    DepartmentMember,
)
from tongpin.modules.workspaces.models.domain_access import DomainAccess
from tongpin.modules.workspaces.models.member_import import MemberImport, MemberImportRow
from tongpin.modules.workspaces.models.project import (
    DeletedProject,
    OldProjectKey,
    Project,
    ProjectMember,
    ProjectPin,
)
from tongpin.modules.workspaces.models.token import ApiToken, WorkspaceToken

__all__ = [
    "RESTORABLE",
    "Acceptance",
    "ApiToken",
    "DeletedDepartment",
    "DeletedProject",
    "Department",
    "DepartmentMember",
    "DomainAccess",
    "Invitation",
    "MarkedDay",
    "MemberImport",
    "MemberImportRow",
    "OldProjectKey",
    "Project",
    "ProjectMember",
    "ProjectPin",
    "WorkCalendar",
    "WorkspaceToken",
    "digest",
    "office_hours",
]
