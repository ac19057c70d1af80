"""Keeping files: the bytes first, then the row; one copy of the same bytes; nothing lost, nothing left."""

from __future__ import annotations

import io
import threading

import pytest
from django.db import connection, transaction

from tongpin.kernel.errors import Invalid, NotFound
from tongpin.kernel.files import blobs, public, sniffing, sweeping
from tongpin.kernel.files.models import StoredFile

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.DATA = tmp_path


def keep(actor, content=b"hello", name="a.txt", **more):
    return public.store(actor, io.BytesIO(content), name, **more)


def read(file):
    with public.open_file(file) as content:
        return content.read()


def test_what_is_stored_comes_back(actor_of):
    file = keep(actor_of("member"), "你好\n".encode(), "笔记.txt")
    assert read(file) == "你好\n".encode()
    assert (file.name, file.size, file.media_type) == ("笔记.txt", 7, sniffing.TEXT)
    assert blobs.path(file.sha256).stat().st_mode & 0o077 == 0


def test_the_same_bytes_lie_there_once(actor_of):
    one, two = keep(actor_of("member"), name="a"), keep(actor_of("owner"), name="b")
    assert one.sha256 == two.sha256
    assert one.public_id != two.public_id
    assert len(list(blobs.names())) == 1


@pytest.mark.parametrize(("content", "code"), [(b"", "file_empty"), (b"x" * 11, "file_too_large")])
def test_too_little_or_too_much_is_refused_and_leaves_nothing(actor_of, content, code):
    with pytest.raises(Invalid) as refusal:
        keep(actor_of("member"), content, limit=10)
    assert refusal.value.code == code
    assert not StoredFile.objects.exists()
    sweeping.sweep()
    assert not [p for p in blobs.root().rglob("*") if p.is_file()]


def test_an_upload_that_breaks_off_leaves_no_draft(actor_of):
    class Broken(io.BytesIO):
        def read(self, *size):
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        public.store(actor_of("member"), Broken(), "a")
    assert list(blobs.drafts()) == []


def test_lost_bytes_are_not_found(actor_of):
    file = keep(actor_of("member"))
    blobs.path(file.sha256).unlink()
    with pytest.raises(NotFound):
        public.open_file(file)


@pytest.mark.parametrize("name", ["../../etc/passwd", "g" * 64, "", "a" * 63, "A" * 64])
def test_only_a_hash_is_a_path(name):
    with pytest.raises(ValueError):
        blobs.path(name)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"%PDF-1.7", "application/pdf"),
        (
            b"PK\x03\x04....xl/workbook.xml",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        (b"PK\x03\x04....mimetype", "application/zip"),
        (b"<html><script>alert(1)</script>", sniffing.TEXT),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", sniffing.TEXT),
        ("日期,数值\n".encode()[:-2], sniffing.TEXT),  # cut inside a character
        (b"\x00\x01\x02", sniffing.UNKNOWN),
        ("日期".encode("gb18030"), sniffing.UNKNOWN),
    ],
)
def test_the_type_is_read_from_the_bytes(head, kind):
    assert sniffing.media_type(head) == kind


def test_the_sweep_takes_what_nobody_names(actor_of):
    kept, dropped = keep(actor_of("member"), b"kept"), keep(actor_of("member"), b"dropped")
    public.remove(dropped.public_id)
    assert sweeping.sweep() == 1
    assert list(blobs.names()) == [kept.sha256]
    assert sweeping.sweep() == 0


def test_removing_one_of_two_keeps_the_bytes(actor_of):
    one, two = keep(actor_of("member")), keep(actor_of("owner"))
    public.remove(one.public_id)
    sweeping.sweep()
    assert read(two) == b"hello"


def test_abandoned_drafts_are_swept(actor_of):
    keep(actor_of("member"))
    (blobs.root() / ".incoming-left").write_bytes(b"half")
    assert sweeping.sweep() == 1
    assert list(blobs.drafts()) == []


@pytest.mark.django_db(transaction=True)
def test_the_sweep_leaves_a_running_upload_alone(actor_of):
    """Bytes are on the disk before their row can be seen: the sweep must not take them then."""
    actor = actor_of("member")
    written, commit = threading.Event(), threading.Event()

    def upload():
        with transaction.atomic():
            keep(actor, b"uploading")
            written.set()
            assert commit.wait(10)
        connection.close()

    thread = threading.Thread(target=upload)
    thread.start()
    assert written.wait(10)
    assert sweeping.sweep() == 0
    commit.set()
    thread.join(10)
    assert sweeping.sweep() == 0
    assert read(StoredFile.objects.get()) == b"uploading"
    StoredFile.objects.all().delete()
    assert sweeping.sweep() == 1


def test_a_rolled_back_upload_is_swept(actor_of):
    with transaction.atomic():
        keep(actor_of("member"))
        transaction.set_rollback(True)
    assert not StoredFile.objects.exists()
    assert len(list(blobs.names())) == 1
