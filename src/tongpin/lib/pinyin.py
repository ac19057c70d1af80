"""Pinyin of names and commands, so that "syn", "sheny" and "shenyinuo" find 沈一诺."""

from __future__ import annotations

import re

_LETTERS = re.compile(r"[a-z0-9]+")

# Characters read differently as a family name than in any other word.
_SURNAMES = {
    "尉迟": "yu chi", "万俟": "mo qi", "澹台": "tan tai", "长孙": "zhang sun", "单于": "chan yu",
    "曾": "zeng", "单": "shan", "仇": "qiu", "解": "xie", "查": "zha", "朴": "piao", "区": "ou", "缪": "miao",
    "盖": "ge", "乐": "yue", "翟": "zhai", "任": "ren", "华": "hua", "覃": "qin", "种": "chong", "冼": "xian",
    "折": "she", "祭": "zhai", "员": "yun", "黑": "he", "召": "shao", "隗": "wei", "繁": "po", "秘": "bi",
}  # fmt: skip


def syllables(text: str) -> list[str]:
    """The text's syllables, lower-case, without tones; runs of Latin letters and digits count as one each."""
    # Its dictionaries take a second of CPU; most runs of a command never ask for a syllable.
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415

    found: list[str] = []
    for part in lazy_pinyin(text, style=Style.NORMAL, errors="default", v_to_u=False):
        found.extend(_LETTERS.findall(part.lower()))
    return found


def of_person(name: str) -> str:
    """The syllables of a person's name, apart by spaces, with the family name read as one."""
    name = name.strip()
    for length in (2, 1):
        read = _SURNAMES.get(name[:length])
        if read and len(name) > length:
            return " ".join([*read.split(), *syllables(name[length:])])
    return " ".join(syllables(name))


def keys(spoken: str) -> list[str]:
    """What may be typed for the syllables in ``spoken`` (apart by spaces): whole, initials, and from each on.

    >>> keys("shen yi nuo")
    ['shenyinuo', 'syn', 'yinuo', 'yn', 'nuo', 'n']
    """
    parts = _LETTERS.findall(spoken.lower())
    found: list[str] = []
    for i in range(len(parts)):
        found += ["".join(parts[i:]), "".join(part[0] for part in parts[i:])]
    return list(dict.fromkeys(found))


def typed(text: str) -> str:
    """What a person typed, as it is compared with ``keys``; "" if it cannot be pinyin."""
    joined = "".join(text.lower().split()).replace("'", "")
    return joined if _LETTERS.fullmatch(joined) else ""
