"""From the event stream: an object that has another name gives it to its discussion."""

from __future__ import annotations

from tongpin.kernel.events.models import Event
from tongpin.kernel.search import documents
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.discussions import subjects
from tongpin.modules.discussions.actions.upkeep import follow_title
from tongpin.modules.discussions.models import Discussion


def on_events(events: list[Event]) -> None:
    """Whatever happened to an object that is discussed may have been a renaming. Idempotent."""
    discussed = {kind.key for kind in subjects.kinds()}
    for event in events:
        if event.workspace is None or event.subject_type not in discussed:
            continue
        ident = subjects.discussion_id(event.subject_type, event.subject_id)
        for row in Discussion.objects.filter(workspace=event.workspace, public_id=ident):
            named = follow_title.run(Actor.system(event.workspace), target=row).value
            if named.title != row.title:
                documents.index([(event.workspace.pk, Discussion._meta.label_lower, row.public_id)])
