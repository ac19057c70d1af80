"""DingTalk 钉钉: custom robots of a group.

Facts from open.dingtalk.com/document/group/custom-robot-access and …/orgapp/custom-bot-creation-and-installation:
20 messages a minute, and who sends more is shut out for 10 minutes; ``sign`` is base64(HMAC-SHA256(secret, timestamp +
"\\n" + secret)), percent-encoded in the address beside ``timestamp`` in milliseconds, no older than an hour; 310000 is
a failed check of security (keyword, signature or address, told apart by ``errmsg``), 410100 (before: 130101) too
fast, 400013 group disbanded, 400101 no such token, 400102 robot stopped, 400106 no such robot, 4301xx content refused.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

from tongpin.modules.digests.enums import Verdict, Why
from tongpin.modules.digests.vendors.base import (
    DELIVERED,
    Answer,
    Limit,
    Note,
    Pictures,
    as_json,
    by_status,
    harmless,
    listed,
    number,
    one_line,
    wire,
)

HOSTS = ("oapi.dingtalk.com",)
PATH = "/robot/send"
LIMITS = (Limit(20, 60),)
BLOCK = 600
"""Seconds for which a robot that sent too much is shut out."""
ROOM = 18_000
"""Bytes of the body; DingTalk takes 20,000."""
SIGNED = True
PICTURES: Pictures = "address"

_LIMITED = {130101, 130102, 410100, 660026, 90030}
_GONE = {300001, 300005, 400013, 400101, 400102, 400106, 40014}
_REJECTED = {40035, 43004, 400105, 430101, 430102, 430103, 430104}


def card(note: Note) -> dict[str, Any]:
    title = harmless(note.title)
    picture = f"\n\n![]({note.picture})" if note.picture else ""
    return {
        "msgtype": "markdown",
        "markdown": {"title": title, "text": f"#### {title}\n\n{listed(note)}{picture}"},
    }


def size(body: dict[str, Any]) -> int:
    return len(wire(body))


def sign(address: str, body: dict[str, Any], secret: str, at: datetime) -> tuple[str, dict[str, Any]]:
    stamp = str(int(at.timestamp() * 1000))
    made = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    return f"{address}&timestamp={stamp}&sign={quote_plus(base64.b64encode(made))}", body


def read_answer(status: int, headers: Mapping[str, str], text: str) -> Answer:
    found = as_json(text)
    code, message = number(found, "errcode"), str(found.get("errmsg", ""))
    said = one_line(f"{code} {message}".strip())
    if code in _LIMITED or "too fast" in message:
        return Answer(Verdict.LATER, said, Why.LIMITED, BLOCK)
    if code == 310000:
        return Answer(Verdict.FIX, said, _security(message.lower()))
    if code in _GONE:
        return Answer(Verdict.FIX, said, Why.GONE)
    if code in _REJECTED:
        return Answer(Verdict.REJECTED, said, Why.REJECTED)
    told = by_status(status, headers, text)
    if told is not None:
        return told
    if status == 200 and code == 0:
        return DELIVERED
    return Answer(
        Verdict.TROUBLE, said if code is not None else one_line(f"HTTP {status} {text}"), Why.UNREACHED
    )


def _security(message: str) -> Why:
    if "keyword" in message or "关键词" in message:
        return Why.KEYWORD
    if "whitelist" in message or "白名单" in message or "ip" in message.split():
        return Why.IP
    return Why.SIGN
