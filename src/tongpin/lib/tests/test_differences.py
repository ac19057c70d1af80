"""Two versions of a text as one."""

from __future__ import annotations

import itertools
import time

import pytest

from tongpin.lib import differences
from tongpin.lib.differences import compare


def shown(before: str, after: str) -> str:
    signs = {"same": "{}", "gone": "[-{}-]", "new": "[+{}+]"}
    return "".join(signs[piece.kind].format(piece.text) for piece in compare(before, after))


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("same", "same", "same"),
        ("", "new", "[+new+]"),
        ("old", "", "[-old-]"),
        ("", "", ""),
        ("ship on Friday", "ship on Monday", "ship on [-Friday-][+Monday+]"),
        ("渠道码 6 个", "渠道码 8 个", "渠道码 [-6-][+8+] 个"),
        ("灰度百分之十", "灰度百分之五十", "灰度百分之[+五+]十"),
        ("a\nb\nc", "a\nc", "a\n[-b\n-]c"),
        ("- 展位 A\n- 展位 B\n", "- 展位 A\n- 展位 C\n", "- 展位 A\n- 展位 [-B-][+C+]\n"),
        ("好 👍🏽", "好 🎉", "好 [-👍🏽-][+🎉+]"),
    ],
)
def test_only_what_changed_is_marked(before, after, said):
    assert shown(before, after) == said


@pytest.mark.parametrize(
    ("before", "after"), [("a b\nc", "b a\n\nc d"), ("一二三\n四", "四\n三二一"), ("x\r\ny", "x\ny")]
)
def test_either_version_can_be_read_from_it(before, after):
    pieces = compare(before, after)
    assert "".join(p.text for p in pieces if p.kind != "new") == before
    assert "".join(p.text for p in pieces if p.kind != "gone") == after
    kinds = [piece.kind for piece in pieces]
    assert all(one != other for one, other in itertools.pairwise(kinds))


def test_what_changed_all_over_is_replaced_as_a_whole(monkeypatch):
    monkeypatch.setattr(differences, "CHANGES_MAX", 1)
    assert shown("a b c d e", "a x c y e") == "a [-b c d-][+x c y+] e"


def test_letters_that_two_sentences_happen_to_share_do_not_break_them_up():
    assert shown("周五给结论", "等客服的数再定论") == "[-周五给结-][+等客服的数再定+]论"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a " * 10_000, "a b " * 5_000),
        ("a\n" * 10_000, "b\na\n" * 5_000),
        ("打卡失败率" * 4_000, "失败打卡率" * 4_000),
        ("x" * 20_000, "一" * 20_000),
        ("same words here " * 390 + "end", "same words there " * 390 + "end"),
    ],
)
def test_the_longest_comments_are_compared_in_a_moment(before, after):
    started = time.process_time()
    pieces = compare(before, after)
    assert time.process_time() - started < 5
    assert "".join(p.text for p in pieces if p.kind != "new") == before
