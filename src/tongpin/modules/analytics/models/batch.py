"""What the flusher has taken in hand, and what it could not read."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tongpin.kernel import clock


class Batch(models.Model):
    """The arrivals that are on their way into the store; at most one at a time (``slot``).

    Committed before the store hears of it and removed in the transaction that removes its ``arrivals``: after a crash
    the same rows go in under the same ``token``, which the store takes once. ``duplicates`` are places in the batch's
    rows, in order of arrival, of events that were there before, ``again`` those that were there, received later than
    now: they take the other's place. ``tries`` failed so far, the last one with ``trouble``.
    """

    slot = models.PositiveSmallIntegerField(default=1, unique=True, editable=False)
    token = models.UUIDField()
    arrivals = ArrayField(models.BigIntegerField())
    duplicates = ArrayField(models.IntegerField(), default=list)
    again = ArrayField(models.IntegerField(), default=list)
    began_at = models.DateTimeField(default=clock.now)
    tries = models.PositiveIntegerField(default=0)
    trouble = models.TextField(blank=True)

    class Meta:
        ordering = ()


class ParkedArrival(models.Model):
    """An arrival that cannot go on, kept as it was with the ``reason``, so that nothing waits behind it.

    ``stored``: its events are in the store, and what people and customers are made of failed on them; ``records`` are
    then only those of which nobody was told. ``actions/parked.py`` lets them go on.
    """

    source = models.BigIntegerField()
    received_at = models.DateTimeField()
    count = models.PositiveIntegerField()
    records = models.BinaryField()
    reason = models.TextField()
    stored = models.BooleanField(default=False)
    parked_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ()
