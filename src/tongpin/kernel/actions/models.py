from __future__ import annotations

from typing import ClassVar

from django.db import models

from tongpin.kernel import clock


class OnceKey(models.Model):
    """An idempotency key a caller sent: the same call again gets the first answer instead of a second effect.

    Kept 24 hours. ``request`` is the SHA-256 of what was asked, so that one key cannot serve two requests.
    """

    user = models.ForeignKey("tenancy.User", on_delete=models.CASCADE, related_name="+")
    action = models.CharField(max_length=80)
    key = models.CharField(max_length=120)
    request = models.CharField(max_length=64)
    result_type = models.CharField(max_length=60, blank=True)
    result = models.UUIDField(null=True)
    done = models.BooleanField(default=False)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering: ClassVar[list[str]] = []
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "action", "key"], name="once_key")]

    def finish(self, subject: models.Model | None) -> None:
        """Remember the row the call left, to answer a repetition with it."""
        self.done = True
        if subject is not None:
            self.result_type = subject._meta.label_lower
            self.result = getattr(subject, "public_id", None)
        self.save(update_fields=["done", "result_type", "result"])


class RateCount(models.Model):
    """How often something was asked in one window of time. Not logged: a crash of PostgreSQL forgets the counts."""

    key = models.CharField(max_length=80, primary_key=True)
    used = models.PositiveIntegerField()
    until = models.DateTimeField()
