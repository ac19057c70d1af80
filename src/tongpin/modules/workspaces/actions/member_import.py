"""Importing members from a file: read it, say what its columns are, invite, take all of it back."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from procrastinate.contrib.django import app as jobs
from pydantic import BaseModel, ConfigDict, Field

from tongpin.kernel import clock
from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.errors import Conflict, Invalid, Throttled
from tongpin.kernel.events.recording import emit
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.workspaces import events, people_events
from tongpin.modules.workspaces import member_columns as columns
from tongpin.modules.workspaces.actions.department import create_department, delete_department
from tongpin.modules.workspaces.actions.imported_changes import put_back, update_member
from tongpin.modules.workspaces.actions.invitation import MAIL_DAYS, MAILS_A_DAY, mail_invitation
from tongpin.modules.workspaces.actions.member import close_invitation
from tongpin.modules.workspaces.enums import ImportState, RowState
from tongpin.modules.workspaces.models import Department, Invitation, MemberImport, MemberImportRow
from tongpin.modules.workspaces.queries import invitation as mails
from tongpin.modules.workspaces.queries import member_import as query
from tongpin.modules.workspaces.queries.member_import import Path, Plan, Planned

JOB = "workspaces.import_members"
MOST_ROWS = 5000
MOST_DEPARTMENTS = 500
#: Rows invited in one transaction: what is lost when a worker dies is at most this.
CHUNK = 25
#: Days a file that was never imported is kept.
DRAFT_DAYS = 7


class ReadLine(BaseModel):
    """``number`` is the row's in the file, counted from 1."""

    model_config = ConfigDict(extra="forbid")

    number: int = Field(ge=1)
    cells: list[str] = Field(max_length=800)


