from django.db import models

from tongpin.kernel import clock


class PushKey(models.Model):
    """The pair of keys by which push services know this server: one for all browsers. ``private`` is kept encrypted."""

    private = models.TextField()
    public = models.CharField(max_length=100)
    made_at = models.DateTimeField(default=clock.now)
