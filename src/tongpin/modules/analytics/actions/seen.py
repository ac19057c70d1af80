"""What the catalogue learns from events that have come into the store, in the flusher's transaction.

"First" and "last seen" are by the events' own times (SPEC I2 applied), days in the workspace's zone: an import of an
old year tells of that year, whenever and in whatever order it comes. One statement a batch for names, one for days,
and properties only while there is something new about them: what is known is remembered by the process, so that a
million events of the same kind cost a set comparison each.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from tongpin.kernel.tenancy.models import Workspace
from tongpin.lib.ids import new_id
from tongpin.modules.analytics.enums import ValueType
from tongpin.modules.analytics.flush.hooks import EPOCH, Fresh
from tongpin.modules.analytics.models import EventName, EventProperty, LeftOut
from tongpin.modules.analytics.models.catalogue import LONGEST_NAME

MOST_NAMES = 2_000
"""Events a workspace's catalogue lists by itself; what people plan comes on top."""
MOST_PROPERTIES = 500
"""Properties of one event."""
SAMPLES, LONGEST_SAMPLE = 5, 100
LOOKS = 20
"""Batches in which values of a property are looked at for samples, and events of each."""
_STALE = 3600 * 1000  # milliseconds ``last_seen_at`` of a property may lie behind
_QUARTER = 15 * 60 * 1000  # every zone's midnight falls on one

TYPES: dict[type, ValueType] = {
    str: ValueType.TEXT,
    int: ValueType.NUMBER,
    float: ValueType.NUMBER,
    bool: ValueType.BOOLEAN,
    list: ValueType.LIST,
    dict: ValueType.OBJECT,
    type(None): ValueType.EMPTY,
}
PERSONAL = re.compile(
    r"e.?mail|phone|mobile|\btel\b|(first|last|full|real|user|nick)_?name|^name$|address|birth|passport|id_?card|"
    r"ssn|^\$?ip$|wechat|openid|手机|电话|邮箱|姓名|真名|昵称|地址|生日|身份证|微信",
    re.I,
)
_LOOKS_PERSONAL = re.compile(r"[^@\s]+@[^@\s]+\.\w+|(?:\+?86)?1[3-9]\d{9}\b|\b\d{17}[\dXx]\b")

Pair = tuple[str, type]
Span = tuple[int, int]
"""The first and the last time of something: milliseconds since 1970."""


@dataclass(slots=True)
class _Known:
    """What this process remembers of an event: pairs it need not look at, batches it has looked at a property.

    ``event`` is its primary key: a name that went with an import taken back and comes again is another row.
    """

    event: int = 0
    pairs: set[Pair] = field(default_factory=set)
    looks: Counter[str] = field(default_factory=Counter)
    spans: dict[str, Span] = field(default_factory=dict)
    """Of each property the first and last time that its row has."""


@dataclass(slots=True)
class _Batch:
    """What a batch tells of an event: times in milliseconds since 1970, ``received`` the last by our own clock."""

    count: int = 0
    received: int = 0
    quarters: Counter[int] = field(default_factory=Counter)
    names: dict[tuple[str, ...], list[int]] = field(default_factory=dict)
    """First and last time of the events with exactly these properties."""
    new: dict[Pair, None] = field(default_factory=dict)
    values: dict[str, dict[str, None]] = field(default_factory=dict)
    skip: set[Pair] = field(default_factory=set)
    looks: Counter[Pair] = field(default_factory=Counter)

    @property
    def span(self) -> Span:
        """The first and the last time of all its events."""
        return min(first for first, _ in self.names.values()), max(last for _, last in self.names.values())

    def spans(self) -> dict[str, Span]:
        """The same for each property, of the events that had it."""
        found: dict[str, Span] = {}
        for names, (first, last) in self.names.items():
            for name in names:
                before = found.get(name, (first, last))
                found[name] = min(before[0], first), max(before[1], last)
        return found


_memory: dict[tuple[int, str], _Known] = {}
_MOST_REMEMBERED = 300_000
"""Pairs and properties of all events together: names are the senders', and some never send one twice."""


def take(workspace: int, fresh: list[Fresh]) -> None:
    """Bring the catalogue of the workspace (its primary key) up to date with new events; called once for each."""
    if (
        sum(len(known.pairs) + len(known.looks) + len(known.spans) for known in _memory.values())
        > _MOST_REMEMBERED
    ):
        _memory.clear()
    batches = _gathered(workspace, fresh)
    with connection.cursor() as cursor:
        _write_names(cursor, workspace, batches)
        ids = _listed(workspace, batches)
        _forget_others(workspace, ids, fresh, batches)
        _write_days(cursor, workspace, {ids[name]: batch for name, batch in batches.items() if name in ids})
    for name, batch in batches.items():
        if name in ids:
            _write_properties(workspace, name, ids[name], batch)


