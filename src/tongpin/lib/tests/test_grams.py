"""What a text is cut into always finds every piece of it again."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongpin.lib.grams import grams, needed, normalise

MIXED = st.text(alphabet="ab店长 é𝔸ﬁßİ😀\u200d\ufe0f%_\\'\t\n", max_size=30)


@settings(derandomize=True, deadline=None, database=None)
@given(MIXED, st.data())
def test_every_word_inside_a_text_is_among_its_grams(text, data):
    normal = normalise(text)
    if normal:
        start = data.draw(st.integers(0, len(normal) - 1))
        end = data.draw(st.integers(start + 1, len(normal)))
        for word in normal[start:end].split():
            assert set(needed(word)) <= set(grams(normal))


@settings(derandomize=True, deadline=None, database=None)
@given(st.text(max_size=40))
def test_normalising_twice_is_normalising_once(text):
    normal = normalise(text)
    assert normalise(normal) == normal
    assert not set(normal) & {"\x00", "\t", "\n"}
    normal.encode()  # no half of a pair is left


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  Ａ\u3000B\n c ", "a b c"),
        ("ﬁle", "file"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("a\x00b\ud800", "ab"),
        ("❤\ufe0f", "❤"),
        ("①", "1"),
        ("", ""),
    ],
)
def test_what_is_compared(given, kept):
    assert normalise(given) == kept


def test_grams_are_characters_and_neighbours_without_spaces():
    assert grams("店长 a") == ["a", "店", "店长", "长"]
    assert grams("") == []
    assert needed("店") == ["店"]
    assert needed("店长端") == ["店长", "长端"]
    assert needed("") == []
