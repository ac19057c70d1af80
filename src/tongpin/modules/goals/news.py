"""What whoever answers for a look back is told, and how this module's events read on the activity page."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tongpin.kernel.events import payloads
from tongpin.kernel.events.models import Event
from tongpin.kernel.news import Kind, Wording, rule
from tongpin.kernel.tenancy.models import Membership
from tongpin.lib.effects import Estimate, Evidence, Result, SizeUnit
from tongpin.modules.goals.models import LookBack
from tongpin.modules.goals.wording import failures, numbers, results
from tongpin.modules.workspaces.public import describe

RESULT = Kind(
    "goals.result",
    gettext_lazy("Results"),
    gettext_lazy("A look back of yours has its result."),
    icon="history",
)


def owner_of(event: Event) -> list[Membership]:
    """Who answers for it, as a member of the workspace; nobody if the look back is gone."""
    owner = LookBack.objects.filter(public_id=event.subject_id, deleted_at=None).values_list(
        "owner", flat=True
    )
    return list(
        Membership.objects.active()
        .filter(workspace=event.workspace, user__in=owner)
        .select_related("user", "workspace")
    )


def concluded(event: Event, language: str) -> Wording:
    """The word, the size and how sure it is: enough to know without opening it."""
    said: Any = payloads.from_row(event.name, event.v, event.payload)
    word = results.word(Result(said.result))
    parts = [results.evidence(Evidence(said.evidence))]
    if said.relative is not None:
        estimate = Estimate(said.relative, said.low, said.high)
        between = numbers.interval(estimate, SizeUnit.RELATIVE)
        parts.insert(0, f"{numbers.percent(said.relative, signed=True)} {between}".strip())
    title = _("%(word)s: %(title)s") % {"word": word, "title": said.title}
    return Wording(title, " · ".join(parts), _page(event))


def failed(event: Event, language: str) -> Wording:
    """Why nothing could be computed."""
    said: Any = payloads.from_row(event.name, event.v, event.payload)
    title = _("No result: %(title)s") % {"title": said.title}
    return Wording(title, failures.by_code(said.code, said.params), _page(event))


def _page(event: Event) -> str:
    slug = event.workspace.slug if event.workspace else ""
    return reverse("goals:lookback", args=[slug, event.subject_id])


def register() -> None:
    """Called by ``apps.ready()``."""
    rule("goals.lookback_concluded", kind=RESULT, recipients=owner_of, wording=concluded)
    rule("goals.lookback_failed", kind=RESULT, recipients=owner_of, wording=failed)
    describe("goals.lookback_created", lambda p: _("started to look back: “%(title)s”") % {"title": p.title})
    describe(
        "goals.lookback_asked", lambda p: _("set the launch day to %(day)s") % {"day": numbers.day(p.launch)}
    )
    describe("goals.lookback_queued", lambda p: _("asked for the result"))
    describe("goals.lookback_started", lambda p: _("began to compute the result"))
    describe(
        "goals.lookback_concluded",
        lambda p: (
            _("concluded “%(title)s”: %(word)s") % {"title": p.title, "word": results.word(Result(p.result))}
        ),
    )
    describe("goals.lookback_failed", lambda p: _("could not compute “%(title)s”") % {"title": p.title})
    describe("goals.lookback_renamed", lambda p: _("renamed a look back to “%(title)s”") % {"title": p.title})
    describe(
        "goals.lookback_given",
        lambda p: _("handed the look back “%(title)s” to %(name)s") % {"title": p.title, "name": p.name},
    )
    describe("goals.lookback_interpreted", lambda p: _("wrote a reading of a result"))
    describe("goals.lookback_deleted", lambda p: _("deleted the look back “%(title)s”") % {"title": p.title})
    describe(
        "goals.lookback_restored", lambda p: _("brought back the look back “%(title)s”") % {"title": p.title}
    )