class CreateImport(BaseModel):
    """The rows of a file, the first of which may name the columns."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    lines: list[ReadLine] = Field(min_length=1, max_length=MOST_ROWS + 1)


class MapColumns(BaseModel):
    """Which column, from 0, holds what: keys are email, name, role, departments, projects, language."""

    model_config = ConfigDict(extra="forbid")

    columns: dict[str, int]


class StartImport(BaseModel):
    """``by_mail`` False sends nothing: links are made afterwards. ``make_departments`` makes those that are missing;
    else people come in without them. ``update_members`` gives those who are members already the role and the
    departments that the file names for them; a cell that is empty, an owner's role and one's own stay.
    """

    model_config = ConfigDict(extra="forbid")

    by_mail: bool = True
    make_departments: bool = True
    update_members: bool = False


@action("workspaces.member_import.create", permission="workspaces.member_import.edit")
def create_import(actor: Actor, data: CreateImport) -> MemberImport:
    """Keep the rows of a file and guess its columns. Nobody is invited yet."""
    assert actor.workspace is not None
    lines = [(line.number, [cell[:500] for cell in line.cells]) for line in data.lines]
    width = max(len(cells) for _n, cells in lines)
    named = columns.is_head(lines[0][1])
    head = lines.pop(0)[1] if named else []
    head = [*head, *[""] * (width - len(head))]
    if not lines:
        raise Invalid(_("The file has a heading and no people."), field="file", code="no_rows")
    row = MemberImport.objects.create(
        workspace=actor.workspace,
        name=data.name,
        head=head,
        lines=lines,
        columns=columns.guess(head, [cells for _n, cells in lines]),
        created_by=actor.user,
    )
    emit(people_events.MemberImportCreated(name=row.name, rows=len(lines)), row)
    return row


@action(
    "workspaces.member_import.map",
    permission="workspaces.member_import.edit",
    target=MemberImport,
    inverse="workspaces.member_import.map",
    inverse_data=lambda before, row: {"columns": before["columns"]},
)
def map_columns(actor: Actor, row: MemberImport, data: MapColumns) -> MemberImport:
    """Say which column holds what."""
    _require_draft(row)
    for name, at in data.columns.items():
        if name not in columns.FIELDS or not 0 <= at < len(row.head):
            raise Invalid(_("There is no such column."), field="columns", code="no_column")
    if len(set(data.columns.values())) < len(data.columns):
        raise Invalid(_("A column can hold only one thing."), field="columns", code="column_twice")
    if data.columns != row.columns:
        row.columns = data.columns
        row.save(update_fields=["columns"])
        emit(people_events.MemberImportMapped(name=row.name), row)
    return row


def _require_draft(row: MemberImport) -> None:
    if row.state != ImportState.DRAFT:
        raise Conflict(_("This file has been imported already."), code="import_started")


@action(
    "workspaces.member_import.start",
    permission="workspaces.member_import.edit",
    target=MemberImport,
    inverse="workspaces.member_import.undo",
)
def start_import(actor: Actor, row: MemberImport, data: StartImport) -> MemberImport:
    """Invite everyone in the file who is not a member or invited yet, and update who is, if asked to. A refused row
    keeps no other one back.
    """
    _require_draft(row)
    if "email" not in row.columns:
        raise Invalid(
            _("Say which column has the e-mail addresses."), field="columns", code="no_email_column"
        )
    plan = query.plan(actor, row)
    states = (RowState.WAITING, RowState.CHANGE) if data.update_members else (RowState.WAITING,)
    missing = plan.missing(*states) if data.make_departments else []
    places = _departments(actor, row, plan, missing)
    results = [_result(row, planned, places, update=data.update_members) for planned in plan.rows]
    MemberImportRow.objects.bulk_create(results)
    row.state, row.by_mail = ImportState.RUNNING, data.by_mail
    row.save(update_fields=["state", "by_mail", "departments_made"])
    emit(people_events.MemberImportStarted(name=row.name, rows=sum(r.state in states for r in results)), row)
    jobs.configure_task(JOB, lock=str(row.public_id)).defer(
        member_import=str(row.public_id), workspace=str(row.workspace.public_id)
    )
    return row


def _departments(actor: Actor, row: MemberImport, plan: Plan, missing: list[Path]) -> dict[Path, uuid.UUID]:
    """The departments there are with those now made."""
    if len(missing) > MOST_DEPARTMENTS:
        raise Invalid(
            _("The file would make more than %(n)d departments.") % {"n": MOST_DEPARTMENTS},
            code="too_many_departments",
            hint=_("Look whether the column of departments is the right one."),
        )
    places = dict(plan.places)
    for path in missing:
        made = create_department.run(actor, {"name": path[-1], "parent": places.get(path[:-1])}).value
        places[path] = made.public_id
        row.departments_made.append(made.public_id)
    return places


def _result(
    row: MemberImport, planned: Planned, places: dict[Path, uuid.UUID], *, update: bool
) -> MemberImportRow:
    departments = [places[path] for path in planned.departments if path in places]
    before: dict[str, Any] = {}
    if update and planned.state == RowState.CHANGE:
        # Where not one of the departments named is there, the member stays in those they are in.
        before = {key: was for key, was in planned.was.items() if key == "role" or departments}
        if "departments" in before:
            before["departments"] = [str(places[path]) for path in planned.was["departments"]]
    if planned.state == RowState.CHANGE and not before:
        planned.state = RowState.MEMBER
    return MemberImportRow(
        workspace=row.workspace,
        member_import=row,
        number=planned.number,
        email=planned.email,
        name=planned.name,
        role=planned.role,
        language=planned.language,
        departments=departments,
        projects=[{"project": str(p.public_id), "role": role.value} for p, role in planned.projects],
        before=before,
        state=planned.state,
        reason=planned.reason,
        about=planned.about,
    )


@action(
    "workspaces.member_import.advance",
    permission="workspaces.member_import.edit",
    target=MemberImport,
    api=False,
)
def advance_import(actor: Actor, row: MemberImport, data: Empty) -> MemberImport:
    """Invite or update the next rows of a running import, or send mails that had to wait."""
    if row.state not in (ImportState.RUNNING, ImportState.DONE):
        return row
    waiting = row.rows.filter(state__in=(RowState.WAITING, RowState.CHANGE)).order_by("number")
    if row.state == ImportState.DONE:
        _send_waiting(actor, row)
        return row
    room = MAILS_A_DAY - mails.mails_from(row.workspace, since=clock.now() - timedelta(days=1))
    chunk = list(waiting[:CHUNK])
    present = set(
        Membership.objects.active()
        .filter(workspace=row.workspace, user__email__in=[r.email for r in chunk])
        .values_list("user__email", flat=True)
    )
    asked = query.asked(actor)
    for one in chunk:
        if one.state == RowState.CHANGE:
            update_member(actor, one)
        elif one.email in present or one.email in asked:
            one.state = RowState.MEMBER if one.email in present else RowState.KNOWN
        else:
            room -= _invite(actor, row, one, room)
        one.save(update_fields=["state", "reason", "before", "invitation"])
    left = waiting.count()
    if not left:
        row.state = ImportState.DONE
        row.save(update_fields=["state"])
    emit(people_events.MemberImportAdvanced(left=left), row)
    return row


def _invite(actor: Actor, row: MemberImport, one: MemberImportRow, room: int) -> int:
    """Make the invitation, and mail it if there is room. Returns how many mails went out."""
    given = Invitation(
        workspace=row.workspace,
        # A link that others have seen proves nobody's address: without mail it is a link like any other.
        email=one.email if row.by_mail else "",
        role=one.role,
        max_uses=1,
        created_by=row.created_by,
    )
    given.renew(clock.now() + timedelta(days=MAIL_DAYS))
    one.state, mailed = RowState.INVITED, False
    if row.by_mail:
        mailed = room > 0 and _mailed(actor, given, one.language)
        one.state = RowState.INVITED if mailed else RowState.MAIL
    given.save()
    one.invitation = given
    emit(events.InvitationCreated(role=str(one.role), email=given.email, mailed=mailed), given)
    return int(mailed)


def _mailed(actor: Actor, given: Invitation, language: str) -> bool:
    try:
        mail_invitation(actor, given, language=language)
    except Throttled:
        return False
    return True


def _send_waiting(actor: Actor, row: MemberImport) -> None:
    room = MAILS_A_DAY - mails.mails_from(row.workspace, since=clock.now() - timedelta(days=1))
    late = row.rows.filter(state=RowState.MAIL).select_related("invitation__workspace").order_by("number")
    for one in late[: max(0, min(room, CHUNK))]:
        given = one.invitation
        if given is None or given.state != "open":
            one.state = RowState.INVITED  # taken back, used or run out meanwhile: nothing to send
        else:
            given.renew(clock.now() + timedelta(days=MAIL_DAYS))
            if not _mailed(actor, given, one.language):
                continue
            given.save(update_fields=["token_hash", "expires_at"])
            emit(events.InvitationResent(email=given.email), given)
            one.state = RowState.INVITED
        one.save(update_fields=["state"])


@action(
    "workspaces.member_import.stop",
    permission="workspaces.member_import.edit",
    target=MemberImport,
    api=False,
)
def stop_import(actor: Actor, row: MemberImport, data: Empty) -> MemberImport:
    """End an import whose maker may not invite any more: the rows that wait are refused."""
    if row.state == ImportState.RUNNING:
        row.rows.filter(state__in=(RowState.WAITING, RowState.CHANGE)).update(
            state=RowState.REFUSED, reason="stopped"
        )
        row.state = ImportState.DONE
        row.save(update_fields=["state"])
        emit(people_events.MemberImportAdvanced(left=0), row)
    return row


@action("workspaces.member_import.undo", permission="workspaces.member_import.edit", target=MemberImport)
def undo_import(actor: Actor, row: MemberImport, data: Empty) -> MemberImport:
    """Take a whole import back: its open invitations, what it changed of members and nobody changed since, and the
    departments it made that are still empty.

    Whoever has come in stays.
    """
    if row.state == ImportState.DRAFT:
        raise Conflict(_("This file has not been imported."), code="import_not_started")
    if row.state == ImportState.UNDONE:
        return row
    given = Invitation.objects.visible_to(actor).open().filter(imported_row__member_import=row)
    taken = list(given.select_for_update(of=("self",)))
    for invitation in taken:
        close_invitation(invitation)
    restored = sum(put_back(actor, one) for one in row.rows.filter(state=RowState.CHANGED))
    removed = 0
    for public_id in reversed(row.departments_made):  # those below were made after those above
        place = Department.objects.visible_to(actor).filter(public_id=public_id, lead=None).first()
        if place and not place.members.exists() and not place.children.filter(deleted_at=None).exists():
            delete_department.run(actor, {}, target=place)
            removed += 1
    row.state = ImportState.UNDONE
    row.save(update_fields=["state"])
    told = people_events.MemberImportUndone(
        name=row.name, invitations=len(taken), departments=removed, members=restored
    )
    emit(told, row)
    return row


@action(
    "workspaces.member_import.make_links",
    permission="workspaces.member_import.edit",
    target=MemberImport,
    api=False,
)
def make_links(actor: Actor, row: MemberImport, data: Empty) -> MemberImport:
    """Make a link for each person of an import without mail who has not come yet. Links made before stop working."""
    if row.by_mail or row.state != ImportState.DONE:
        raise Conflict(
            _("There are no links to make for this import."),
            code="no_links",
            hint=_("Wait until it is done."),
        )
    found = row.rows.filter(
        invitation__in=Invitation.objects.visible_to(actor).open().filter(imported_row__member_import=row)
    )
    links = []
    for one in found.select_related("invitation").order_by("number"):
        given = one.invitation
        assert given is not None
        given.renew(clock.now() + timedelta(days=MAIL_DAYS))
        given.save(update_fields=["token_hash", "expires_at"])
        links.append([one.email, one.name, given.link])
    row.links = links
    emit(people_events.MemberImportLinksMade(name=row.name, links=len(links)), row)
    return row


def purge_drafts() -> int:
    """Forget files that were read and never imported. Returns how many."""
    before = clock.now() - timedelta(days=DRAFT_DAYS)
    gone, _each = MemberImport.objects.filter(state=ImportState.DRAFT, created_at__lt=before).delete()
    return gone
