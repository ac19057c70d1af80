"""Places in a list that a person orders: a new rank always fits between two others, so a move writes one row.

A rank is a fraction written in 62 digits without the leading "0."; it never ends in the digit 0. Compared as bytes
(in the database by the collation "C").
"""

from __future__ import annotations

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def between(before: str, after: str) -> str:
    """A rank after ``before`` and before ``after``; "" stands for the open end on either side.

    >>> between("", ""), between("V", ""), between("", "V"), between("V", "W")
    ('V', 'W', 'U', 'VV')
    """
    same = 0
    while same < len(after) and (before[same : same + 1] or "0") == after[same]:
        same += 1
    if same:
        return after[:same] + between(before[same:], after[same:])
    low = DIGITS.index(before[0]) if before else 0
    high = DIGITS.index(after[0]) if after else len(DIGITS)
    if high - low > 1:
        if not after and before:  # at an open end one step is enough, or ranks would grow with every append
            return DIGITS[low + 1]
        return DIGITS[high - 1] if not before and after else DIGITS[(low + high) // 2]
    if len(after) > 1:
        return after[0]
    return DIGITS[low] + between(before[1:], "")


def spread(count: int) -> list[str]:
    """``count`` ranks in order, short and evenly apart: for a list whose ranks have grown long."""
    ranks: list[str] = []
    for _ in range(count):
        ranks.append(between(ranks[-1] if ranks else "", ""))
    return ranks
