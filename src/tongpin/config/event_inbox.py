"""What ``tongpin doctor`` says of product events on their way into the store."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from tongpin.config.findings import Finding
from tongpin.kernel import clock
from tongpin.modules.analytics import public as analytics


def event_inbox() -> Iterator[Finding]:
    """Of all workspaces: what waits, what was set aside and why, and imports that did not come to their end."""
    standing = analytics.inbox_standing()
    yield _waiting(standing)
    yield _aside(standing)
    yield _imports(standing)


def _waiting(standing: analytics.ServerStanding) -> Finding:
    if standing.oldest is None:
        return Finding("ok", "inbox", pgettext("doctor", "empty"))
    minutes = int((clock.now() - standing.oldest).total_seconds() // 60)
    text = ngettext(
        "%(n)d request waits for the event store", "%(n)d requests wait for the event store", standing.waiting
    )
    text = text % {"n": standing.waiting}
    if not standing.late:
        return Finding("ok", "inbox", text)
    text += ngettext(", the oldest for %(m)d minute.", ", the oldest for %(m)d minutes.", minutes) % {
        "m": minutes
    }
    if standing.trouble:
        return Finding(
            "warning",
            "inbox",
            text,
            _("The event store does not take them: %(reason)s") % {"reason": standing.trouble},
        )
    return Finding("warning", "inbox", text, _("Is a worker running? The log says what holds it up."))


def _aside(standing: analytics.ServerStanding) -> Finding:
    if not standing.parked:
        return Finding("ok", "aside", pgettext("doctor", "none"))
    count = sum(each.requests for each in standing.parked)
    text = ngettext(
        "%(n)d request was set aside: %(reasons)s", "%(n)d requests were set aside: %(reasons)s", count
    ) % {
        "n": count,
        "reasons": "; ".join(f"{each.reason} ({each.requests})" for each in standing.parked[:3]),
    }
    return Finding(
        "warning",
        "aside",
        text,
        _("Nothing is lost. Once the reason is mended, often by an update: `tongpin events retry-parked`."),
    )


def _imports(standing: analytics.ServerStanding) -> Finding:
    count = standing.half_imports
    if not count:
        return Finding("ok", "imports", pgettext("doctor", "none broke off"))
    return Finding(
        "warning",
        "imports",
        ngettext(
            "%d import of the last days stands half way.",
            "%d imports of the last days stand half way.",
            count,
        )
        % count,
        _(
            "The same file goes on with it, `tongpin events undo` takes it back: see `tongpin events imports`."
        ),
    )
