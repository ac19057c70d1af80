"""What happens to sources, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tongpin.modules.workspaces.public import describe


def register() -> None:
    """Called once, when the program starts."""
    describe("analytics.source_created", lambda p: _("added the data source “%(name)s”") % {"name": p.name})
    describe("analytics.source_edited", lambda p: _("changed the data source “%(name)s”") % {"name": p.name})
    describe("analytics.source_paused", lambda p: _("paused the data source “%(name)s”") % {"name": p.name})
    describe("analytics.source_resumed", lambda p: _("resumed the data source “%(name)s”") % {"name": p.name})
    describe("analytics.source_deleted", lambda p: _("deleted the data source “%(name)s”") % {"name": p.name})
    describe(
        "analytics.source_restored", lambda p: _("brought back the data source “%(name)s”") % {"name": p.name}
    )
    describe(
        "analytics.source_key_added",
        lambda p: _("gave the data source “%(name)s” the key …%(end)s") % {"name": p.name, "end": p.end},
    )
    describe(
        "analytics.source_key_retired",
        lambda p: (
            _("retired the key …%(end)s of the data source “%(name)s”") % {"name": p.name, "end": p.end}
        ),
    )
    describe(
        "analytics.source_key_revived",
        lambda p: (
            _("uses the key …%(end)s of the data source “%(name)s” again") % {"name": p.name, "end": p.end}
        ),
    )
    describe(
        "analytics.import_started",
        lambda p: _("began to import “%(name)s” into %(source)s") % {"name": p.name, "source": p.source},
    )
    describe("analytics.import_stopped", lambda p: _("stopped the import of “%(name)s”") % {"name": p.name})
    describe("analytics.import_resumed", lambda p: _("went on importing “%(name)s”") % {"name": p.name})
    describe(
        "analytics.import_failed", lambda p: _("could not read “%(name)s” to its end") % {"name": p.name}
    )
    describe(
        "analytics.import_finished",
        lambda p: _("imported %(n)d events from “%(name)s”") % {"n": p.events, "name": p.name},
    )
    describe("analytics.import_undone", lambda p: _("took the import of “%(name)s” back") % {"name": p.name})
