from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tongpin.kernel import clock
from tongpin.kernel.mail import deliver, outbox
from tongpin.kernel.mail.models import MailState, OutboxMail
from tongpin.kernel.mail.tests.sink import Sink, certificate, running

pytestmark = pytest.mark.django_db


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    with running(Sink()) as made:
        settings.MAIL_TRANSPORT = f"smtp://127.0.0.1:{made.port}"
        settings.DEFAULT_FROM_EMAIL = "Tongpin 同频 <hello@tongpin.example>"
        yield made


def states() -> list[tuple[str, str, int]]:
    return list(OutboxMail.objects.order_by("pk").values_list("to", "state", "attempts"))


def test_a_mail_arrives_whole(sink: Sink) -> None:
    mail = outbox.send(
        "lin@acme.example", "沈一诺邀请你加入晴班", "你好\n一行\n.\n完", "<p>你好</p>", language="zh-hans"
    )

    assert deliver.run_once() == 1

    (got,) = sink.mails
    assert got["To"] == "lin@acme.example"
    assert got["From"] == "Tongpin 同频 <hello@tongpin.example>"
    assert got["Subject"] == "沈一诺邀请你加入晴班"
    assert got["Message-ID"] == f"<{mail.uid}@tongpin.example>"
    assert got["Auto-Submitted"] == "auto-generated"
    assert got["Content-Language"] == "zh-hans"
    text, html = got.get_body(("plain",)), got.get_body(("html",))
    assert text is not None
    assert text.get_content().split() == ["你好", "一行", ".", "完"]
    assert html is not None
    assert html.get_content().strip() == "<p>你好</p>"
    mail.refresh_from_db()
    assert (mail.state, mail.attempts, mail.error) == (MailState.SENT, 1, "")
    assert mail.sent_at is not None
    assert deliver.run_once() == 0
    assert len(sink.mails) == 1


def test_a_picture_goes_inside_the_html(sink: Sink) -> None:
    outbox.send(
        "lin@acme.example", "Weekly", "Text", '<img src="cid:picture" alt="">', picture=b"\x89PNG-bytes"
    )

    assert deliver.run_once() == 1

    (got,) = sink.mails
    assert got.get_content_type() == "multipart/alternative"
    text, related = got.iter_parts()
    assert text.get_content().strip() == "Text"
    html, picture = related.iter_parts()
    assert html.get_content().strip() == '<img src="cid:picture" alt="">'
    assert (picture["Content-ID"], picture.get_content_type()) == ("<picture>", "image/png")
    assert picture.get_content() == b"\x89PNG-bytes"


def test_one_connection_serves_a_batch(sink: Sink) -> None:
    for number in range(deliver.BATCH + 3):
        outbox.send(f"m{number}@acme.example", "Hello", "Text")

    assert deliver.run_once() == deliver.BATCH
    assert sink.connections == 1
    assert deliver.run_once() == 3
    assert len(sink.mails) == deliver.BATCH + 3


def test_an_address_refused_for_good_fails_with_the_servers_words_and_holds_up_nobody(sink: Sink) -> None:
    sink.answers["gone@acme.example"] = "550 5.1.1 no such person"
    outbox.send("gone@acme.example", "Hello", "Text")
    outbox.send("lin@acme.example", "Hello", "Text")

    assert deliver.run_once() == 2

    assert states() == [("gone@acme.example", "failed", 1), ("lin@acme.example", "sent", 1)]
    assert OutboxMail.objects.get(to="gone@acme.example").error == "550 5.1.1 no such person"


