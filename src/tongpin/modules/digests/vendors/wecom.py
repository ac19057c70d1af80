"""WeCom 企业微信: robots of a group.

Facts from developer.work.weixin.qq.com/document/path/91770: 20 messages a minute; markdown of 4,096 bytes at most, in
UTF-8; no signature, the key in the address is the secret. Codes from …/path/90313: 45009 too often, 93000 no such
robot, 93008 not in the group any more, 40058 and 45002 a bad message.
"""

from __future__ import annotations

import base64
import hashlib
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
    harmless,
    listed,
    number,
    one_line,
)

HOSTS = ("qyapi.weixin.qq.com",)
PATH = "/cgi-bin/webhook/send"
LIMITS = (Limit(20, 60),)
ROOM = 4096
"""Bytes of the markdown."""
SIGNED = False
PICTURES: Pictures = "bytes"

_LIMITED = {45009, 45033}
_GONE = {93000, 93008, 93006}
_REJECTED = {40058, 45002, 40008, 44004}


def card(note: Note) -> dict[str, Any]:
    return {"msgtype": "markdown", "markdown": {"content": f"**{harmless(note.title)}**\n{listed(note)}"}}


def picture(png: bytes) -> dict[str, Any]:
    """A picture as a message of its own: base64 and MD5 of its bytes, 2 MB at most before encoding."""
    digest = hashlib.md5(png, usedforsecurity=False).hexdigest()
    return {"msgtype": "image", "image": {"base64": base64.b64encode(png).decode(), "md5": digest}}


def size(body: dict[str, Any]) -> int:
    return len(body["markdown"]["content"].encode())


def sign(address: str, body: dict[str, Any], secret: str, at: datetime) -> tuple[str, dict[str, Any]]:
    return address, body


def read_answer(status: int, headers: Mapping[str, str], text: str) -> Answer:
    found = as_json(text)
    code = number(found, "errcode")
    said = one_line(f"{code} {found.get('errmsg', '')}".strip())
    if code in _LIMITED:
        return Answer(Verdict.LATER, said, Why.LIMITED, 60)
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
