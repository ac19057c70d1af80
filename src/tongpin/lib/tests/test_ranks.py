from __future__ import annotations

import random

import pytest

from tongpin.lib.ranks import DIGITS, between, spread


def test_digits_sort_as_bytes():
    assert sorted(DIGITS) == list(DIGITS)


def test_any_place_of_any_list_has_a_rank():
    chance = random.Random(7)
    ranks: list[str] = []
    for _ in range(3000):
        at = chance.randint(0, len(ranks))
        low, high = (ranks[at - 1] if at else ""), (ranks[at] if at < len(ranks) else "")
        made = between(low, high)
        assert low < made
        assert not high or made < high
        assert not made.endswith("0")
        ranks.insert(at, made)
    assert max(map(len, ranks)) < 12


@pytest.mark.parametrize("where", ["end", "front"])
def test_ranks_stay_short_at_the_ends(where):
    ranks = [between("", "")]
    for _ in range(1000):
        if where == "end":
            ranks.append(between(ranks[-1], ""))
        else:
            ranks.insert(0, between("", ranks[0]))
    assert ranks == sorted(set(ranks))
    assert max(map(len, ranks)) < 40


def test_spreading_shortens():
    ranks = spread(200)
    assert len(set(ranks)) == 200
    assert ranks == sorted(ranks)
    assert max(map(len, ranks)) < 8
