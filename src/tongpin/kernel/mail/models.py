from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tongpin.kernel import clock
from tongpin.lib.ids import new_id


class MailState(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")


class OutboxMail(models.Model):
    """One mail to one address. ``uid`` is in its Message-ID, so that a mail sent twice is known as one.

    ``next_at`` is when it may be tried (again); while it is being sent, when another worker may take it over.
    ``error`` is what the mail server last said. ``unsubscribe`` is the address that ends mails of this sort, ""
    for those that nobody can do without. ``picture`` is a PNG that the HTML shows as ``cid:picture``.
    """

    uid = models.UUIDField(default=new_id, unique=True, editable=False)
    key = models.CharField(max_length=160, unique=True, null=True, blank=True)
    to = models.EmailField()
    subject = models.CharField(max_length=250)
    text = models.TextField()
    html = models.TextField(blank=True)
    language = models.CharField(max_length=8, blank=True)
    unsubscribe = models.URLField(max_length=500, blank=True)
    picture = models.BinaryField(null=True)
    state = models.CharField(max_length=8, choices=MailState, default=MailState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=clock.now)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = []
        indexes: ClassVar = [
            models.Index(
                fields=["next_at"], name="mail_due", condition=models.Q(state__in=["queued", "sending"])
            ),
            models.Index(fields=["created_at"], name="mail_created"),
        ]
