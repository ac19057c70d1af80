"""Sensors Analytics 神策: records of its Python and web SDKs, one or a list, as a form or in the address of a GIF.

None of the SDKs sends an id that can be relied on: the web SDK's ``_track_id`` makes one together with time, person and
event; the server SDKs send none and never repeat what was answered with 200.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any
from uuid import UUID

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
from tongpin.modules.analytics.wire.visitor import add_browser, add_page

GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
FIELDS = ("data_list", "data")
LOGIN = "$identity_login_id"
#: Identities whose value alone is the person's id elsewhere in the same SDK; of the others it is ``key+value``.
BARE = frozenset({LOGIN, "$identity_cookie_id", "$identity_anonymous_id", "$identity_distinct_id"})
TYPES = (
    "track, track_signup, track_id_bind, track_id_unbind, profile_set, profile_set_once, profile_unset, "
    "profile_append, profile_increment, profile_delete, item_set, item_delete"
)
#: Said of every record; nothing anybody wants to know of a person.
ABOUT_THE_RECORD = ("$is_login_id", "$lib", "$lib_version", "$lib_method", "$lib_detail")


def _decode(call: Call) -> Hit:
    read = body.read(call, FIELDS)
    try:
        records = telling.rows(read.value)
    except Unfit as unfit:
        raise Refused(unfit.reason, 413, unfit.detail) from None
    key = call.query.get("token") or call.query.get("project")
    for row in records:
        key = key or (
            telling.text(row.get("token")) or telling.text(row.get("project")) if type(row) is dict else ""
        )
    if not key:
        raise Refused(
            Refusal.KEY, 403, "The address names no project: add “?project=…” with the source's key."
        )
    hit = Hit(telling.brief(key), dry_run=call.headers.get("dry-run", "").lower() == "true")
    for at, row in enumerate(records):
        try:
            hit.records += _records(call, telling.fit(row, read))
        except Unfit as unfit:
            hit.dropped.append(unfit.dropped(row, at))
    return hit


def _records(call: Call, row: dict[str, Any]) -> list[Record]:
    kind = telling.text(row.get("type"))
    properties = telling.object_of(row.get("properties"), "“properties”")
    if kind.startswith("item_"):
        return [_item(row, kind, properties)]
    distinct_id = telling.name(row.get("distinct_id"), "“distinct_id”")
    if kind.startswith("profile_"):
        person = _profile(kind, properties)
        uuid, at = _event_id(row, distinct_id, kind), telling.moment(row.get("time"))
        about = {name: properties[name] for name in ABOUT_THE_RECORD if name in properties}
        return [Record(uuid, SET, distinct_id, at, about | _lib(row), person)]

    if not kind.startswith("track"):
        raise Unfit(Refusal.SHAPE, f"“type” must be one of {TYPES}.")
    event = telling.name(row.get("event"), "“event”")
    uuid = _event_id(row, distinct_id, event)
    at = telling.moment(row.get("time"))
    if at is None and row.get("time") is not None:
        properties[telling.BAD_TIME] = str(row["time"])[:100]
    for name, value in _lib(row).items():
        properties.setdefault(name, value)
    anonymous = telling.text(row.get("anonymous_id"))
    if anonymous and len(anonymous) <= limits.NAME:
        properties.setdefault("$device_id", anonymous)
    if properties.get("$referrer_host"):
        properties.setdefault("$referring_domain", properties["$referrer_host"])
    add_page(properties, properties.get("$url"), properties.get("$referrer"), properties.get("$title"))
    if properties.get("$lib") == "js":
        add_browser(call, properties)

    if kind == "track_signup":
        original = telling.text(row.get("original_id"))
        if len(original) > limits.NAME:
            raise Unfit(Refusal.SIZE, f"“original_id” is longer than {limits.NAME} characters.")
        if original:
            properties["$anon_distinct_id"] = original
        return [Record(uuid, IDENTIFY, distinct_id, at, properties)]
    if kind == "track_id_bind":
        return _bound(row, uuid, distinct_id, Record(uuid, ALIAS, distinct_id, at, properties))
    if kind == "track_id_unbind":
        # A link that was made stays (SPEC I6); that it was taken back is worth knowing.
        properties["identities"] = telling.object_of(row.get("identities"), "“identities”")
    return [Record(uuid, event, distinct_id, at, properties)]


def _bound(row: dict[str, Any], uuid: UUID, distinct_id: str, first: Record) -> list[Record]:
    """One link from the person to each of the other identities."""
    identities = telling.object_of(row.get("identities"), "“identities”")
    others: list[str] = []
    for key, value in identities.items():
        said = telling.text(value)
        if not said:
            continue
        other = telling.name(said if key in BARE else f"{key}+{said}", f"identity “{key}”")
        if other != distinct_id and other not in others:
            others.append(other)
    if not others:
        raise Unfit(Refusal.SHAPE, "“identities” names nobody to bind.")
    return [
        Record(
            uuid if n == 0 else telling.derived("bind", uuid, other),
            ALIAS,
            distinct_id,
            first.at,
            first.properties | {"alias": other},
        )
        for n, other in enumerate(others)
    ]


def _profile(kind: str, properties: dict[str, Any]) -> ProfileChange:
    said = {name: value for name, value in properties.items() if name not in ABOUT_THE_RECORD}
    if kind == "profile_set":
        return ProfileChange(set=said)
    if kind == "profile_set_once":
        return ProfileChange(set_once=said)
    if kind == "profile_unset":
        return ProfileChange(unset=list(said))
    if kind == "profile_delete":
        return ProfileChange(delete=True)
    if kind == "profile_increment":
        for name, value in said.items():
            if type(value) not in {int, float}:
                raise Unfit(Refusal.SHAPE, f"“{name}” must be a number to add.")
        return ProfileChange(increment=said)
    if kind == "profile_append":
        return ProfileChange(
            append={name: value if type(value) is list else [value] for name, value in said.items()}
        )
    raise Unfit(Refusal.SHAPE, f"“type” must be one of {TYPES}.")


def _item(row: dict[str, Any], kind: str, properties: dict[str, Any]) -> Record:
    """A thing the company knows (a book, a shop, a firm) is a customer of that kind; nobody did anything."""
    item = telling.name(row.get("item_type"), "“item_type”", limits.KIND)
    key = telling.name(row.get("item_id"), "“item_id”")
    if kind == "item_set":
        change = ProfileChange(set=properties)
    elif kind == "item_delete":
        change = ProfileChange(delete=True)
    else:
        raise Unfit(Refusal.SHAPE, f"“type” must be one of {TYPES}.")
    who = f"${item}_{key}"[: limits.NAME]
    return Record(
        _event_id(row, who, kind),
        GROUP,
        who,
        telling.moment(row.get("time")),
        _lib(row),
        customers={item: key},
        customer=CustomerChange(item, key, change),
    )


def _lib(row: dict[str, Any]) -> dict[str, Any]:
    said = row.get("lib")
    if type(said) is not dict:
        return {}
    return {name: said[name] for name in ("$lib", "$lib_version") if said.get(name)}


def _event_id(row: dict[str, Any], distinct_id: str, event: str) -> UUID:
    track = telling.text(row.get("_track_id"))
    if not track or track == "0":
        return telling.event_id(None)
    return telling.derived("sensors", track, telling.text(row.get("time")), distinct_id, event)


def _answer(call: Call, hit: Hit, dropped: Sequence[Dropped]) -> Answer:
    """A single record that was not taken is no failure: the SDK would raise, or send the whole list again for ever."""
    if call.path.rstrip("/").endswith(".gif"):
        return Answer(200, GIF, "image/gif", (("Cache-Control", "no-store"),))
    return Answer(200, b"", "text/plain")


def _answer_debug(call: Call, hit: Hit, dropped: Sequence[Dropped]) -> Answer:
    """The debugging consumer is there to raise on what is wrong."""
    if not dropped:
        return Answer(200, b"", "text/plain")
    return Answer(400, "\n".join(each.detail for each in dropped).encode(), "text/plain; charset=utf-8")


def _refuse(call: Call, refused: Refused) -> Answer:
    """A page's SDK keeps a list that was refused and sends it again every few seconds for ever, so only what may be
    taken later is refused to it; a server's SDK raises, which shows what is wrong."""
    page = call.path.rstrip("/").endswith(".gif")
    if page and refused.reason not in {Refusal.RATE, Refusal.FULL}:
        return Answer(200, GIF, "image/gif", (("Cache-Control", "no-store"),))
    headers = (("Retry-After", str(refused.retry_after)),) if refused.retry_after else ()
    return Answer(refused.status, refused.detail.encode(), "text/plain; charset=utf-8", headers)


PROTOCOL = Protocol("sensors", _decode, _answer, _refuse)
DEBUG = Protocol("sensors", _decode, _answer_debug, _refuse)
