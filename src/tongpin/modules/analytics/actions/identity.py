"""Learning who is who from events, in the transaction that takes them out of the inbox (SPEC I6).

The outcome depends only on the set of events, never on the order or the cut of the batches they came in. Joining
costs the ids that change their person; only a link that ceases to hold has its component worked out anew.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from django.db.models import Q

from tongpin.kernel.tenancy.models import Workspace
from tongpin.modules.analytics import identity
from tongpin.modules.analytics.enums import LinkKind
from tongpin.modules.analytics.identity import Heard, Stamp
from tongpin.modules.analytics.models import DistinctId, IdLink

_LOCK = 7341
Pair = tuple[int, int]


def lock(workspace: Workspace) -> None:
    """Be the only one who changes ids of this workspace until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, workspace.pk % (1 << 31)])


def learn(workspace: Workspace, heard: Heard) -> None:
    """Take in what a batch said of ids. Call it inside a transaction; doing it again changes nothing."""
    if not heard:
        return
    lock(workspace)
    know(workspace, heard.ids)
    newly = _identify(workspace, heard.identified)
    _remember(workspace, LinkKind.IDENTIFY, heard.identify)
    _remember(workspace, LinkKind.ALIAS, heard.alias)
    gone, made = _decide(workspace, {one for one, _ in heard.identify} | newly)
    if gone:
        _part(workspace, gone)
    _join(workspace, made | set(heard.alias))


def know(workspace: Workspace, ids: dict[int, str]) -> None:
    """Have a row for each id (did to distinct id)."""
    # In one order everywhere: two writers that insert the same ids would else wait for each other.
    DistinctId.objects.bulk_create(
        [
            DistinctId(workspace=workspace, did=did, person=did, value=value.replace("\0", "�"))
            for did, value in sorted(ids.items())
        ],
        ignore_conflicts=True,
        batch_size=5000,
    )


def _identify(workspace: Workspace, dids: set[int]) -> set[int]:
    """Mark ids as known ones; those that were not before."""
    rows = DistinctId.objects.filter(workspace=workspace, did__in=dids, identified=False)
    newly = set(rows.values_list("did", flat=True))
    if newly:
        DistinctId.objects.filter(workspace=workspace, did__in=newly).update(identified=True)
    return newly


def _remember(workspace: Workspace, kind: LinkKind, claims: dict[Pair, Stamp]) -> None:
    """Keep each claim with the first stamp anybody made it with."""
    if not claims:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO analytics_idlink AS kept (workspace_id, kind, one, other, at, uuid, holds)
            SELECT %s, %s, one, other, at, uuid, %s
            FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::uuid[]) AS new (one, other, at, uuid)
            ON CONFLICT (workspace_id, kind, one, other) DO UPDATE SET at = EXCLUDED.at, uuid = EXCLUDED.uuid
            WHERE (EXCLUDED.at, EXCLUDED.uuid) < (kept.at, kept.uuid)
            """,
            [
                workspace.pk,
                kind.value,
                kind == LinkKind.ALIAS,
                [one for one, _ in claims],
                [other for _, other in claims],
                [stamp.at for stamp in claims.values()],
                [stamp.uuid for stamp in claims.values()],
            ],
        )


def _decide(workspace: Workspace, ones: set[int]) -> tuple[set[Pair], set[Pair]]:
    """Say anew which claim on each of these anonymous ids holds: (links that ceased, links that came about)."""
    if not ones:
        return set(), set()
    claims = IdLink.objects.filter(workspace=workspace, kind=LinkKind.IDENTIFY, one__in=ones)
    first = {
        row.one: row for row in claims.order_by("one", "at", "uuid").distinct("one").only("one", "other")
    }
    known = set(
        DistinctId.objects.filter(workspace=workspace, did__in=ones, identified=True).values_list(
            "did", flat=True
        )
    )
    right = {row.pk: (one, row.other) for one, row in first.items() if one not in known}
    held = {row.pk: (row.one, row.other) for row in claims.filter(holds=True).only("one", "other")}
    gone = {pk: pair for pk, pair in held.items() if pk not in right}
    made = {pk: pair for pk, pair in right.items() if pk not in held}
    IdLink.objects.filter(pk__in=gone).update(holds=False)
    IdLink.objects.filter(pk__in=made).update(holds=True)
    return set(gone.values()), set(made.values())


def _part(workspace: Workspace, gone: set[Pair]) -> None:
    """Work out anew the persons that links which no longer hold had joined."""
    ends = {end for pair in gone for end in pair}
    rows = DistinctId.objects.filter(workspace=workspace)
    touched = set(rows.filter(did__in=ends).values_list("person", flat=True))
    was = dict(rows.filter(person__in=touched).values_list("did", "person"))
    links = IdLink.objects.filter(workspace=workspace, holds=True, one__in=list(was))
    now = identity.persons(was, links.values_list("one", "other"))
    _relabel(workspace, "did", {did: person for did, person in now.items() if was[did] != person})


def _join(workspace: Workspace, links: Iterable[Pair]) -> None:
    """Make one person of those that each link joins."""
    pairs = list(links)
    if not pairs:
        return
    ends = {end for pair in pairs for end in pair}
    person = dict(DistinctId.objects.filter(workspace=workspace, did__in=ends).values_list("did", "person"))
    now = identity.persons(person.values(), [(person[one], person[other]) for one, other in pairs])
    _relabel(workspace, "person", {old: new for old, new in now.items() if old != new})


_RELABEL = {
    "did": """
        UPDATE analytics_distinctid AS kept SET person = new.person, revision = revision + 1
        FROM unnest(%s::bigint[], %s::bigint[]) AS new (old, person)
        WHERE kept.workspace_id = %s AND kept.did = new.old
        """,
    "person": """
        UPDATE analytics_distinctid AS kept SET person = new.person, revision = revision + 1
        FROM unnest(%s::bigint[], %s::bigint[]) AS new (old, person)
        WHERE kept.workspace_id = %s AND kept.person = new.old
        """,
}


def _relabel(workspace: Workspace, by: str, persons: dict[int, int]) -> None:
    """Give ids their new person, by their did or by the person they had."""
    if persons:
        with connection.cursor() as cursor:
            cursor.execute(_RELABEL[by], [list(persons), list(persons.values()), workspace.pk])


def forget_ids(workspace: Workspace, dids: list[int]) -> dict[str, int]:
    """Remove ids, and every claim that names one of them; rows by table. What they had joined comes apart."""
    lock(workspace)
    links = IdLink.objects.filter(workspace=workspace).filter(Q(one__in=dids) | Q(other__in=dids))
    gone = set(links.filter(holds=True).values_list("one", "other"))
    claimed = set(links.values_list("one", flat=True)) - set(dids)
    removed = {"link": links.delete()[0]}
    if gone:
        _part(workspace, gone)
    removed["id"] = DistinctId.objects.filter(workspace=workspace, did__in=dids).delete()[0]
    # An anonymous id whose first claim went is the next claimant's.
    left, made = _decide(workspace, claimed)
    assert not left
    _join(workspace, made)
    return removed
