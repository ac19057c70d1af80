from __future__ import annotations

import pytest

from tongpin.lib.pinyin import keys, of_person, syllables, typed


@pytest.mark.parametrize(
    ("name", "spoken"),
    [
        ("沈一诺", "shen yi nuo"),
        ("曾小满", "zeng xiao man"),
        ("单雄信", "shan xiong xin"),
        ("尉迟恭", "yu chi gong"),
        ("吕布", "lv bu"),
        ("单", "dan"),  # alone it is no family name
        ("Anna 张", "anna zhang"),
        ("John Smith", "john smith"),
        ("😀", ""),
        ("", ""),
    ],
)
def test_a_person_s_name(name, spoken):
    assert of_person(name) == spoken


def test_a_command():
    assert syllables("需求 v2") == ["xu", "qiu", "v2"]


def test_keys_begin_at_each_syllable():
    assert keys("shen yi nuo") == ["shenyinuo", "syn", "yinuo", "yn", "nuo", "n"]
    assert keys("") == []


@pytest.mark.parametrize(
    ("text", "kept"),
    [("Shen Yi", "shenyi"), ("xi'an", "xian"), ("沈", ""), ("s%", ""), ("", ""), ("SY2", "sy2")],
)
def test_what_can_be_typed(text, kept):
    assert typed(text) == kept
