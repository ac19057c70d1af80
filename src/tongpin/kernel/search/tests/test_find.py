"""Finding by substrings of any length, in any script, by people who may see different things."""

from __future__ import annotations

import pytest

from tongpin.kernel.search.query import find
from tongpin.kernel.search.tests.notes import happened
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def titles(actor_of, drain):
    """``titles("打卡")``: what a member finds, in order."""

    def found(text, who="member", **more):
        drain()
        return [card.title for card in find(actor_of(who), text, **more)]

    return found


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("弱网打卡文案", "卡"),
        ("弱网打卡文案", "打卡"),
        ("弱网打卡文案", "网打卡文"),
        ("Wi-Fi 打卡失败", "fi 打"),
        ("Wi-Fi 打卡失败", "WI-FI"),
        ("Export payslips", "x"),
        ("Export payslips", "sl"),
        ("Export payslips", "ort pay"),
        ("Export payslips", "pay ex"),
        ("ＡＢＣ１２３", "abc123"),
        ("abc123", "ＡＢＣ"),
        ("Straße", "STRASSE"),
        ("上线 🎉 啦", "🎉"),
        ("上线 🎉啦", "🎉啦"),
        ("❤️ 店长", "❤"),
        ("👨‍👩‍👧 家庭", "👨‍👩‍👧"),
        ("涨 50% 的_活动", "%"),
        ("涨 50% 的_活动", "0%"),
        ("涨 50% 的_活动", "的_活"),
        ("C:\\temp\\x", "\\"),
        ('it\'s {a} "b"', "'s {"),
        ("Ünïcödé", "u\u0308n"),
        ("零\u200b宽", "零宽"),
    ],
)
def test_a_substring_is_found(note, titles, stored, asked):
    note("something else entirely: 无关")
    note(stored)
    assert titles(asked) == [stored]


@pytest.mark.parametrize(
    "asked", ["打案", "卡打", "%", "_", "''", "xyz", "打%文", "弱网打卡文案们", "弱 案案"]
)
def test_what_is_not_there_is_not_found(note, titles, asked):
    note("弱网打卡文案")
    assert titles(asked) == []


@pytest.mark.parametrize("asked", ["", "   ", "\x00", "\ud800", "\u200b", "\t\n"])
def test_an_empty_question_finds_nothing(note, titles, asked):
    note("弱网打卡文案")
    assert titles(asked) == []


def test_a_hostile_question_is_only_text(note, titles):
    note("'; DROP TABLE search_searchdocument; --")
    assert titles("'; drop") == ["'; DROP TABLE search_searchdocument; --"]
    assert titles("%s %(x)s {0}") == []
    assert titles("a" * 100_000) == []
    assert titles("\x00'; drop\ud800") == ["'; DROP TABLE search_searchdocument; --"]


def test_every_substring_of_mixed_text_is_found(note, titles):
    """Against the plain definition: each piece of each text is found in exactly the texts that contain it."""
    texts = [
        "新店开张季 Q4 复盘",
        "导出工资条 v3.7",
        "Wi-Fi 打卡 失败率",
        "店长端 v3.6 灰度10%",
        "NPS −19 安卓员工",
    ]
    for text in texts:
        note(text)
    for text in texts:
        folded = text.casefold()
        for length in (1, 2, 3, 5):
            for start in range(len(folded) - length + 1):
                piece = folded[start : start + length]
                words = piece.split()
                expected = (
                    {t for t in texts if all(word in t.casefold() for word in words)} if words else set()
                )
                assert set(titles(piece)) == expected, piece


def test_better_matches_come_first(note, titles):
    body = note("季度总结", "打卡在这里")
    inside = note("弱网打卡文案")
    start = note("打卡失败")
    newer = note("打卡成功")
    assert titles("打卡") == ["打卡成功", "打卡失败", "弱网打卡文案", "季度总结"]
    assert titles("打卡", limit=2) == ["打卡成功", "打卡失败"]
    assert len({body.pk, inside.pk, start.pk, newer.pk}) == 4


@pytest.mark.parametrize(
    "asked", ["sy", "syn", "shen", "shenyi", "shen yi", "SHENYINUO", "yinuo", "yn", "一诺"]
)
def test_a_person_is_found_by_pinyin(people, titles, asked):
    rename(people.admin.user, "沈一诺")
    assert titles(asked) == ["沈一诺"]


@pytest.mark.parametrize("asked", ["hen", "yin n", "synx", "ny"])
def test_pinyin_matches_only_from_a_syllable(people, titles, asked):
    rename(people.admin.user, "沈一诺")
    assert "沈一诺" not in titles(asked)


def test_a_family_name_is_read_as_one(people, titles):
    rename(people.admin.user, "曾小满")
    assert titles("zxm") == ["曾小满"]


def rename(user, name):
    """Another name, with the event of the person, who is in no workspace there."""
    User.objects.filter(pk=user.pk).update(name=name)
    user.refresh_from_db()
    happened(user)


def test_only_the_asked_types(people, note, titles):
    rename(people.admin.user, "打卡")
    note("打卡失败")
    assert titles("打卡", types=["tenancy.membership"]) == ["打卡"]
    assert titles("打卡", types=["files.storedfile"]) == ["打卡失败"]
    assert titles("打卡", types=["nothing.known"]) == []


def test_each_finds_only_what_is_theirs(people, note, titles):
    note("打卡 acme")
    note("打卡 elsewhere", workspace=people.elsewhere)
    for who in ("owner", "admin", "member"):
        assert titles("打卡", who) == ["打卡 acme"]
    assert titles("打卡", "guest") == []
    assert titles("打卡", "stranger") == ["打卡 elsewhere"]


def test_a_guest_finds_their_own_behind_many_they_may_not_see(people, note, titles):
    """Newer rows that the guest may not see must not use up the answer."""
    note("打卡 mine", uploader=people.guest.user)
    for i in range(130):
        note(f"打卡 {i}")
    assert titles("打卡", "guest") == ["打卡 mine"]


def test_someone_in_no_workspace_finds_nothing(people, note, drain):
    note("打卡")
    drain()
    assert find(Actor.of(people.member.user), "打卡") == []
    assert find(Actor.for_member(people.member), "打卡") != []
