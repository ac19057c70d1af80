"""Pictures are drawn anew: sizes fixed, nothing of the original file left, nothing strange let in."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image

from tongpin.kernel.errors import Invalid
from tongpin.kernel.files.pictures import Shape, redraw


def picture(size=(600, 300), form="PNG", mode="RGB", **more):
    out = io.BytesIO()
    Image.new(mode, size, "red" if mode == "RGB" else None).save(out, form, **more)
    out.seek(0)
    return out


def drawn(content, shape):
    return Image.open(io.BytesIO(redraw(content, shape)))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
def test_each_format_becomes_webp(form):
    made = drawn(picture(form=form), Shape.LOGO)
    assert (made.format, made.size) == ("WEBP", (256, 128))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_each_kind_of_pixel_is_taken(mode):
    assert drawn(picture(mode=mode), Shape.AVATAR).size == (256, 256)


def test_an_avatar_is_a_square_and_a_small_logo_is_not_blown_up():
    assert drawn(picture((40, 1000)), Shape.AVATAR).size == (256, 256)
    assert drawn(picture((40, 20)), Shape.LOGO).size == (40, 20)
    assert drawn(picture((4000, 100)), Shape.WIDE).size == (1600, 40)


def test_where_it_was_taken_is_dropped_and_it_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010F] = "Camera of Shen"
    exif.get_ifd(0x8825)[1] = "N"
    content = redraw(picture((400, 200), "JPEG", exif=exif, comment=b"secret place"), Shape.LOGO)
    made = Image.open(io.BytesIO(content))
    assert made.size == (128, 256)
    assert not made.getexif()
    assert b"Camera" not in content
    assert b"secret" not in content


def test_see_through_stays_see_through():
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")
    out.seek(0)
    assert drawn(out, Shape.LOGO).convert("RGBA").getpixel((5, 5))[3] == 0


def bomb(width, height):
    """A PNG of some hundred bytes that says it has that many pixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return io.BytesIO(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 999))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(50_000, 50_000), (20_000, 10), (7_000, 7_000)])
def test_a_bomb_is_refused_before_it_is_unpacked(size):
    with pytest.raises(Invalid) as refusal:
        redraw(bomb(*size), Shape.AVATAR)
    assert refusal.value.code in {"picture_too_large", "picture_unreadable"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html>",
        b"\x89PNG\r\n\x1a\n",
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        b"II*\x00\x08\x00\x00\x00",
        picture().getvalue()[:-200],
        picture(form="JPEG").getvalue()[:300],
    ],
)
def test_anything_else_is_refused(content):
    with pytest.raises(Invalid) as refusal:
        redraw(io.BytesIO(content), Shape.AVATAR)
    assert refusal.value.code == "picture_unreadable"
    assert refusal.value.fields
