"""Rewriting what robots keep encrypted, when the server's key is replaced."""

from __future__ import annotations

from collections.abc import Callable

from tongpin.modules.digests.models import Robot


def rewrite(change: Callable[[str], str]) -> int:
    """Pass every address and signing secret through ``change`` (``kernel.keyring``); how many there are."""
    count = 0
    for row in Robot.objects.select_for_update().order_by("pk"):
        row.address = change(row.address)
        count += 1
        if row.secret:
            row.secret = change(row.secret)
            count += 1
        row.save(update_fields=["address", "secret"])
    return count
