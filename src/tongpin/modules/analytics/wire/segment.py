"""Segment: batches and single calls of its server SDKs, and of browser libraries that speak its HTTP API."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from tongpin.modules.analytics.enums import Refusal
from tongpin.modules.analytics.wire import body, limits, telling
from tongpin.modules.analytics.wire.agent import read as read_agent
from tongpin.modules.analytics.wire.call import Answer, Call, Dropped, Hit, Refused
from tongpin.modules.analytics.wire.protocol import Protocol
from tongpin.modules.analytics.wire.record import (
    ALIAS,
    COMPANY,
    GROUP,
    IDENTIFY,
    SET,
    CustomerChange,
    ProfileChange,
    Record,
)
from tongpin.modules.analytics.wire.telling import Unfit
from tongpin.modules.analytics.wire.visitor import PAGEVIEW, SCREEN, add_page

TYPES = ("identify", "track", "page", "screen", "group", "alias")
SHORT = {kind[0]: kind for kind in TYPES}
"""The browser SDK calls an address by its first letter, and a batch ``b``."""
#: What the context says of the place, and the property that says it here.
CONTEXT = (
    ("library", "name", "$lib"),
    ("library", "version", "$lib_version"),
    ("os", "name", "$os"),
    ("os", "version", "$os_version"),
    ("device", "manufacturer", "$device_manufacturer"),
    ("device", "model", "$device_model"),
    ("device", "type", "$device_type"),
    ("app", "name", "$app_name"),
    ("app", "version", "$app_version"),
    ("app", "build", "$app_build"),
    ("screen", "width", "$screen_width"),
    ("screen", "height", "$screen_height"),
    ("campaign", "source", "utm_source"),
    ("campaign", "medium", "utm_medium"),
    ("campaign", "name", "utm_campaign"),
    ("campaign", "term", "utm_term"),
    ("campaign", "content", "utm_content"),
)
PLAIN = (
    ("userAgent", "$raw_user_agent"),
    ("ip", "$ip"),
    ("timezone", "$timezone"),
    ("locale", "$locale"),
    ("locale", "$browser_language"),
)


def _decode(call: Call) -> Hit:
    read = body.read(call)
    if type(read.value) is not dict:
        raise Refused(Refusal.SHAPE, 400, "The body must be a JSON object.")
    kind = call.path.rstrip("/").rpartition("/")[2]
    kind = SHORT.get(kind, kind)
    if kind in TYPES:
        messages: Any = [read.value]
    else:
        kind = ""
        messages = read.value.get("batch")
        if type(messages) is not list:
            raise Refused(Refusal.SHAPE, 400, "“batch” must be a list of messages.")
    try:
        telling.rows(messages)
    except Unfit as unfit:
        raise Refused(unfit.reason, 413, unfit.detail) from None
    key = read.value.get("writeKey") or _authorized(call.headers.get("authorization", ""))
    if type(key) is not str or not key:
        raise Refused(Refusal.KEY, 401, "The request has no write key.")
    hit = Hit(telling.brief(key))
    for at, row in enumerate(messages):
        try:
            hit.records.append(_record(telling.fit(row, read), kind))
        except Unfit as unfit:
            hit.dropped.append(_dropped(unfit, row, at))
    return hit


def _dropped(unfit: Unfit, row: Any, at: int) -> Dropped:
    said = row if type(row) is dict else {}
    named = {"uuid": said.get("messageId"), "event": said.get("event") or said.get("type")}
    return unfit.dropped(named, at)


def _authorized(header: str) -> str:
    """The write key of ``Authorization``: the name of HTTP's basic form, without a password, or a bearer."""
    scheme, _, given = header.partition(" ")
    if scheme.lower() == "bearer":
        return given.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(given).decode().partition(":")[0]
    except (binascii.Error, ValueError):
        return ""


