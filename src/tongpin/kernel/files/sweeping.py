"""Bytes that no row names any more leave the disk."""

from __future__ import annotations

from itertools import islice

from django.db import connection, transaction

from tongpin.kernel.files import blobs
from tongpin.kernel.files.models import StoredFile
from tongpin.kernel.files.public import STORE_LOCK

CHUNK = 500


def sweep() -> int:
    """Delete unnamed blobs and abandoned uploads; how many. Does nothing for those in use by a running
    upload.

    Each chunk is judged alone with the store's lock held: whoever stores holds it shared until the commit,
    so a blob without a row then is one nobody is about to name, and an unfinished draft is one nobody is
    writing.
    """
    removed = 0
    everything = blobs.names()
    while chunk := list(islice(everything, CHUNK)):
        unnamed = set(chunk) - _named(chunk)
        if unnamed:
            removed += _remove(unnamed)
    with transaction.atomic():
        if _alone():
            for draft in list(blobs.drafts()):
                draft.unlink(missing_ok=True)
                removed += 1
    return removed


def _named(hashes: list[str]) -> set[str]:
    return set(StoredFile.objects.filter(sha256__in=hashes).values_list("sha256", flat=True))


def _remove(hashes: set[str]) -> int:
    with transaction.atomic():
        if not _alone():
            return 0  # somebody is storing: tomorrow
        gone = hashes - _named(sorted(hashes))
        for sha256 in gone:
            blobs.path(sha256).unlink(missing_ok=True)
        return len(gone)


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [STORE_LOCK])
        (alone,) = cursor.fetchone()
        return bool(alone)
