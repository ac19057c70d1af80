"""A name that came with a file is only a name."""

from __future__ import annotations

import pytest

from tongpin.kernel.files.names import BYTES, clean


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("报表 2026.xlsx", "报表 2026.xlsx"),
        ("🎉 上线.png", "🎉 上线.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\note.txt", "note.txt"),
        ("/", "file"),
        ("", "file"),
        ("...", "file"),
        (".htaccess", "htaccess"),
        ("a\x00b\r\nSet-Cookie: x", "abSet-Cookie_ x"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("\u2066x\u2069.txt", "x.txt"),
        ('a"b<c>.html', "a_b_c_.html"),
        ("con", "_con"),
        ("NUL.txt", "_NUL.txt"),
        ("a  \u3000 b.txt", "a b.txt"),
        ("e\u0301.txt", "\u00e9.txt"),
        ("\ud800.txt", "txt"),
        ("👨‍👩‍👧.txt", "👨‍👩‍👧.txt"),
    ],
)
def test_names_are_made_safe(given, kept):
    assert clean(given) == kept


@pytest.mark.parametrize("stem", ["a" * 500, "文" * 200, "🎉" * 100])
def test_a_long_name_is_cut_between_characters_and_keeps_its_extension(stem):
    name = clean(f"{stem}.xlsx")
    assert name.endswith(".xlsx")
    assert BYTES - 4 < len(name.encode()) <= BYTES
    assert name[:-5] == stem[: len(name) - 5]


def test_an_endless_extension_is_cut_too():
    assert len(clean("a." + "x" * 500).encode()) <= BYTES
