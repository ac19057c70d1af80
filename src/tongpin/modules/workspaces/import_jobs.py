"""Inviting the people of a file, some at a time, and sending the mails that had to wait for another day."""

from __future__ import annotations

import uuid

from tongpin.kernel.errors import Denied, NotFound
from tongpin.kernel.jobs.queue import job, periodic
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Via
from tongpin.kernel.tenancy.models import Workspace
from tongpin.modules.workspaces.actions.member_import import JOB, advance_import, stop_import
from tongpin.modules.workspaces.enums import ImportState, RowState
from tongpin.modules.workspaces.models import MemberImport


def _maker(row: MemberImport) -> Actor:
    """Who started it, as they are now. Raises NotFound for one who is not in the workspace any more."""
    if row.created_by is None:
        return Actor.system(row.workspace)
    return Actor.in_workspace(row.created_by, row.workspace.slug, Via.RULE)


@job(JOB)
def import_members(member_import: str, workspace: str) -> None:
    """Invite everybody who waits. A run that died goes on where its last transaction ended."""
    found = Workspace.objects.filter(public_id=workspace, deleted_at=None).first()
    row = _find(found, member_import)
    while row is not None and row.state == ImportState.RUNNING:
        try:
            advance_import.run(_maker(row), {}, target=row)
        except (NotFound, Denied):
            if _find(found, member_import) is not None:
                stop_import.run(Actor.system(found), {}, target=row)
        row = _find(found, member_import)


def _find(workspace: Workspace | None, public_id: str) -> MemberImport | None:
    rows = MemberImport.objects.filter(workspace=workspace, public_id=uuid.UUID(public_id))
    found: MemberImport | None = rows.select_related("workspace", "created_by").first()
    return found


@periodic("23 * * * *", "workspaces.imported_mails")
def send_waiting(timestamp: int) -> None:
    """Send mails of imports that had to wait, as many as their workspaces may send now."""
    late = MemberImport.objects.filter(
        state=ImportState.DONE, rows__state=RowState.MAIL, workspace__deleted_at=None
    )
    for row in late.select_related("workspace", "created_by").distinct("pk").order_by("pk"):
        before, left = None, _late(row)
        while left and left != before:
            try:
                advance_import.run(_maker(row), {}, target=row)
            except (NotFound, Denied):
                break
            before, left = left, _late(row)


def _late(row: MemberImport) -> int:
    return row.rows.filter(state=RowState.MAIL).count()
