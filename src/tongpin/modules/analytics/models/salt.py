"""What makes a visitor's id without a cookie impossible to lead back to an address."""

from __future__ import annotations

from django.db import models


class DaySalt(models.Model):
    """Random bytes of one UTC day, the same for every process; the row of a day that is over is deleted.

    It is in no backup: who has one could try addresses until a visitor's id comes out.
    """

    in_backups = False

    day = models.DateField(primary_key=True)
    value = models.BinaryField()

    class Meta:
        ordering = ()
