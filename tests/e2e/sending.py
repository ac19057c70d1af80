"""Events sent to a served server as any program sends them: plain HTTP to its own endpoint."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

from tests.serving import Served


def send(
    served: Served, key: str, *events: dict[str, Any], agent: str = "shop-server/1.0"
) -> tuple[int, dict[str, Any]]:
    """What POST /capture/v1/events answers to these events: status and body."""
    request = urllib.request.Request(
        f"{served.address}/capture/v1/events",
        json.dumps({"key": key, "batch": events}).encode(),
        {"Content-Type": "application/json", "User-Agent": agent},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)
