"""Nightly housekeeping, and an hourly look at the company's directory."""

from __future__ import annotations

import uuid

import structlog
from django.conf import settings
from procrastinate import RetryStrategy

from tongpin.kernel.jobs.queue import job, periodic
from tongpin.kernel.store.copy import erase_workspace
from tongpin.modules.workspaces import upgrades
from tongpin.modules.workspaces.actions.department import purge_deleted_departments
from tongpin.modules.workspaces.actions.member_import import purge_drafts
from tongpin.modules.workspaces.actions.project import purge_deleted_projects
from tongpin.modules.workspaces.actions.workspace import ERASE_JOB, purge_deleted
from tongpin.modules.workspaces.ldap import sync
from tongpin.modules.workspaces.ldap.directory import Unavailable

log = structlog.get_logger("tongpin.workspaces")

#: A minute later each time: a store that is away comes back within some three days.
PATIENT = RetryStrategy(max_attempts=100, linear_wait=60)


@periodic("7 3 * * *", "workspaces.purge_deleted")
def purge(timestamp: int) -> None:
    """Erase workspaces, projects and departments that were deleted more than 30 days ago, and files never imported."""
    log.info(
        "workspaces.purged",
        count=purge_deleted(),
        projects=purge_deleted_projects(),
        departments=purge_deleted_departments(),
        imports=purge_drafts(),
    )


@periodic("41 * * * *", "workspaces.follow_directory")
def follow_directory(timestamp: int) -> None:
    """Do what the company's directory says, where there is one."""
    if settings.LDAP is None:
        return
    try:
        sync.follow()
    except Unavailable as error:  # the next hour comes; `tongpin doctor` says it too
        log.warning("ldap.unavailable", reason=str(error))


@periodic("23 5 * * *", "workspaces.check_upgrade")
def check_upgrade(timestamp: int) -> None:
    """Ask whether there is a newer version, where that is wanted."""
    upgrades.check()


@job(ERASE_JOB, retry=PATIENT)
def erase_store(workspace: str) -> None:
    """Remove an erased workspace's events from the event store."""
    erase_workspace(uuid.UUID(workspace))