def _forget_others(
    workspace: int, ids: Mapping[str, int], fresh: Iterable[Fresh], batches: dict[str, _Batch]
) -> None:
    """What is remembered of a row that has gone does not hold for the new one of its name: look again."""
    stale = {
        name
        for name, pk in ids.items()
        if (workspace, name) in _memory and _memory[workspace, name].event != pk
    }
    for name in stale:
        del _memory[workspace, name]
    if stale:
        batches.update(_gathered(workspace, (each for each in fresh if each.row["e"] in stale)))


def _gathered(workspace: int, fresh: Iterable[Fresh]) -> dict[str, _Batch]:
    found: dict[str, _Batch] = {}
    for each in fresh:
        row = each.row
        name = row["e"]
        batch = found.get(name)
        if batch is None:
            batch = found[name] = _Batch()
            if (workspace, name) in _memory:
                batch.skip = set(_memory[workspace, name].pairs)
        batch.count += 1
        at = each.at
        batch.quarters[at // _QUARTER] += 1
        if each.received_at > batch.received:
            batch.received = each.received_at
        properties = row["p"]
        names = tuple(properties)
        span = batch.names.get(names)
        if span is None:
            batch.names[names] = [at, at]
        elif at < span[0]:
            span[0] = at
        elif at > span[1]:
            span[1] = at
        pairs = list(zip(properties, map(type, properties.values()), strict=True))
        if not batch.skip.issuperset(pairs):
            _look(batch, pairs, properties)
    return found


def _look(batch: _Batch, pairs: list[Pair], properties: Mapping[str, Any]) -> None:
    for pair in pairs:
        if pair in batch.skip:
            continue
        batch.new[pair] = None
        batch.looks[pair] += 1
        if batch.looks[pair] >= LOOKS:
            batch.skip.add(pair)
        values = batch.values.setdefault(pair[0], {})
        if len(values) < SAMPLES and pair[1] in (str, int, float, bool):
            text = str(properties[pair[0]]).replace("\0", "�")
            if text and len(text) <= LONGEST_SAMPLE and not _LOOKS_PERSONAL.search(text):
                values[text] = None


def _clean(name: str) -> bool:
    return 0 < len(name) <= LONGEST_NAME and "\0" not in name


def _moment(milliseconds: int) -> datetime:
    return EPOCH + timedelta(milliseconds=milliseconds)


def _listed(workspace: int, names: Iterable[str]) -> dict[str, int]:
    """Those of the names that the catalogue has, with their primary keys."""
    rows = EventName.objects.filter(workspace=workspace, name__in=[name for name in names if _clean(name)])
    return dict(rows.values_list("name", "pk"))


def _write_names(cursor: Any, workspace: int, batches: dict[str, _Batch]) -> None:
    """Add names there is room for and count the rest as left out; counts and times of the others."""
    listed = set(_listed(workspace, batches))
    new = [name for name in batches if name not in listed]
    if new:
        room = MOST_NAMES - EventName.objects.filter(workspace=workspace).exclude(first_seen_at=None).count()
        fitting = [name for name in new if _clean(name)][: max(room, 0)]
        left = set(new) - set(fitting)
        listed |= set(fitting)
        if left:
            last = max(left, key=lambda name: batches[name].received)
            _leave_out(
                workspace,
                batches[last].received,
                events=sum(batches[name].count for name in left),
                event=last,
            )
    rows = [(name, batches[name]) for name in sorted(listed)]
    cursor.execute(
        """
        INSERT INTO analytics_eventname (public_id, workspace_id, name, description, expected, key_event, total,
            first_seen_at, last_seen_at, created_at)
        SELECT id, %s, name, '', false, false, n, first, last, received
        FROM unnest(
            %s::uuid[], %s::text[], %s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[]
        ) AS new (id, name, n, first, last, received)
        ON CONFLICT (workspace_id, name) DO UPDATE SET
            total = analytics_eventname.total + excluded.total,
            first_seen_at = least(analytics_eventname.first_seen_at, excluded.first_seen_at),
            last_seen_at = greatest(analytics_eventname.last_seen_at, excluded.last_seen_at)
        """,
        [
            workspace,
            [new_id() for _ in rows],
            [name for name, _ in rows],
            [batch.count for _, batch in rows],
            [_moment(batch.span[0]) for _, batch in rows],
            [_moment(batch.span[1]) for _, batch in rows],
            [_moment(batch.received) for _, batch in rows],
        ],
    )


def _write_days(cursor: Any, workspace: int, batches: dict[int, _Batch]) -> None:
    zone = ZoneInfo(Workspace.objects.values_list("time_zone", flat=True).get(pk=workspace))
    rows = sorted(
        (event, day, n) for event, batch in batches.items() for day, n in _days(batch.quarters, zone).items()
    )
    cursor.execute(
        """
        INSERT INTO analytics_eventday (public_id, workspace_id, event_id, day, count)
        SELECT id, %s, event, day, n FROM unnest(%s::uuid[], %s::bigint[], %s::date[], %s::bigint[])
            AS new (id, event, day, n)
        ON CONFLICT (event_id, day) DO UPDATE SET count = analytics_eventday.count + excluded.count
        """,
        [
            workspace,
            [new_id() for _ in rows],
            [event for event, _, _ in rows],
            [day for _, day, _ in rows],
            [n for _, _, n in rows],
        ],
    )


def _days(quarters: Counter[int], zone: ZoneInfo) -> Counter[date]:
    days: Counter[date] = Counter()
    for quarter, n in quarters.items():
        days[_moment(quarter * _QUARTER).astimezone(zone).date()] += n
    return days


def _write_properties(workspace: int, name: str, event: int, batch: _Batch) -> None:
    known = _memory.get((workspace, name)) or _Known()
    spans = batch.spans()
    if not batch.new and not any(_moves(span, known.spans.get(prop)) for prop, span in spans.items()):
        return
    came = set(spans)
    rows = {
        row.name: row for row in EventProperty.objects.filter(event=event).select_for_update(of=("self",))
    }
    fitting = [each for each in came if each in rows or _clean(each)]
    new = [each for each in fitting if each not in rows]
    room = max(MOST_PROPERTIES - len(rows), 0)
    kept = {*(each for each in fitting if each in rows), *new[:room]}
    if len(kept) < len(came):
        _leave_out(workspace, batch.received, properties=len(came - kept), prop=max(came - kept))
    types: dict[str, set[str]] = {}
    for prop, kind in batch.new:
        types.setdefault(prop, set()).add(TYPES[kind].value)
    changed = []
    for prop in kept:
        row = rows.get(prop) or EventProperty(
            workspace_id=workspace, event_id=event, name=prop, personal=bool(PERSONAL.search(prop))
        )  # fmt: skip
        row.types = sorted({*row.types, *types.get(prop, ())})
        if not row.personal:
            row.samples = list(dict.fromkeys([*row.samples, *batch.values.get(prop, ())]))[:SAMPLES]
        first, last = map(_moment, spans[prop])
        row.first_seen_at = min(row.first_seen_at or first, first)
        row.last_seen_at = max(row.last_seen_at or last, last)
        changed.append(row)
    EventProperty.objects.bulk_create([row for row in changed if row.pk is None], ignore_conflicts=True)
    EventProperty.objects.bulk_update(
        [row for row in changed if row.pk is not None and row.name in rows],
        ["types", "samples", "first_seen_at", "last_seen_at"],
    )
    transaction.on_commit(lambda: _remember(workspace, name, event, batch, changed, spans), robust=True)


def _moves(span: Span, known: Span | None) -> bool:
    """Whether a property's row has to learn of these times: any earlier one, a later one after a while."""
    return known is None or span[0] < known[0] or span[1] - known[1] >= _STALE


def _remember(
    workspace: int,
    name: str,
    event: int,
    batch: _Batch,
    rows: list[EventProperty],
    spans: dict[str, Span],
) -> None:
    known = _memory.setdefault((workspace, name), _Known(event))
    kept = {row.name for row in rows}
    # One there is no room for is remembered as well: looking again would find no room.
    for prop, (first, last) in spans.items():
        before = known.spans.get(prop, (first, last))
        known.spans[prop] = min(before[0], first), max(before[1], last)
    full = {row.name for row in rows if row.personal or len(row.samples) >= SAMPLES}
    known.looks.update(batch.values.keys())
    known.pairs.update(
        pair for pair in batch.new if pair[0] in full or pair[0] not in kept or known.looks[pair[0]] >= LOOKS
    )


def _leave_out(
    workspace: int, at: int, *, events: int = 0, event: str = "", properties: int = 0, prop: str = ""
) -> None:
    row, _ = LeftOut.objects.select_for_update().get_or_create(
        workspace_id=workspace, defaults={"last_at": _moment(at)}
    )
    row.events += events
    row.properties += properties
    row.last_event = event.replace("\0", "�")[:LONGEST_NAME] or row.last_event
    row.last_property = prop.replace("\0", "�")[:LONGEST_NAME] or row.last_property
    row.last_at = _moment(at)
    row.save()