def test_a_temporary_refusal_is_tried_again_later_with_growing_pauses(sink: Sink) -> None:
    sink.answers["full@acme.example"] = "452 4.2.2 mailbox full"
    outbox.send("full@acme.example", "Hello", "Text")
    began = clock.now()

    with clock.frozen_at(began + timedelta(seconds=1)):
        assert deliver.run_once() == 0
        assert deliver.run_once() == 0
        assert states() == [("full@acme.example", "queued", 1)]
        first = OutboxMail.objects.get()
        assert first.next_at == clock.now() + timedelta(seconds=30)
        assert first.error == "452 4.2.2 mailbox full"
    with clock.frozen_at(began + timedelta(seconds=32)):
        assert deliver.run_once() == 0
        assert OutboxMail.objects.get().next_at == clock.now() + timedelta(seconds=60)
    sink.answers.clear()
    with clock.frozen_at(began + timedelta(seconds=100)):
        assert deliver.run_once() == 1
    assert states() == [("full@acme.example", "sent", 3)]


def test_it_gives_up_after_the_last_attempt_and_an_admin_can_queue_it_again(sink: Sink) -> None:
    sink.answers["full@acme.example"] = "452 4.2.2 mailbox full"
    mail = outbox.send("full@acme.example", "Hello", "Text")
    settled = 0
    for day in range(deliver.ATTEMPTS + 2):
        with clock.frozen_at(clock.now() + timedelta(days=day + 1)):
            settled += deliver.run_once()

    assert settled == 1
    assert states() == [("full@acme.example", "failed", deliver.ATTEMPTS)]
    assert OutboxMail.objects.get().error == "452 4.2.2 mailbox full"

    sink.answers.clear()
    deliver.retry(mail)
    assert deliver.run_once() == 1
    assert states() == [("full@acme.example", "sent", 1)]


def test_a_server_that_is_away_costs_one_attempt_of_one_mail(settings: Any) -> None:
    with running(Sink()) as gone:
        settings.MAIL_TRANSPORT = f"smtp://127.0.0.1:{gone.port}"
    for name in ("a", "b", "c"):
        outbox.send(f"{name}@acme.example", "Hello", "Text")

    assert deliver.run_once() == 0

    assert states() == [
        ("a@acme.example", "queued", 1),
        ("b@acme.example", "queued", 0),
        ("c@acme.example", "queued", 0),
    ]
    assert "refused" in OutboxMail.objects.order_by("pk")[0].error


def test_a_connection_cut_in_between_loses_nothing(sink: Sink) -> None:
    sink.drop_after = 1
    for name in ("a", "b", "c"):
        outbox.send(f"{name}@acme.example", "Hello", "Text")

    assert deliver.run_once() == 1
    assert [state for _, state, _ in states()] == ["sent", "queued", "queued"]

    sink.drop_after = None
    with clock.shifted_by(timedelta(minutes=1)):
        assert deliver.run_once() == 2
    assert [str(mail["To"]) for mail in sink.mails] == ["a@acme.example", "b@acme.example", "c@acme.example"]


def test_a_mail_whose_worker_died_is_taken_over_under_the_same_message_id(sink: Sink) -> None:
    mail = outbox.send("lin@acme.example", "Hello", "Text")
    assert [claimed.pk for claimed in deliver._claim()] == [mail.pk]  # and then the process is killed

    assert deliver.run_once() == 0
    with clock.shifted_by(deliver.LEASE + timedelta(seconds=1)):
        assert deliver.run_once() == 1
    assert sink.mails[0]["Message-ID"].startswith(f"<{mail.uid}@")


