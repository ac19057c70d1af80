"""What changed between two versions of a text that people wrote: by words, and in Chinese by characters.

The shortest way from one to the other (E. W. Myers, “An O(ND) difference algorithm and its variations”, 1986): its cost
grows with what changed and not, as that of ``difflib``, with how often the same word comes again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["same", "gone", "new"]

#: A word, a run of blanks, or one character of anything else.
_TOKEN = re.compile(r"[A-Za-z0-9_À-ɏ]+|[^\S\n]+|.", re.DOTALL)
CHANGES_MAX = 800
"""Words that may differ. Where more do, it is only said that the text was replaced: nobody reads such a comparison."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text: in both versions, only in the first, or only in the second."""

    kind: Kind
    text: str


def compare(before: str, after: str) -> list[Piece]:
    """The two texts as one, in order; those pieces that are not ``new`` make up ``before``, not ``gone`` ``after``.

    >>> [(p.kind, p.text) for p in compare("ship on Friday", "ship on Monday")]
    [('same', 'ship on '), ('gone', 'Friday'), ('new', 'Monday')]
    """
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    start = _alike(old, new)
    end = _alike(reversed(old[start:]), reversed(new[start:]))
    middle = _way(old[start : len(old) - end], new[start : len(new) - end])
    same: list[tuple[Kind, str]] = [("same", token) for token in old[:start]]
    return _readable(_joined([*same, *middle, *(("same", token) for token in old[len(old) - end :])]))


def _alike(old: Iterable[str], new: Iterable[str]) -> int:
    """How many tokens both begin with."""
    count = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        count += 1
    return count


def _way(old: list[str], new: list[str]) -> list[tuple[Kind, str]]:
    """The fewest tokens to take out and put in; all of them where these are more than CHANGES_MAX."""
    furthest, passed = {1: 0}, []
    for changes in range(min(len(old) + len(new), CHANGES_MAX) + 1):
        passed.append(dict(furthest))
        for line in range(-changes, changes + 1, 2):
            down = line == -changes or (line != changes and furthest[line - 1] < furthest[line + 1])
            x = furthest[line + 1] if down else furthest[line - 1] + 1
            while x < len(old) and x - line < len(new) and old[x] == new[x - line]:
                x += 1
            furthest[line] = x
            if x >= len(old) and x - line >= len(new):
                return list(reversed(list(_back(old, new, passed))))
    return [*(("gone", token) for token in old), *(("new", token) for token in new)]


def _back(old: list[str], new: list[str], passed: list[dict[int, int]]) -> Iterator[tuple[Kind, str]]:
    """From the end to the beginning, over the points that were furthest with one change less each time."""
    x, y = len(old), len(new)
    for changes in range(len(passed) - 1, -1, -1):
        line, furthest = x - y, passed[changes]
        down = line == -changes or (line != changes and furthest[line - 1] < furthest[line + 1])
        from_line = line + 1 if down else line - 1
        from_x = furthest[from_line] if changes else 0
        from_y = from_x - from_line if changes else 0
        while x > from_x and y > from_y:
            x, y = x - 1, y - 1
            yield "same", old[x]
        if changes:
            yield ("new", new[from_y]) if down else ("gone", old[from_x])
        x, y = from_x, from_y


def _joined(tokens: Iterable[tuple[Kind, str]]) -> list[Piece]:
    """Neighbours of one kind as one; between two same ones, what is gone stands before what is new."""
    found: list[Piece] = []
    kept = {"same": "", "gone": "", "new": ""}

    def put(*kinds: Kind) -> None:
        for kind in kinds:
            if kept[kind]:
                found.append(Piece(kind, kept[kind]))
            kept[kind] = ""

    for kind, text in tokens:
        if kind == "same":
            put("gone", "new")
        elif kept["same"]:
            put("same")
        kept[kind] += text
    put("same", "gone", "new")
    return found


def _readable(pieces: list[Piece]) -> list[Piece]:
    """Without the few letters that two sentences happen to share: what is same between two changes, and shorter than
    either, is taken into them.
    """
    while True:
        tokens: list[tuple[Kind, str]] = []
        for at, piece in enumerate(pieces):
            around = min(_weight(pieces[max(at - 2, 0) : at][::-1]), _weight(pieces[at + 1 : at + 3]))
            if piece.kind == "same" and len(piece.text.strip()) < around:
                tokens += [("gone", piece.text), ("new", piece.text)]
            else:
                tokens.append((piece.kind, piece.text))
        joined = _joined(tokens)
        if len(joined) == len(pieces):
            return joined
        pieces = joined


def _weight(beside: list[Piece]) -> int:
    """How much the change beside a same piece holds: the two pieces on that side, the nearer first."""
    found = 0
    for piece in beside:
        if piece.kind == "same":
            break
        found = max(found, len(piece.text))
    return found
