"""What the live page of a source shows."""

from __future__ import annotations

from django.db import models


class Sighting(models.Model):
    """One event that came or was refused, shortened, kept for minutes and only while somebody looks.

    ``body`` is JSON as ``capture.trace`` writes it (bytes, since people's text may hold a NUL, which no text column
    takes). The table is unlogged: it need not outlive a crash and costs no WAL. ``source`` is the primary key of a
    ``Source``. Times are UTC.
    """

    source = models.BigIntegerField()
    at = models.DateTimeField()
    body = models.BinaryField()

    class Meta:
        ordering = ()
        indexes = (models.Index(fields=["source", "-at"], name="sightings_of_source"),)
