"""PostHog: the batch of its server SDKs (v0 and v1), the events of its browser SDKs new and old, and their aliases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson

from tongpin.modules.analytics.enums import Refusal
from tongpin.modules.analytics.wire import body, limits, telling
from tongpin.modules.analytics.wire.call import Answer, Call, Dropped, Hit, Refused
from tongpin.modules.analytics.wire.protocol import Protocol
from tongpin.modules.analytics.wire.record import (
    ALIAS,
    GROUP,
    IDENTIFY,
    SET,
    CustomerChange,
    ProfileChange,
    Record,
)
from tongpin.modules.analytics.wire.telling import Unfit
from tongpin.modules.analytics.wire.visitor import add_campaign, cookieless

COOKIELESS = "$posthog_cookieless"
#: An offset says how long ago an event was; older ones than a month are no offsets.
LONGEST_OFFSET = 31 * 86_400_000
FINE = b'{"status":1}'
AGAIN = frozenset({Refusal.RATE, Refusal.FULL})


def _decode_v0(call: Call, limit: int = limits.EVENT) -> Hit:
    read = body.read(call)
    value = read.value
    key, sent = call.query.get("token") or call.query.get("api_key") or "", call.query.get("_")
    if type(value) is dict and "batch" in value:
        key = _key_of(value) or key
        sent = value.get("sent_at") or sent
        value = value["batch"]
        if type(value) is not list:
            raise Refused(Refusal.SHAPE, 400, "“batch” must be a list of events.")
    events = _events(value)
    key = key or next((found for row in events if (found := _key_of(row))), "")
    if not key:
        raise Refused(Refusal.KEY, 401, "The request has no API key: give “api_key”.")
    hit = Hit(telling.brief(key))
    sent_at = telling.moment(sent) or call.received_at
    nameless = SET if call.path.startswith("/engage") else None

    def record(row: dict[str, Any]) -> Record:
        if nameless and not row.get("event"):
            row["event"] = nameless
        told = row.get("token") or row.get("api_key")
        if told is not None and told != key:
            raise Unfit(Refusal.KEY, "The event has another API key than the request.")
        return _record(call, row, sent_at)

    _collect(hit, events, read, limit, record)
    return hit


def _decode_ai(call: Call) -> Hit:
    return _decode_v0(call, limits.AI_EVENT)


def _decode_v1(call: Call) -> Hit:
    scheme, _, key = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise Refused(Refusal.KEY, 401, "Give the project's key as “Authorization: Bearer …”.")
    read = body.read(call)
    value = read.value.get("batch") if type(read.value) is dict else None
    if type(value) is not list:
        raise Refused(Refusal.SHAPE, 400, "“batch” must be a list of events.")
    events = _events(value)
    library, _, version = call.headers.get("posthog-sdk-info", "").partition("/")
    hit = Hit(telling.brief(key.strip()))

    def record(row: dict[str, Any]) -> Record:
        properties = telling.object_of(row.get("properties"), "“properties”")
        row["properties"] = properties
        if library:
            properties.setdefault("$lib", library[: limits.NAME])
            properties.setdefault("$lib_version", version[: limits.NAME])
        for name in ("session_id", "window_id"):
            if row.get(name):
                properties.setdefault(f"${name}", row[name])
        for name, chosen in telling.object_of(row.get("options"), "“options”").items():
            properties.setdefault(f"${name}", chosen)
        return _record(call, row, call.received_at)

    _collect(hit, events, read, limits.EVENT, record)
    return hit


def _events(value: Any) -> list[Any]:
    try:
        return telling.rows(value)
    except Unfit as unfit:
        raise Refused(unfit.reason, 413, unfit.detail) from None


def _collect(
    hit: Hit, events: list[Any], read: body.Read, limit: int, record: Callable[[dict[str, Any]], Record]
) -> None:
    for at, row in enumerate(events):
        try:
            hit.records.append(record(telling.fit(row, read, limit)))
        except Unfit as unfit:
            hit.dropped.append(unfit.dropped(row, at))


def _key_of(said: Any) -> str:
    if type(said) is not dict:
        return ""
    found = said.get("api_key") or said.get("token")
    if not found and type(said.get("properties")) is dict:
        found = said["properties"].get("token")
    return found if type(found) is str else ""


def _record(call: Call, row: dict[str, Any], sent_at: datetime) -> Record:
    properties = telling.object_of(row.get("properties"), "“properties”")
    inner = properties.pop("distinct_id", None)
    properties.pop("token", None)
    event = telling.name(row.get("event"), "“event”")
    said = row.get("distinct_id")
    if said is None or said == "":
        said = inner or row.get("$distinct_id") or properties.get("$distinct_id")
    distinct_id = telling.name(said, "“distinct_id”")
    if distinct_id == COOKIELESS:
        distinct_id = cookieless(call, telling.text(properties.get("$host")))

    if (given := row.get("timestamp")) is not None:
        at = telling.moment(given)
        if at is None:
            properties[telling.BAD_TIME] = str(given)[:100]
    elif isinstance(offset := row.get("offset"), (int, float)) and 0 <= offset < LONGEST_OFFSET:
        at = sent_at - timedelta(milliseconds=int(offset))
    else:
        at = None

    # Older server SDKs (Ruby, Go) call it by Segment's name.
    if given := row.get("uuid") or row.get("messageId"):
        uuid = telling.event_id(given)
    elif given := properties.get("$insert_id"):
        uuid = telling.derived("posthog", distinct_id, event, given)
    else:
        uuid = telling.event_id(None)

    customer = None
    if event[0] == "$":
        if event == IDENTIFY:
            if len(telling.text(properties.get("$anon_distinct_id"))) > limits.NAME:
                raise Unfit(Refusal.SIZE, f"“$anon_distinct_id” is longer than {limits.NAME} characters.")
        elif event == ALIAS:
            properties["alias"] = telling.name(properties.get("alias"), "“alias”")
        elif event == GROUP:
            customer = CustomerChange(
                telling.name(properties.pop("$group_type", None), "“$group_type”", limits.KIND),
                telling.name(properties.pop("$group_key", None), "“$group_key”"),
                ProfileChange(set=telling.object_of(properties.pop("$group_set", None), "“$group_set”")),
            )
    add_campaign(properties)
    groups = properties.pop("$groups", None)
    session = properties.pop("$session_id", None)
    return Record(
        uuid,
        event,
        distinct_id,
        at,
        properties,
        _person(row, properties),
        _customers(groups) if groups else {},
        customer,
        session[: limits.NAME] if type(session) is str else telling.text(session),
    )


def _person(row: dict[str, Any], properties: dict[str, Any]) -> ProfileChange | None:
    """What stands beside the properties goes before what stands among them."""
    inner = (properties.pop("$set", None), properties.pop("$set_once", None), properties.pop("$unset", None))
    outer = (row.get("$set"), row.get("$set_once"), row.get("$unset"))
    if not any(inner) and not any(outer):
        return None
    changed = [
        telling.object_of(within, name) | telling.object_of(beside, name)
        for name, within, beside in zip(("“$set”", "“$set_once”"), inner, outer, strict=False)
    ]
    unset = [key for names in (inner[2], outer[2]) if isinstance(names, (list, dict)) for key in names]
    return ProfileChange(
        set=changed[0],
        set_once=changed[1],
        unset=[key for key in unset[: limits.PROPERTIES] if type(key) is str and 0 < len(key) <= limits.NAME],
    )


def _customers(groups: Any) -> dict[str, str]:
    """Kinds and keys; what cannot be one is left out, the event itself is sound."""
    if type(groups) is not dict:
        return {}
    found = {kind: telling.text(key) for kind, key in groups.items()}
    return {
        kind: key
        for kind, key in found.items()
        if 0 < len(key) <= limits.NAME and 0 < len(kind) <= limits.KIND
    }


def _answer_v0(call: Call, hit: Hit, dropped: Sequence[Dropped]) -> Answer:
    """Exactly 200: the browser SDK sends a 204 again. Only a beacon that says so gets 204."""
    if call.query.get("beacon") == "1":
        return Answer(204)
    return Answer(200, FINE)


def _answer_v1(call: Call, hit: Hit, dropped: Sequence[Dropped]) -> Answer:
    """An id that is not mentioned was taken."""
    results = {
        each.uuid: {"result": "retry" if each.reason in AGAIN else "drop", "details": each.detail}
        for each in dropped
        if each.uuid
    }
    return Answer(200, orjson.dumps({"results": results}))


def _refuse(name: str, fine: bytes) -> Callable[[Call, Refused], Answer]:
    """``name`` is where the SDK looks for the error. What is left out without fault (a bot's, of somebody who does not
    want it) is answered ``fine``, as if it were kept."""

    def refuse(call: Call, refused: Refused) -> Answer:
        if refused.status == 200:
            return Answer(200, fine)
        headers = (("Retry-After", str(refused.retry_after)),) if refused.retry_after else ()
        return Answer(refused.status, orjson.dumps({name: refused.detail}), headers=headers)

    return refuse


EVENTS = Protocol("posthog", _decode_v0, _answer_v0, _refuse("detail", FINE))
AI = Protocol("posthog", _decode_ai, _answer_v0, _refuse("detail", FINE))
V1 = Protocol("posthog", _decode_v1, _answer_v1, _refuse("error_description", b'{"results":{}}'))
