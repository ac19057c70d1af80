"""Files people send and names they give them: nothing of it runs, leaves its folder or splits a header."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from email.message import Message

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tongpin.kernel.actions.door import run_named
from tongpin.kernel.files import blobs, public
from tongpin.kernel.files.models import StoredFile
from tongpin.lib.sheet import safe
from tongpin.modules.goals.models import LookBack
from tongpin.modules.goals.tests.conftest import RESULT

from .places import SERIES

pytestmark = pytest.mark.django_db

SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>"
HTML = b"<!doctype html><script>alert(1)</script>"
NAMES = [
    "../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "/etc/cron.d/x",
    'a"; filename="b.html',
    "a\r\nSet-Cookie: tongpin_session=x\r\n\r\n<script>.txt",
    "gpj.\u202eexe.png",
    "a\x00.png",
    "a%0d%0aX-Evil: 1.txt",
    "a;b=c,d.html",
    "é" * 300 + ".svg",
    "con.txt",
    "...",
    "\u2028line.txt",
    "<img src=x onerror=alert(1)>.png",
]


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()
    return tmp_path


def harmless(header: str) -> None:
    """A Content-Disposition that names one plain file, in one line, with no direction tricks in it."""
    assert not [c for c in header if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"}], repr(header)
    read = Message()
    read["Content-Disposition"] = header
    kind, *rest = read.get_params(header="content-disposition")
    name = read.get_filename()
    assert (kind[0], [key for key, _value in rest]) == ("attachment", ["filename"])
    assert not [c for c in name if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"}], repr(name)
    assert not {"/", "\\", '"', "<"} & set(name), name


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("content", [SVG, HTML, b"plain"], ids=["svg", "html", "text"])
def test_an_attachment_is_only_ever_downloaded(name, content, actor_of, client_of, folder):
    stored = public.store(actor_of("member"), io.BytesIO(content), name)
    answer = client_of("member").get(public.url(stored))
    assert answer.status_code == 200
    harmless(answer.headers["Content-Disposition"])
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert set(answer.headers) & {"Set-Cookie", "X-Evil"} == set()
    outside = [p for p in folder.rglob("*") if p.is_file() and blobs.root() not in p.parents]
    assert outside == []


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(out, "PNG")
    return out.getvalue()


HIDING = {
    "svg": SVG,
    "html": HTML,
    "svg after a byte order mark": b"\xef\xbb\xbf" + SVG,
    "xml": b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><svg>&e;</svg>",
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n(x) run",
    "only a signature": b"\x89PNG\r\n\x1a\n" + HTML,
    "nothing": b"",
}


@pytest.mark.parametrize("content", HIDING.values(), ids=list(HIDING))
@pytest.mark.parametrize(
    ("path", "field"), [("/profile/avatar/", "avatar"), ("/w/acme/settings/logo/", "logo")]
)
def test_what_is_no_picture_is_kept_nowhere(path, field, content, people, client_of):
    upload = SimpleUploadedFile("me.svg", content, "image/png")
    assert client_of("owner").post(path, {field: upload}).status_code == 302
    assert not StoredFile.objects.exists()
    people.owner.user.refresh_from_db()
    people.workspace.refresh_from_db()
    assert (people.owner.user.avatar, people.workspace.logo) == (None, None)


@pytest.mark.parametrize(
    ("path", "field"), [("/profile/avatar/", "avatar"), ("/w/acme/settings/logo/", "logo")]
)
def test_a_picture_is_drawn_anew_whatever_else_it_holds(path, field, people, client_of):
    """The bytes behind the picture, and the type the browser claims, are gone."""
    owner = client_of("owner")
    owner.post(path, {field: SimpleUploadedFile("x", png() + HTML, "text/html")})
    stored = StoredFile.objects.get()
    answer = owner.get(f"/files/{stored.public_id}/evil.html")
    content = b"".join(answer.streaming_content)
    assert answer.headers["Content-Type"] == "image/webp"
    assert content[8:12] == b"WEBP"
    assert b"<script" not in content
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def concluded(actor, **texts) -> LookBack:
    data = {"text": SERIES, "launch": "2026-05-20", "window_days": 14, **texts}
    row = run_named("goals.lookback.create", actor, data).value
    row.result, row.state, row.word = json.loads(RESULT.read_text()), "done", "met"
    row.save()
    return row


@pytest.mark.parametrize(
    "name", [name for name in NAMES if "\x00" not in name and name != "é" * 300 + ".svg"]
)
def test_an_export_s_name_is_harmless_too(name, actor_of, client_of):
    row = concluded(actor_of("owner"), title=name)
    answer = client_of("owner").get(f"/w/acme/lookback/{row.public_id}/days.csv")
    assert answer.status_code == 200
    harmless(answer.headers["Content-Disposition"])
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    '=HYPERLINK("http://evil")',
]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_an_export_is_a_formula(text, actor_of, client_of):
    row = concluded(actor_of("owner"), metric=text, title=text)
    page = client_of("owner").get(f"/w/acme/lookback/{row.public_id}/days.csv").content.decode("utf-8-sig")
    cells = [cell for line in csv.reader(io.StringIO(page)) for cell in line]
    assert f"'{text}" in cells
    words = [cell for cell in cells if not _is_number(cell)]
    assert [
        cell for cell in words if cell.startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r"))
    ] == []


@pytest.mark.parametrize("text", ["\t=1", "\r=1", "\n=1"])
def test_nor_one_behind_white_space(text):
    assert safe(text).startswith("'")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("length", ["12582913", "9" * 12, "9" * 400, "-1", "١٢"])
@pytest.mark.parametrize("who", ["nobody", "owner"])
def test_a_body_larger_than_any_form_is_refused_unread(who, length, client_of):
    """Whoever sends it: its files would be on the disk before anybody asked who that was."""

    class Unreadable:
        def read(self, *_size):
            raise AssertionError("the body was read")

        readline = read

    sent = {"CONTENT_LENGTH": length, "wsgi.input": Unreadable()}
    answer = client_of(who).post("/profile/avatar/", content_type="multipart/form-data; boundary=x", **sent)
    assert answer.status_code == 413
    assert "12 MB" in answer.content.decode()
