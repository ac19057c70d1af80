"""GA4: the Measurement Protocol of servers (``/mp/collect``) and the hits of ``gtag`` in pages (``/g/collect``).

Neither sends an id of the event, so a hit that is repeated counts again; neither repeats one on its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

import orjson

from tongpin.lib.ids import new_id
from tongpin.modules.analytics.enums import Refusal
from tongpin.modules.analytics.wire import body, limits, telling
from tongpin.modules.analytics.wire.call import Answer, Call, Dropped, Hit, Refused
from tongpin.modules.analytics.wire.protocol import Protocol
from tongpin.modules.analytics.wire.record import IDENTIFY, SET, ProfileChange, Record
from tongpin.modules.analytics.wire.telling import Unfit
from tongpin.modules.analytics.wire.visitor import PAGEVIEW, add_browser, add_page, add_screen

PAGE_VIEW = "page_view"
SCREEN_VIEW = "screen_view"
NAMES = {PAGE_VIEW: PAGEVIEW, SCREEN_VIEW: "$screen"}
#: Shared by the events of a hit, and the property that says it here.
SHARED = (("ul", "$browser_language"), ("cu", "currency"), ("sct", "ga_session_number"))


def _decode_mp(call: Call) -> Hit:
    key = call.query.get("measurement_id") or call.query.get("firebase_app_id")
    if not key:
        raise Refused(Refusal.KEY, 401, "The address has no “measurement_id”.")
    read = body.read(call)
    said = read.value
    if type(said) is not dict:
        raise Refused(Refusal.SHAPE, 400, "The body must be a JSON object.")
    hit = Hit(telling.brief(key))
    try:
        events = telling.rows(said.get("events", []))
    except Unfit as unfit:
        raise Refused(unfit.reason, 413, unfit.detail) from None
    try:
        shared = telling.fit({name: value for name, value in said.items() if name != "events"}, read)
        client = telling.text(shared.get("client_id") or shared.get("app_instance_id"))
        user = telling.text(shared.get("user_id"))
        telling.name(client or user, "“client_id”")
        traits = _traits(telling.object_of(shared.get("user_properties"), "“user_properties”"))
    except Unfit as unfit:
        hit.dropped = [unfit.dropped(_named(row), at) for at, row in enumerate(events)]
        return hit
    general = shared.get("timestamp_micros")
    for at, row in enumerate(events):
        try:
            event = telling.fit(row, read)
            properties = telling.object_of(event.get("params"), "“params”")
            when = _micros(event.get("timestamp_micros", general), properties)
            session = telling.text(properties.pop("session_id", None))
            name = telling.name(event.get("name"), "“name”")
            _add(hit, name, client, user, when, properties, session, {} if hit.records else traits)
        except Unfit as unfit:
            hit.dropped.append(unfit.dropped(_named(row), at))
    if traits and not events:
        _add(hit, SET, client, user, _micros(general, {}), {}, "", traits)
    return hit


def _decode_hit(call: Call) -> Hit:
    """``call.query`` is what the events share, each line of the body adds what is its own."""
    raw = body.content(call)
    lines = [line for line in raw.splitlines() if line.strip()] or [b""]
    if len(lines) > limits.EVENTS:
        raise Refused(Refusal.SIZE, 413, f"A request may hold {limits.EVENTS} events.")
    rows: list[dict[str, str]] = []
    for line in lines:
        try:
            pairs = parse_qsl(line.decode("utf-8", "replace"), max_num_fields=limits.PROPERTIES)
        except ValueError:
            raise Refused(Refusal.BODY, 400, "A line of the body cannot be read.") from None
        rows.append({**call.query, **dict(reversed(pairs))})
    key = rows[0].get("tid", "")
    if not key:
        raise Refused(Refusal.KEY, 401, "The hit has no “tid”.")
    hit = Hit(telling.brief(key))
    read = body.Read(None, True, len(raw) + limits.MIB)
    for at, row in enumerate(rows):
        try:
            _add_hit(call, hit, telling.fit(row, read))
        except Unfit as unfit:
            hit.dropped.append(unfit.dropped({"event": row.get("en")}, at))
    return hit


def _add_hit(call: Call, hit: Hit, row: Mapping[str, str]) -> None:
    if row.get("tid", hit.key) != hit.key:
        raise Unfit(Refusal.KEY, "The event has another “tid” than the request.")
    properties: dict[str, Any] = {}
    traits: dict[str, Any] = {}
    for name, value in row.items():
        kind, _, of = name.partition(".")
        if not of:
            continue
        if kind == "ep":
            properties[of] = value
        elif kind == "epn":
            properties[of] = _number(value)
        elif kind == "up":
            traits[of] = value
        elif kind == "upn":
            traits[of] = _number(value)
    telling.object_of(properties, "“ep”")
    telling.object_of(traits, "“up”")
    if row.get("_et"):
        properties.setdefault("engagement_time_msec", _number(row["_et"]))
    for short, known in SHARED:
        if row.get(short):
            properties.setdefault(known, row[short])
    add_screen(properties, row.get("sr"))
    add_page(properties, row.get("dl"), row.get("dr"), row.get("dt"))
    add_browser(call, properties)
    name = telling.name(row.get("en"), "“en”")
    client, user = row.get("cid", ""), row.get("uid", "")
    _add(hit, name, client, user, None, properties, row.get("sid", ""), traits)


def _add(
    hit: Hit,
    name: str,
    client: str,
    user: str,
    at: datetime | None,
    properties: dict[str, Any],
    session: str,
    traits: dict[str, Any],
) -> None:
    """The event, and once for each pair that the client is this user: GA4 has no call of its own for it."""
    distinct_id = telling.name(user or client, "“client_id”")
    if user and client:
        telling.name(client, "“client_id”")
        properties.setdefault("$device_id", client)
        uuid = telling.derived("ga4", hit.key, user, client)
        if all(each.uuid != uuid for each in hit.records):
            hit.records.append(Record(uuid, IDENTIFY, user, at, {"$anon_distinct_id": client}))
    if name in NAMES:
        add_page(
            properties,
            properties.get("page_location"),
            properties.get("page_referrer"),
            properties.get("page_title"),
        )
        if name == SCREEN_VIEW and "screen_name" in properties:
            properties.setdefault("$screen_name", properties["screen_name"])
    hit.records.append(
        Record(
            new_id(),
            NAMES.get(name, name),
            distinct_id,
            at,
            properties,
            ProfileChange(set=traits) if traits else None,
            session=session[: limits.NAME],
        )
    )


def _traits(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given.get("value") if type(given) is dict else given for name, given in said.items()}


def _micros(given: Any, properties: dict[str, Any]) -> datetime | None:
    if given is None:
        return None
    at = telling.moment(given)
    if at is None:
        properties[telling.BAD_TIME] = str(given)[:100]
    return at


def _number(value: str) -> float | str:
    """Whole where it is; what is no number stays the text it is."""
    try:
        number = float(value[:40])
    except ValueError:
        return value
    if number != number or number in {float("inf"), float("-inf")}:
        return value
    return int(number) if number.is_integer() and abs(number) < 1 << 53 else number


def _named(row: Any) -> dict[str, Any]:
    return {"event": row.get("name")} if type(row) is dict else {}


def _answer(call: Call, hit: Hit, dropped: Sequence[Dropped]) -> Answer:
    return Answer(204)


def _decode_debug(call: Call) -> Hit:
    hit = _decode_mp(call)
    hit.dry_run = True
    return hit


def _answer_debug(call: Call, hit: Hit, dropped: Sequence[Dropped]) -> Answer:
    return _messages([(f"events[{each.row}]", each.detail) for each in dropped])


def _messages(found: Sequence[tuple[str, str]]) -> Answer:
    said = [{"fieldPath": at, "description": text, "validationCode": "VALUE_INVALID"} for at, text in found]
    return Answer(200, orjson.dumps({"validationMessages": said}))


def _refuse(call: Call, refused: Refused) -> Answer:
    """Google answers 2xx whatever it gets, and clients are written for that; only what may be taken later says so."""
    if refused.reason in {Refusal.RATE, Refusal.FULL}:
        return Answer(refused.status, headers=(("Retry-After", str(refused.retry_after or 1)),))
    return Answer(204)


def _refuse_debug(call: Call, refused: Refused) -> Answer:
    return _messages([("", refused.detail)])


MEASUREMENT = Protocol("ga4", _decode_mp, _answer, _refuse)
DEBUG = Protocol("ga4", _decode_debug, _answer_debug, _refuse_debug)
GTAG = Protocol("ga4", _decode_hit, _answer, _refuse)
