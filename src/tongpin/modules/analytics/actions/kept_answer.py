"""Asking with a memory: what was answered within the last minutes is not asked again.

An answer depends on the workspace, the question as it was understood (with key events the catalogue marks), the
segments it asks about, the zone and week, and the day, because dates like ``-7d`` move on at midnight. All that is the
key; so nobody has to tell the memory that something changed, and what is not asked for any more is forgotten.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection

from tongpin.kernel import clock
from tongpin.kernel.store.client import QueryTooHeavy
from tongpin.kernel.tenancy.models import Workspace
from tongpin.modules.analytics.insights import running
from tongpin.modules.analytics.insights.running import Answer
from tongpin.modules.analytics.insights.schema import AnyQuestion
from tongpin.modules.analytics.insights.scope import Scope
from tongpin.modules.analytics.models import KeptAnswer, Segment
from tongpin.modules.analytics.queries import segment_rules

KEPT = timedelta(minutes=10)
LARGEST = 2 * 1024 * 1024
"""Bytes; a larger answer is given and not kept."""


def ask(workspace: Workspace, question: AnyQuestion, *, fresh: bool = False) -> Answer:
    """The answer, at most ``KEPT`` old; asked now with ``fresh``. Several who want the same ask once.

    Callers have checked that the actor may see the workspace's events. Raises what ``running.answer`` raises; a
    question that was too heavy is not tried again before ``KEPT`` is over, unless ``fresh``.
    """
    scope = segment_rules.ready(question, Scope.of(workspace), running.people)
    key = key_of(question, scope)
    wanted = clock.now() if fresh else clock.now() - KEPT
    if not fresh and (found := _kept(key, wanted)) is not None:
        return found
    with _alone(key):
        # Whoever was first may have asked meanwhile.
        if (found := _kept(key, wanted)) is not None:
            return found
        try:
            answer = running.answer(question, scope)
        except QueryTooHeavy as problem:
            if not problem.busy:
                _keep(workspace, key, b"", scope.as_of)
            raise
        packed = zlib.compress(json.dumps(answer.result, ensure_ascii=False).encode(), 1)
        if len(packed) <= LARGEST:
            _keep(workspace, key, packed, answer.at)
    return answer


def key_of(question: AnyQuestion, scope: Scope) -> str:
    """What an answer is kept under; the scope has the segments that are asked about."""
    told = running.told(running.filled(question, scope))
    depends = [str(scope.workspace), told, scope.zone, scope.week_start, scope.today.isoformat()]
    if scope.segments:
        rows = Segment.objects.filter(public_id__in=list(scope.segments)).order_by("public_id")
        depends += [f"{one} {version}" for one, version in rows.values_list("public_id", "version")]
    return hashlib.sha256(json.dumps(depends, sort_keys=True).encode()).hexdigest()


def forget() -> int:
    """Drop what is too old to be shown; how many."""
    count, _ = KeptAnswer.objects.filter(at__lt=clock.now() - KEPT).delete()
    return count


def _kept(key: str, wanted: datetime) -> Answer | None:
    row = KeptAnswer.objects.filter(key=key, at__gte=wanted).first()
    if row is None:
        return None
    if not row.packed:
        raise QueryTooHeavy(busy=False)
    return Answer(json.loads(zlib.decompress(bytes(row.packed))), row.at, [])


def _keep(workspace: Workspace, key: str, packed: bytes, at: datetime) -> None:
    KeptAnswer.objects.update_or_create(
        key=key, defaults={"workspace": workspace, "packed": packed, "at": at}
    )


@contextmanager
def _alone(key: str) -> Iterator[None]:
    """Nobody else asks this meanwhile, in whatever process."""
    lock = int.from_bytes(bytes.fromhex(key)[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [lock])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [lock])
