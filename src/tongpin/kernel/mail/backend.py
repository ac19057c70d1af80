"""Django's mail backend: what allauth sends goes into the outbox like everything else."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from tongpin.kernel.mail import outbox


class OutboxBackend(BaseEmailBackend):
    """Writes one outbox row per recipient. Attachments are refused: nothing here sends any."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            if message.attachments:
                raise ValueError("the outbox takes no attachments")
            for address in message.recipients():
                outbox.send(address, str(message.subject), str(message.body), html=_html_of(message))
        return len(email_messages)


def _html_of(message: EmailMessage) -> str | None:
    for content, mimetype in getattr(message, "alternatives", None) or ():
        if mimetype == "text/html":
            return str(content)
    return None
