"""Places for statements: so many, and a fair share of them for everybody who asks."""

from __future__ import annotations

import threading

from tongpin.kernel.store.lanes import Lane


def test_one_asker_never_holds_every_place() -> None:
    lane = Lane(3, 2)
    assert lane.acquire("ann", 0)
    assert lane.acquire("ann", 0)
    assert not lane.acquire("ann", 0)
    assert lane.acquire("bo", 0)
    assert not lane.acquire("cy", 0), "there are no more"
    lane.release("ann")
    assert lane.acquire("cy", 0)
    assert not lane.acquire("ann", 0), "one is free to nobody: three are held"


def test_the_unnamed_share_nothing_but_the_places() -> None:
    lane = Lane(3, 2)
    assert [lane.acquire("", 0) for _ in range(4)] == [True, True, True, False]


def test_who_waits_goes_on_as_soon_as_a_place_is_given_back() -> None:
    lane = Lane(2, 1)
    assert lane.acquire("ann", 0)
    got: list[bool] = []
    waiting = threading.Thread(target=lambda: got.append(lane.acquire("ann", 60)))
    waiting.start()
    lane.release("ann")
    waiting.join(60)
    assert got == [True]
