"""Feishu 飞书 and Lark: custom robots of a group.

Facts from the guide of custom robots, open.feishu.cn/document/client-docs/bot-v3/add-custom-bot: 100 messages a minute
and 5 a second; a body of 20 KB at most; ``sign`` is base64(HMAC-SHA256(key=timestamp + "\\n" + secret, message=""))
with the timestamp in seconds, no older than an hour; codes 19021 (signature or timestamp), 19022 (address not
allowed), 19024 (keyword missing), 9499 (bad request), 11232 (frequency limited), 19001 (no such robot).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tongpin.modules.digests.enums import Verdict, Why
from tongpin.modules.digests.vendors.base import (
    DELIVERED,
    Answer,
    Limit,
    Note,
    Pictures,
    as_json,
    by_status,
    listed,
    number,
    one_line,
    wire,
)

HOSTS = ("open.feishu.cn", "open.larksuite.com")
PATH = "/open-apis/bot/v2/hook/"
LIMITS = (Limit(100, 60), Limit(5, 1))
ROOM = 18_000
"""Bytes of the body; below the documented 20 KB, since the signature comes on top."""
SIGNED = True
PICTURES: Pictures = "none"
"""A picture needs an app's upload, which a group robot has not."""

_FIX = {19021: Why.SIGN, 19022: Why.IP, 19024: Why.KEYWORD, 19001: Why.GONE, 19007: Why.GONE}
_LIMITED = {11232, 11233}
_REJECTED = {9499, 19002}


def _clean(text: str) -> str:
    """Feishu's markdown reads HTML entities as plain signs, which is its documented escape."""
    return re.sub(r"[<>*~\[\]()`#&:_\\]", lambda sign: f"&#{ord(sign[0])};", one_line(text))


def card(note: Note) -> dict[str, Any]:
    return {
        "msg_type": "interactive",
        "card": {
            "config": {"wide_screen_mode": True},
            "header": {"title": {"tag": "plain_text", "content": one_line(note.title)}, "template": "blue"},
            "elements": [{"tag": "markdown", "content": listed(note, _clean)}],
        },
    }


def size(body: dict[str, Any]) -> int:
    return len(wire(body))


def sign(address: str, body: dict[str, Any], secret: str, at: datetime) -> tuple[str, dict[str, Any]]:
    stamp = str(int(at.timestamp()))
    made = hmac.new(f"{stamp}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return address, {"timestamp": stamp, "sign": base64.b64encode(made).decode(), **body}


def read_answer(status: int, headers: Mapping[str, str], text: str) -> Answer:
    found = as_json(text)
    code = number(found, "code", "StatusCode")
    said = one_line(f"{code} {found.get('msg') or found.get('StatusMessage') or ''}".strip())
    if code in _LIMITED:
        return Answer(Verdict.LATER, said, Why.LIMITED, 60)
    if code in _FIX:
        return Answer(Verdict.FIX, said, _FIX[code])
    if code in _REJECTED:
        return Answer(Verdict.REJECTED, said, Why.REJECTED)
    told = by_status(status, headers, text)
    if told is not None:
        return told
    if status == 200 and code == 0:
        return DELIVERED
    if status == 404:
        return Answer(Verdict.FIX, one_line(f"HTTP {status} {text}"), Why.GONE)
    return Answer(
        Verdict.TROUBLE, said if code is not None else one_line(f"HTTP {status} {text}"), Why.UNREACHED
    )
