"""Slack, and what takes Slack's incoming webhooks (Mattermost, Rocket.Chat and others).

Facts from docs.slack.dev/messaging/sending-messages-using-incoming-webhooks and …/apis/web-api/rate-limits: one message
a second, 429 with ``Retry-After`` beyond that; a header block of 150 signs, a section of 3,000; ``&``, ``<`` and ``>``
are escaped as HTML entities; answers are plain text: ``ok``, or a word such as ``no_service`` or ``invalid_payload``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tongpin.modules.digests.enums import Verdict, Why
from tongpin.modules.digests.vendors.base import (
    DELIVERED,
    Answer,
    Limit,
    Line,
    Note,
    Pictures,
    by_status,
    one_line,
)

LIMITS = (Limit(1, 1),)
ROOM = 3000
"""Signs of the one section."""
SIGNED = False
PICTURES: Pictures = "address"

_GONE = {
    "no_service", "no_active_hooks", "no_team", "team_disabled", "invalid_token", "user_not_found", "action_prohibited",
    "channel_not_found", "channel_is_archived", "posting_to_general_channel_denied", "service_disabled",
}  # fmt: skip


def _clean(text: str) -> str:
    """Escaped as documented; signs of other markup, Slack's or Mattermost's, become look-alikes."""
    flat = one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return flat.translate(str.maketrans("*`|~[]", "＊｀｜～［］"))


def _shown(line: Line) -> str:
    if not line.about:
        return _clean(line.said)
    about = f"<{line.url}|{_clean(line.about)}>" if line.url else _clean(line.about)
    return f"{_clean(line.said)} {about}"


def card(note: Note) -> dict[str, Any]:
    mark = "• " if len(note.lines) > 1 else ""
    lines = "\n".join(mark + _shown(line) for line in note.lines)
    body: dict[str, Any] = {
        "text": _clean(note.title),
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": one_line(note.title, 150)}},
            {"type": "section", "text": {"type": "mrkdwn", "text": lines}},
        ],
    }
    if note.picture:  # no image block: one that Slack cannot fetch has the whole message refused
        body["attachments"] = [{"fallback": one_line(note.title, 150), "image_url": note.picture}]
    return body


def size(body: dict[str, Any]) -> int:
    return len(body["blocks"][1]["text"]["text"])


def sign(address: str, body: dict[str, Any], secret: str, at: datetime) -> tuple[str, dict[str, Any]]:
    return address, body


def read_answer(status: int, headers: Mapping[str, str], text: str) -> Answer:
    told = by_status(status, headers, text)
    if told is not None:
        return told
    if 200 <= status < 300:
        return DELIVERED
    said = one_line(f"HTTP {status} {text}".strip())
    if text.strip() in _GONE or status in (401, 403, 404, 410):
        return Answer(Verdict.FIX, said, Why.GONE)
    return Answer(Verdict.REJECTED, said, Why.REJECTED)
