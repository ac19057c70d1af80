from __future__ import annotations

import pytest
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.db import transaction

from tongpin.kernel.mail import outbox
from tongpin.kernel.mail.models import MailState, OutboxMail

pytestmark = pytest.mark.django_db
BACKEND = "tongpin.kernel.mail.backend.OutboxBackend"


def test_a_mail_is_a_row_of_the_callers_transaction() -> None:
    class Changed(Exception):
        pass

    def invite() -> None:
        with transaction.atomic():
            outbox.send("lin@acme.example", "Hello", "Text")
            assert OutboxMail.objects.count() == 1
            raise Changed

    with pytest.raises(Changed):
        invite()

    assert OutboxMail.objects.count() == 0


def test_the_same_key_queues_one_mail() -> None:
    first = outbox.send("lin@acme.example", "Hello", "Text", key="event-1")
    second = outbox.send("lin@acme.example", "Other", "Text", key="event-1")

    assert second.pk == first.pk
    assert list(OutboxMail.objects.values_list("subject", "state")) == [("Hello", MailState.QUEUED)]


def test_without_a_key_each_call_is_a_mail() -> None:
    outbox.send("lin@acme.example", "Hello", "Text")
    outbox.send("lin@acme.example", "Hello", "Text")

    assert OutboxMail.objects.count() == 2


@pytest.mark.parametrize(
    "address",
    [
        "lin@acme.example\nBcc: all@acme.example",
        "lin@acme.example\r\nBcc: all@acme.example",
        "lin@acme.example, all@acme.example",
        "Lin <lin@acme.example>",
        "lin",
        "",
    ],
)
def test_what_is_not_one_plain_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="not an e-mail address"):
        outbox.send(address, "Hello", "Text")

    assert OutboxMail.objects.count() == 0


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Hi\nBcc: all@acme.example", "Hi Bcc: all@acme.example"),
        ("Hi\r\n\r\n<b>body</b>", "Hi <b>body</b>"),
        ("Hi\u2028there\x00\x0b you", "Hi there you"),
        ("晴班邀请你加入", "晴班邀请你加入"),
        ("x" * 300, "x" * 249 + "…"),
    ],
)
def test_a_subject_is_one_line(given: str, kept: str) -> None:
    assert outbox.send("lin@acme.example", given, "Text").subject == kept


def test_djangos_mail_goes_into_the_outbox_one_row_a_recipient() -> None:
    message = EmailMultiAlternatives(
        "Confirm", "Text", "x@y.example", ["a@acme.example"], bcc=["b@acme.example"]
    )
    message.attach_alternative("<p>Text</p>", "text/html")

    assert get_connection(BACKEND).send_messages([message]) == 1
    assert list(OutboxMail.objects.order_by("to").values_list("to", "subject", "text", "html")) == [
        ("a@acme.example", "Confirm", "Text", "<p>Text</p>"),
        ("b@acme.example", "Confirm", "Text", "<p>Text</p>"),
    ]


def test_attachments_are_refused() -> None:
    message = EmailMessage("Confirm", "Text", "x@y.example", ["a@acme.example"])
    message.attach("report.txt", "numbers", "text/plain")

    with pytest.raises(ValueError, match="attachments"):
        get_connection(BACKEND).send_messages([message])