def test_the_password_is_sent_only_after_starttls(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, trusted = certificate(tmp_path)
    monkeypatch.setitem(os.environ, "SSL_CERT_FILE", str(trusted))
    outbox.send("lin@acme.example", "Hello", "Text")
    with running(Sink(tls=context, user="post@acme", password="p@ss/word")) as sink:
        settings.MAIL_TRANSPORT = f"smtp://post%40acme:p%40ss%2Fword@127.0.0.1:{sink.port}"
        assert deliver.run_once() == 1

    assert sink.signed_in == ["tls"]
    assert len(sink.mails) == 1


def test_a_server_without_tls_does_not_get_the_password(settings: Any) -> None:
    outbox.send("lin@acme.example", "Hello", "Text")
    with running(Sink(user="post", password="secret")) as sink:
        settings.MAIL_TRANSPORT = f"smtp://post:secret@127.0.0.1:{sink.port}"
        assert deliver.run_once() == 0

    assert sink.signed_in == []
    assert sink.mails == []
    assert "no encryption" in OutboxMail.objects.get().error


def test_a_certificate_nobody_signed_is_refused(settings: Any, tmp_path: Path) -> None:
    context, _ = certificate(tmp_path)
    outbox.send("lin@acme.example", "Hello", "Text")
    with running(Sink(tls=context)) as sink:
        settings.MAIL_TRANSPORT = f"smtp://127.0.0.1:{sink.port}"
        assert deliver.run_once() == 0

    assert sink.mails == []
    assert "CERTIFICATE_VERIFY_FAILED" in OutboxMail.objects.get().error


def test_a_wrong_password_is_told_and_kept_for_later(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, trusted = certificate(tmp_path)
    monkeypatch.setitem(os.environ, "SSL_CERT_FILE", str(trusted))
    outbox.send("lin@acme.example", "Hello", "Text")
    with running(Sink(tls=context, user="post", password="right")) as sink:
        settings.MAIL_TRANSPORT = f"smtp://post:wrong@127.0.0.1:{sink.port}"
        assert deliver.run_once() == 0

    mail = OutboxMail.objects.get()
    assert (mail.state, mail.attempts) == ("queued", 1)
    assert "sign-in to the mail server refused" in mail.error
    assert "wrong" not in mail.error.replace("wrong password", "")


def test_a_header_smuggled_into_a_row_never_reaches_the_wire(sink: Sink) -> None:
    mail = outbox.send("lin@acme.example", "Hello", "Text")
    OutboxMail.objects.filter(pk=mail.pk).update(subject="Hi\r\nBcc: all@acme.example")

    assert deliver.run_once() == 1

    assert sink.mails == []
    assert OutboxMail.objects.get().state == "failed"


def test_without_a_server_the_mail_is_printed(settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.MAIL_TRANSPORT = None
    outbox.send("lin@acme.example", "Confirm", "Open http://127.0.0.1:8400/confirm/abc/")

    assert deliver.run_once() == 1

    printed = capsys.readouterr().out
    assert re.search(
        r"Mail to: lin@acme\.example\nSubject: Confirm\n\nOpen http://127\.0\.0\.1:8400/confirm/abc/\n",
        printed,
    )


@pytest.mark.parametrize("url", ["http://mail.example", "smtp://", "mail.example:25"])
def test_an_address_that_is_not_smtps_is_refused_and_the_mail_kept(settings: Any, url: str) -> None:
    settings.MAIL_TRANSPORT = url
    outbox.send("lin@acme.example", "Hello", "Text")

    with pytest.raises(ValueError, match="MAIL_TRANSPORT"):
        deliver.run_once()
    assert [state for _, state, _ in states()] == ["queued"]


def test_settled_mails_are_forgotten_after_two_weeks(sink: Sink) -> None:
    outbox.send("old@acme.example", "Hello", "Text")
    deliver.run_once()
    waiting = outbox.send("waiting@acme.example", "Hello", "Text")
    with clock.shifted_by(timedelta(days=13)):
        assert deliver.clear_old() == 0
    with clock.shifted_by(timedelta(days=15)):
        assert deliver.clear_old() == 1
    assert list(OutboxMail.objects.all()) == [waiting]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_mail_once(sink: Sink) -> None:
    import threading

    for number in range(30):
        outbox.send(f"m{number}@acme.example", "Hello", "Text")
    start = threading.Barrier(2)
    errors: list[Exception] = []

    def work() -> None:
        try:
            start.wait(10)
            while deliver.run_once():
                pass
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)

    assert errors == []
    assert sorted(str(mail["To"]) for mail in sink.mails) == sorted(f"m{n}@acme.example" for n in range(30))
