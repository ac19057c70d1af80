"""Following the directory: every hour, and with ``tongpin follow-directory``."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from django.conf import settings

from tongpin.kernel.errors import DomainError
from tongpin.kernel.tenancy.models import Workspace
from tongpin.modules.workspaces.actions.directory_account import NotAdmitted, account_of, link_of
from tongpin.modules.workspaces.actions.directory_sync import end_access, join, place, restore_access
from tongpin.modules.workspaces.ldap.directory import Directory, Entry
from tongpin.modules.workspaces.queries.directory_link import Plan, plan

log = structlog.get_logger("tongpin.ldap")


@dataclass(frozen=True, slots=True)
class Followed:
    """How many people: in the directory, left out (no address, or one of another account), ended, let in again.

    ``held_back`` are those who would have been ended, had they not been too many at once.
    """

    people: int
    left_out: int = 0
    ended: int = 0
    restored: int = 0
    held_back: int = 0


def workspace_to_join() -> Workspace | None:
    """The workspace the directory's people join; None without one, or when it does not exist."""
    slug = settings.LDAP.workspace if settings.LDAP is not None else ""
    return Workspace.objects.filter(slug=slug, deleted_at=None).first() if slug else None


def follow(*, force: bool = False) -> Followed:
    """Do what the directory says. ``force`` ends access however many are gone. Raises Unavailable.

    Many people gone at once is more often a changed filter or a lost right than a company without its people.
    """
    entries = Directory(settings.LDAP).people()
    workspace = workspace_to_join()
    found: Plan = plan(entries)
    held_back = len(found.gone) if found.too_many and not force else 0
    if held_back:
        log.warning("ldap.too_many_gone", gone=held_back, linked=found.linked)
    else:
        for link in found.gone:
            end_access(link, workspace)
    for link in found.back:
        restore_access(link)
    left_out = (
        sum(not _bring_in(entry, workspace) for entry in entries if not entry.disabled) if workspace else 0
    )
    ended = 0 if held_back else len(found.gone)
    done = Followed(len(entries), left_out, ended, len(found.back), held_back)
    log.info("ldap.followed", people=done.people, left_out=left_out, ended=ended, restored=done.restored)
    return done


def _bring_in(entry: Entry, workspace: Workspace) -> bool:
    """Whether the person has an account and a place."""
    try:
        user = account_of(entry, may_make=True, language=workspace.language, time_zone=workspace.time_zone)
        member = join(user, workspace)
        link = link_of(entry)
        if settings.LDAP.departments and link is not None and member.deactivated_at is None:
            place(link, member, entry.units)
    except (NotAdmitted, DomainError) as error:
        log.warning("ldap.left_out", login=entry.login, reason=str(error))
        return False
    return True
