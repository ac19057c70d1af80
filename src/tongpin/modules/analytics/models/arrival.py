"""What has been accepted and is not in the store yet."""

from __future__ import annotations

from django.db import models


class Arrival(models.Model):
    """One accepted request: its events as ``wire.record.dump`` writes them. Committed before the 200 is sent.

    Written and removed many thousand times a second, so it carries no constraint and no index but its own. The flusher
    reads in order of ``id``; ``source`` is the primary key of a ``Source``. Times are UTC.
    """

    source = models.BigIntegerField()
    received_at = models.DateTimeField()
    count = models.PositiveIntegerField()
    records = models.BinaryField()

    class Meta:
        ordering = ()
