"""Telling systemd how we are (``Type=notify``)."""

from __future__ import annotations

import contextlib
import os
import socket


def notify(**facts: str | int) -> None:
    """Send ``READY=1``, ``STATUS=…``, ``STOPPING=1`` to NOTIFY_SOCKET; nothing without one."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    text = "\n".join(f"{name}={value}" for name, value in facts.items())
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto(text.encode(), address)
