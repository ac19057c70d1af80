"""Making a report: a dashboard's answers as figures and one picture, a mail for each reader, updates for each group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid5
from zoneinfo import ZoneInfo

import structlog
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tongpin.kernel import clock
from tongpin.kernel.mail import compose
from tongpin.kernel.mail.compose import absolute
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.lib.pictures import Panel, Words, sheet
from tongpin.modules.analytics.public import Answered, dashboard_answers, pictured
from tongpin.modules.digests.actions import report_queue
from tongpin.modules.digests.actions.report import stop_report
from tongpin.modules.digests.models import Report, ReportRun, Robot, Update
from tongpin.modules.digests.queries.report import lost_right, readers_of, robots_of
from tongpin.modules.digests.vendors import VENDORS
from tongpin.modules.digests.vendors.base import one_line

log = structlog.get_logger("tongpin.reports")

BATCH = 20
WIDE = 7
"""A tile of so many of the grid's twelve columns has a row of the picture for itself."""
LONGEST_LINE = 300


@dataclass(frozen=True, slots=True)
class Told:
    """One tile in words: its figures (name, value), or why there are none."""

    title: str
    figures: Sequence[tuple[str, str]] = ()
    problem: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A report in one language. ``legend``: what the marks in the picture stand for."""

    tiles: list[Told]
    picture: bytes
    legend: dict[str, str] = field(default_factory=dict)

    @property
    def troubled(self) -> int:
        """How many tiles have no answer."""
        return sum(1 for tile in self.tiles if tile.problem)


def run_due() -> int:
    """Send every report whose time has come, at most BATCH. Returns how many."""
    for done in range(BATCH):
        taken = report_queue.claim()
        if taken is None:
            return done
        row, due = taken
        try:
            send(row, due)
        except Exception:  # one report must not hold up those after it; it is tried again when its hold ends
            log.exception("reports.failed", report=str(row.public_id))
    return BATCH


def send(row: Report, due: datetime) -> bool:
    """Send one report. False where that was done before, or it may not be sent any more."""
    why = lost_right(row)
    if why is not None:
        stop_report.run(Actor.system(row.workspace), {"why": why}, target=row)
        return False
    readers, robots = readers_of(row), robots_of(row)
    made = make(row)
    run = ReportRun(
        workspace=row.workspace, report=row, due=due, picture=made.picture, troubled=made.troubled
    )
    mails = [mail(row, made, reader) for reader in readers]
    return report_queue.settle(
        run, mails, [each for robot in robots for each in updates(row, made, run, robot)]
    )


def make(row: Report) -> Made:
    """Ask the dashboard's questions with its owner's rights, and draw the answers. No transaction is open."""
    actor = Actor.for_member(row.owner)
    with translation.override(row.language), timezone.override(ZoneInfo(row.workspace.time_zone)):
        answers = list(dashboard_answers(actor, row.dashboard))
        shown = [_panel(each) for each in answers]
        now = date_format(timezone.localtime(clock.now()), "SHORT_DATETIME_FORMAT")
        note = _("%(workspace)s · as of %(time)s") % {"workspace": row.workspace.name, "time": now}
        drawn = sheet(row.dashboard.name, note, [panel for _told, panel in shown])
    return Made([told for told, _panel in shown], drawn.png, drawn.legend)


def _panel(each: Answered) -> tuple[Told, Panel]:
    title, wide = each.tile.name, each.tile.w >= WIDE
    if each.problem is not None:
        said = str(each.problem.message)
        return Told(title, problem=said), Panel(title, Words(said), wide=wide)
    shown = each.shown(lambda point: "")
    if shown is None or each.question is None:
        said = _("This insight was deleted.") if each.tile.is_gone else each.tile.text
        return Told(title, text=said), Panel(title, Words(said), wide=wide)
    panel = pictured(title, each.question.kind, shown, wide=wide)
    return Told(title, panel.figures, text="" if panel.figures else _said(panel)), panel


def _said(panel: Panel) -> str:
    return panel.picture.text if isinstance(panel.picture, Words) else ""


def mail(row: Report, made: Made, reader: Membership) -> compose.Message:
    """The mail for one reader, in the report's language, since its figures and its picture are."""
    to = compose.Reader(reader.user.email, row.language, reader.user.time_zone, reader.user.name)
    place = [row.workspace.slug, row.dashboard.public_id]
    context = {
        "report": row,
        "made": made,
        "dashboard_url": absolute(reverse("analytics:dashboard", args=place)),
        "leave_url": absolute(reverse("digests:report", args=[*place, row.public_id])),
    }
    return compose.message(to, "digests/mail/report", context)


def updates(row: Report, made: Made, run: ReportRun, robot: Robot) -> list[Update]:
    """What goes into one group: the figures in a line, and the picture as the vendor takes it."""
    how = VENDORS[robot.vendor].PICTURES
    url = absolute(reverse("analytics:dashboard", args=[row.workspace.slug, row.dashboard.public_id]))
    first = Update(
        workspace=row.workspace, robot=robot, event=run.public_id, said=headline(made), about=row.dashboard.name,
        url=url, at=clock.now(), run=run if how == "address" else None,
    )  # fmt: skip
    if how != "bytes":
        return [first]
    picture = Update(
        workspace=row.workspace, robot=robot, event=uuid5(run.public_id, "picture"), said=row.dashboard.name,
        at=clock.now(), run=run,
    )  # fmt: skip
    return [first, picture]


def headline(made: Made) -> str:
    """The first figures of each tile in one line."""
    parts = []
    for tile in made.tiles:
        figures = ", ".join(f"{name} {value}" for name, value in tile.figures[:2])
        if figures:
            parts.append(f"{tile.title}: {figures}")
    return one_line("; ".join(parts) or _("The figures are in the picture."), LONGEST_LINE)
