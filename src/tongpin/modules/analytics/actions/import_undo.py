"""Removing the events of an import that is being taken back, and what is known of them alone."""

from __future__ import annotations

from collections import Counter
from datetime import date

from django.db import transaction
from django.db.models import F, Q

from tongpin.kernel.store import client
from tongpin.modules.analytics import columns
from tongpin.modules.analytics.actions import roster
from tongpin.modules.analytics.enums import ImportState
from tongpin.modules.analytics.flush.stored import TABLE
from tongpin.modules.analytics.importing.mapping import IMPORT
from tongpin.modules.analytics.models import Arrival, EventDay, EventImport, EventName, EventProperty


def take_back(row: EventImport) -> bool:
    """Remove the events of an import that is being taken back, ids that nothing else tells of from the list of users,
    and names that nothing else has from the catalogue. False while some of them still wait for the store.

    Raises StoreUnavailable and the like; harmless when done twice.
    """
    if Arrival.objects.filter(pk__lte=row.last_arrival, source=row.source_id).exists():
        return False
    where = (
        f"workspace = {{workspace:UUID}} AND source = {{source:UUID}} "
        f"AND properties.`{columns.key(IMPORT)}`.:String = {{import:String}}"
    )
    given = {
        "workspace": row.workspace.public_id,
        "source": row.source.public_id,
        "import": str(row.public_id),
    }
    if row.taking is None:
        counted = client.query(
            "SELECT event, toString(toDate(timestamp, {zone:String})), count()"  # noqa: S608  names of ours
            f" FROM {TABLE} WHERE {where} GROUP BY ALL",
            {**given, "zone": row.workspace.time_zone},
        )
        row.taking = [[event.replace("\0", ""), day, n] for event, day, n in counted.rows]
        row.save(update_fields=["taking"])
    client.command(f"DELETE FROM {TABLE} WHERE {where}", given)  # noqa: S608  names of ours
    ((left,),) = client.query(f"SELECT count() FROM {TABLE} WHERE {where}", given).rows  # noqa: S608  as above
    if left:
        return False
    roster.renew(row.workspace.public_id)
    _follow(row)
    return True


def _follow(row: EventImport) -> None:
    """The catalogue without the events that went, once."""
    names = sorted({event for event, _day, _n in row.taking or ()})
    with transaction.atomic():
        done = EventImport.objects.filter(pk=row.pk, state=ImportState.UNDOING)
        if not done.update(state=ImportState.UNDONE, taking=None):
            return
        listed = dict(
            EventName.objects.select_for_update()
            .filter(workspace=row.workspace, name__in=names)
            .order_by("pk")
            .values_list("name", "pk")
        )
        # Asked while the rows are held: what the flusher has put into the store and not told yet, it tells after us.
        found = client.query(
            f"SELECT event, min(timestamp), max(timestamp) FROM {TABLE} "  # noqa: S608  names of ours
            "WHERE workspace = {workspace:UUID} AND event IN {names:Array(String)} GROUP BY event",
            {"workspace": row.workspace.public_id, "names": names},
        )
        left = {event: (first, last) for event, first, last in found.rows}
        totals: Counter[int] = Counter()
        for event, day, n in row.taking or ():
            if event in listed:
                totals[listed[event]] += n
                days = EventDay.objects.filter(event=listed[event], day=date.fromisoformat(day))
                days.update(count=F("count") - n)
        EventDay.objects.filter(event__in=totals, count__lte=0).delete()
        for pk, n in totals.items():
            EventName.objects.filter(pk=pk).update(total=F("total") - n)
        for name in left.keys() & listed.keys():
            first, last = left[name]
            EventName.objects.filter(pk=listed[name]).update(first_seen_at=first, last_seen_at=last)
        _unsee([pk for name, pk in listed.items() if name not in left])


def _unsee(gone: list[int]) -> None:
    """Names of which no event is left: those that nobody planned or described go, the others wait for an event."""
    told = Q(expected=True) | ~Q(description="")
    EventProperty.objects.filter(event__in=gone).exclude(told).delete()
    EventProperty.objects.filter(event__in=gone).update(
        types=[], samples=[], first_seen_at=None, last_seen_at=None
    )
    kept = told | Q(key_event=True) | ~Q(owner=None) | ~Q(hidden_at=None) | ~Q(properties=None)
    rows = EventName.objects.filter(pk__in=gone)
    stay = list(rows.filter(kept).distinct().values_list("pk", flat=True))
    rows.exclude(pk__in=stay).delete()
    EventName.objects.filter(pk__in=stay).update(total=0, first_seen_at=None, last_seen_at=None)