def _record(row: dict[str, Any], kind: str) -> Record:
    kind = kind or telling.text(row.get("type"))
    user, anonymous = telling.text(row.get("userId")), telling.text(row.get("anonymousId"))
    distinct_id = telling.name(user or anonymous, "“userId” or “anonymousId”")
    if len(anonymous) > limits.NAME:
        raise Unfit(Refusal.SIZE, f"“anonymousId” is longer than {limits.NAME} characters.")
    context = row["context"] if type(row.get("context")) is dict else {}
    traits = telling.object_of(row.get("traits"), "“traits”")
    properties = telling.object_of(row.get("properties"), "“properties”")
    _add_context(properties, context)
    person, customer, customers = None, None, _customers(context)

    if kind == "track":
        event = telling.name(row.get("event"), "“event”")
    elif kind == "identify":
        # An anonymous id that was only given traits is not a known one: it can still be linked to somebody.
        event = IDENTIFY if user else SET
        person = ProfileChange(set=traits)
        if user and anonymous:
            properties["$anon_distinct_id"] = anonymous
    elif kind == "page":
        event = PAGEVIEW
        _add_names(row, properties, "$page_name", "$page_category")
        page = context["page"] if type(context.get("page")) is dict else {}
        place = {**page, **properties}
        add_page(properties, place.get("url"), place.get("referrer"), place.get("title"))
        if type(place.get("path")) is str:
            properties.setdefault("$pathname", place["path"])
    elif kind == "screen":
        event = SCREEN
        _add_names(row, properties, "$screen_name", "$screen_category")
    elif kind == "group":
        event = GROUP
        key = telling.name(row.get("groupId"), "“groupId”")
        customer = CustomerChange(COMPANY, key, ProfileChange(set=traits))
        customers = {COMPANY: key}
    elif kind == "alias":
        event = ALIAS
        properties["alias"] = telling.name(row.get("previousId"), "“previousId”")
    else:
        raise Unfit(Refusal.SHAPE, f"“type” must be one of {', '.join(TYPES)}.")

    if user and anonymous:
        properties.setdefault("$device_id", anonymous)
    if kind != "page" and type(context.get("page")) is dict:
        page = context["page"]
        add_page(properties, page.get("url"), page.get("referrer"), page.get("title"))
    return Record(
        telling.event_id(row.get("messageId")),
        event,
        distinct_id,
        _at(row, properties),
        properties,
        person,
        customers,
        customer,
        telling.text(context.get("sessionId"))[: limits.NAME],
    )


def _at(row: Mapping[str, Any], properties: dict[str, Any]) -> Any:
    given = row.get("timestamp") or row.get("originalTimestamp")
    if given is None:
        return None
    at = telling.moment(given)
    if at is None:
        properties[telling.BAD_TIME] = str(given)[:100]
    return at


def _add_context(properties: dict[str, Any], context: Mapping[str, Any]) -> None:
    for part, field, known in CONTEXT:
        if type(said := context.get(part)) is dict and said.get(field) is not None:
            properties.setdefault(known, said[field])
    for field, known in PLAIN:
        if context.get(field):
            properties.setdefault(known, context[field])
    for name, value in read_agent(telling.text(context.get("userAgent"))[:1000]):
        properties.setdefault(name, value)


def _add_names(row: Mapping[str, Any], properties: dict[str, Any], name: str, category: str) -> None:
    if row.get("name"):
        properties.setdefault(name, row["name"])
    if row.get("category"):
        properties.setdefault(category, row["category"])


def _customers(context: Mapping[str, Any]) -> dict[str, str]:
    key = telling.text(context.get("groupId"))
    return {COMPANY: key} if 0 < len(key) <= limits.NAME else {}


def _answer(call: Call, hit: Hit, dropped: Sequence[Dropped]) -> Answer:
    return Answer(200, b'{"success":true}')


def _refuse(call: Call, refused: Refused) -> Answer:
    """429 and 503 are sent again, the rest of these is let go. What is left out without fault is answered as kept."""
    if refused.status == 200:
        return Answer(200, b'{"success":true}')
    names = ("Retry-After", "X-RateLimit-Reset") if refused.retry_after else ()
    headers = tuple((name, str(refused.retry_after)) for name in names)
    return Answer(
        refused.status,
        orjson.dumps({"code": refused.reason.value, "message": refused.detail}),
        headers=headers,
    )


PROTOCOL = Protocol("segment", _decode, _answer, _refuse)
