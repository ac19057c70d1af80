"""Umami: its tracker and its Node client.

Who somebody is, is told without a cookie: by address and browser for a day, unless the page names the person (``id``).
The answer carries a token, signed with the day's salt, that the tracker sends back; so a visit goes on although the
address changes, and the server keeps nothing.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from tongpin.modules.analytics.enums import Refusal
from tongpin.modules.analytics.wire import body, limits, telling
from tongpin.modules.analytics.wire.call import Answer, Call, Dropped, Hit, Refused
from tongpin.modules.analytics.wire.protocol import Protocol
from tongpin.modules.analytics.wire.record import IDENTIFY, SET, ProfileChange, Record
from tongpin.modules.analytics.wire.telling import Unfit
from tongpin.modules.analytics.wire.visitor import PAGEVIEW, add_browser, add_page, add_screen, cookieless

VISIT = 30 * 60
"""Seconds of silence that end a visit."""
VITALS = ("lcp", "fcp", "inp", "cls")
TYPES = "event, identify, performance"
NO_SITE = "Website not found."


@dataclass(frozen=True, slots=True)
class Visit:
    """``visitor`` is the id of the day, ``last`` seconds since 1970 of the last thing heard of it."""

    site: str
    visitor: str
    visit: str
    last: int


def _decode_one(call: Call) -> Hit:
    return _hit(call, body.read(call), many=False)


def _decode_many(call: Call) -> Hit:
    read = body.read(call)
    if type(read.value) is not list:
        raise Refused(Refusal.SHAPE, 400, "The body must be a list.")
    return _hit(call, read, many=True)


def _hit(call: Call, read: body.Read, *, many: bool) -> Hit:
    try:
        rows = telling.rows(read.value) if many else [read.value]
    except Unfit as unfit:
        raise Refused(unfit.reason, 413, unfit.detail) from None
    site = next((found for row in rows if (found := _site(row))), "")
    if not site:
        raise Refused(Refusal.KEY, 400, NO_SITE)
    hit = Hit(telling.brief(site))
    visit = None
    for at, row in enumerate(rows):
        try:
            row = telling.fit(row, read)
            payload = telling.object_of(row.get("payload"), "“payload”")
            if _site(row) != site:
                raise Unfit(Refusal.KEY, "“website” is another than the request's.")
            visit = visit or _visit(call, hit.key, payload)
            hit.records.append(_record(call, visit, telling.text(row.get("type")), payload))
        except Unfit as unfit:
            if not many:
                raise Refused(unfit.reason, 400, unfit.detail) from None
            hit.dropped.append(unfit.dropped(_named(row), at))
    if visit is not None:
        hit.note = {"cache": sign(call.salt, visit), "visitor": visit.visitor, "visit": visit.visit}
    return hit


def _site(row: Any) -> str:
    payload = row.get("payload") if type(row) is dict else None
    return telling.text(payload.get("website")) if type(payload) is dict else ""


def _named(row: Any) -> dict[str, Any]:
    payload = row.get("payload") if type(row) is dict else None
    return {"event": payload.get("name") if type(payload) is dict else None}


def _record(call: Call, visit: Visit, kind: str, payload: dict[str, Any]) -> Record:
    data = telling.object_of(payload.get("data"), "“data”")
    person = None
    if kind == "event":
        event = telling.name(payload["name"], "“name”") if payload.get("name") else PAGEVIEW
        properties = data
    elif kind == "identify":
        event = IDENTIFY if payload.get("id") else SET
        properties = {"$anon_distinct_id": visit.visitor} if payload.get("id") else {}
        person = ProfileChange(set=data) if data else None
    elif kind == "performance":
        event = "$web_vitals"
        properties = {
            f"$web_vitals_{name.upper()}_value": payload[name]
            for name in VITALS
            if payload.get(name) is not None
        }
        properties |= {name: payload[name] for name in ("ttfb", "duration") if payload.get(name) is not None}
    else:
        raise Unfit(Refusal.SHAPE, f"“type” must be one of {TYPES}.")
    if given := telling.text(payload.get("tag")):
        properties.setdefault("tag", given[: limits.NAME])
    if given := telling.text(payload.get("language")):
        properties.setdefault("$browser_language", given[: limits.NAME])
    add_screen(properties, payload.get("screen"))
    add_page(properties, payload.get("url"), payload.get("referrer"), payload.get("title"))
    if given := telling.text(payload.get("hostname")):
        properties.setdefault("$host", given[: limits.NAME])
    add_browser(call, properties, telling.text(payload.get("userAgent")))
    at = telling.moment(payload.get("timestamp"))
    if at is None and payload.get("timestamp") is not None:
        properties[telling.BAD_TIME] = str(payload["timestamp"])[:100]
    who = telling.name(payload["id"], "“id”") if payload.get("id") else visit.visitor
    return Record(telling.event_id(None), event, who, at, properties, person, session=visit.visit)


def _visit(call: Call, site: str, payload: dict[str, Any]) -> Visit:
    now = int(call.received_at.timestamp())
    known = opened(call.salt, call.headers.get("x-umami-cache", ""))
    if known is not None and known.site == site:
        if 0 <= now - known.last <= VISIT:
            return Visit(site, known.visitor, known.visit, now)
        visitor = known.visitor
    else:
        ip, agent = telling.text(payload.get("ip")), telling.text(payload.get("userAgent"))
        visitor = cookieless(call, site, ip=ip, agent=agent)
    # Without a token, what is heard of one visitor within the same half hour is one visit.
    return Visit(site, visitor, str(telling.derived("umami", site, visitor, now // VISIT)), now)


def sign(salt: bytes, visit: Visit) -> str:
    """The token of a visit."""
    said = orjson.dumps([visit.site, visit.visitor, visit.visit, visit.last])
    return f"{_text(said)}.{_text(hmac.digest(salt, said, 'sha256'))}"


def opened(salt: bytes, token: str) -> Visit | None:
    """The visit of a token that was signed with this salt; None for anything else."""
    said, _, signature = token.partition(".")
    if not signature or len(token) > 2_000:
        return None
    try:
        plain, given = _bytes(said), _bytes(signature)
    except (binascii.Error, ValueError):
        return None
    if not hmac.compare_digest(hmac.digest(salt, plain, "sha256"), given):
        return None
    site, visitor, visit, last = orjson.loads(plain)
    return Visit(site, visitor, visit, last)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _answer_one(call: Call, hit: Hit, dropped: Sequence[Dropped]) -> Answer:
    return _json({"cache": hit.note["cache"], "sessionId": hit.note["visitor"], "visitId": hit.note["visit"]})


def _answer_many(call: Call, hit: Hit, dropped: Sequence[Dropped]) -> Answer:
    return _json(
        {
            "size": len(hit.records) + len(hit.dropped),
            "processed": len(hit.records) + len(hit.dropped) - len(dropped),
            "errors": len(dropped),
            "details": [{"index": each.row, "response": _error(each.detail)} for each in dropped],
            "cache": hit.note.get("cache", ""),
        }
    )


def _refuse(call: Call, refused: Refused) -> Answer:
    """Nothing is sent again. A bot is told what Umami tells it; where nothing is measured the tracker stops."""
    if refused.reason is Refusal.BOT:
        return _json({"beep": "boop"})
    if refused.reason in {Refusal.PAUSED, Refusal.OPTED_OUT}:
        return _json({"disabled": True})
    if refused.reason is Refusal.KEY:
        return _json(_error(NO_SITE), 400)
    headers = (("Retry-After", str(refused.retry_after)),) if refused.retry_after else ()
    return Answer(refused.status, orjson.dumps(_error(refused.detail)), headers=headers)


def _error(message: str) -> dict[str, object]:
    return {"error": {"message": message, "code": "bad-request"}}


def _json(value: object, status: int = 200) -> Answer:
    return Answer(status, orjson.dumps(value))


ONE = Protocol("umami", _decode_one, _answer_one, _refuse)
MANY = Protocol("umami", _decode_many, _answer_many, _refuse)
