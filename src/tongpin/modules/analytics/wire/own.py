"""Our own endpoint, ``POST /capture/v1/events``: everything a record can say, in plain JSON, with errors by row.

Described for its users in ``docs/guides/capture.md``. It is strict where the SDKs' formats are lenient: whoever writes
to it by hand wants to hear of a misspelt field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from tongpin.modules.analytics.wire.visitor import add_browser, add_page, cookieless

ENVELOPE = frozenset({"key", "batch", "dry_run", "cookieless"})
EVENT = frozenset(
    {
        "id",
        "event",
        "distinct_id",
        "anonymous_id",
        "alias",
        "at",
        "properties",
        "person",
        "customers",
        "customer",
        "session",
    }
)
CHANGE = frozenset({"set", "set_once", "unset", "increment", "append", "delete"})
HINTS: Mapping[Refusal, str] = {
    Refusal.KEY: "Take the key from the source's page, under Sources in the workspace's settings.",
    Refusal.PAUSED: "Let the source go on, on its page.",
    Refusal.ORIGIN: "Add the site to the source's allowed origins.",
    Refusal.BOT: "The source leaves out bots; its page says so.",
    Refusal.OPTED_OUT: "Nothing is to be done: the person's wish is kept.",
    Refusal.CONSENT: "Send the event when the person agrees.",
    Refusal.DENIED: "Change the lists of events on the source's page.",
    Refusal.SHAPE: "Send the row again as docs/guides/capture.md describes it; the other rows are kept.",
    Refusal.BODY: "Send one JSON object: {“key”: …, “batch”: [{“event”: …, “distinct_id”: …}]}.",
    Refusal.SIZE: "Send less at once, or keep the long text elsewhere and send its address.",
    Refusal.RATE: "Send again after the seconds in Retry-After, or raise the source's limit.",
    Refusal.FULL: "Send again after the seconds in Retry-After; nothing of the request was kept.",
}


def _decode(call: Call) -> Hit:
    if call.method != "POST":
        raise Refused(Refusal.BODY, 405, "Events are sent with POST.")
    read = body.read(call, ())
    said = read.value
    if type(said) is not dict:
        raise Refused(Refusal.SHAPE, 400, "The body must be a JSON object.")
    if "batch" in said:
        events = said["batch"]
        _known(said, ENVELOPE, "the request")
        if type(events) is not list:
            raise Refused(Refusal.SHAPE, 400, "“batch” must be a list of events.")
    else:
        events = [{name: value for name, value in said.items() if name not in ENVELOPE}]
    try:
        telling.rows(events)
    except Unfit as unfit:
        raise Refused(unfit.reason, 413, unfit.detail) from None
    key = said.get("key") or call.query.get("key") or _bearer(call)
    if type(key) is not str or not key:
        raise Refused(Refusal.KEY, 401, "The request has no key: give “key”, or “Authorization: Bearer …”.")
    hit = Hit(telling.brief(key), dry_run=said.get("dry_run") is True)
    for at, row in enumerate(events):
        try:
            hit.records.append(_record(call, hit.key, telling.fit(row, read), said.get("cookieless") is True))
        except Unfit as unfit:
            named = {"uuid": row.get("id"), "event": row.get("event")} if type(row) is dict else row
            hit.dropped.append(unfit.dropped(named, at))
    return hit


def _bearer(call: Call) -> str:
    scheme, _, key = call.headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def _known(said: Mapping[str, Any], names: frozenset[str], of: str) -> None:
    for name in said:
        if name not in names:
            raise Refused(
                Refusal.SHAPE,
                400,
                f"“{telling.brief(name)}” is no field of {of}: {', '.join(sorted(names))}.",
            )


def _record(call: Call, key: str, row: dict[str, Any], without_cookie: bool) -> Record:
    for name in row:
        if name not in EVENT:
            raise Unfit(
                Refusal.SHAPE, f"“{telling.brief(name)}” is no field of an event: put it into “properties”."
            )
    properties = telling.object_of(row.get("properties"), "“properties”")
    person = _change(row["person"], "“person”") if row.get("person") is not None else None
    customer = _customer(row["customer"]) if row.get("customer") is not None else None
    customers = _customers(row.get("customers"))
    event, who, anonymous = row.get("event"), row.get("distinct_id"), row.get("anonymous_id")
    visitor = cookieless(call, key) if without_cookie else ""
    if customer is not None:
        customers.setdefault(customer.kind, customer.key)
        if event is None and person is None:
            event = GROUP
            who = who or visitor or f"${customer.kind}_{customer.key}"[: limits.NAME]
    if event is None and person is not None:
        event = SET
    event = telling.name(event, "“event”")
    distinct_id = telling.name(visitor if who is None or who == "" else who, "“distinct_id”")
    if anonymous is not None and event != IDENTIFY:
        raise Unfit(Refusal.SHAPE, f"“anonymous_id” belongs to the event “{IDENTIFY}”.")
    if event == IDENTIFY and (anonymous or (visitor and distinct_id != visitor)):
        properties["$anon_distinct_id"] = telling.name(anonymous or visitor, "“anonymous_id”")
    if event == ALIAS:
        properties["alias"] = telling.name(row.get("alias", properties.get("alias")), "“alias”")
    elif row.get("alias") is not None:
        raise Unfit(Refusal.SHAPE, f"“alias” belongs to the event “{ALIAS}”.")
    at = telling.moment(row.get("at"))
    if at is None and row.get("at") is not None:
        raise Unfit(Refusal.SHAPE, "“at” must be a time as ISO 8601, or milliseconds since 1970.")
    session = telling.text(row.get("session"))
    if len(session) > limits.NAME or (row.get("session") is not None and not session):
        raise Unfit(Refusal.SHAPE, f"“session” must be a text of at most {limits.NAME} characters.")
    add_page(
        properties, properties.get("$current_url"), properties.get("$referrer"), properties.get("$title")
    )
    if "$language" in properties:
        properties.setdefault("$browser_language", properties["$language"])
    if "origin" in call.headers:
        add_browser(call, properties)
    return Record(
        telling.event_id(row.get("id")),
        event,
        distinct_id,
        at,
        properties,
        person,
        customers,
        customer,
        session,
    )


def _change(said: Any, what: str) -> ProfileChange:
    said = telling.object_of(said, what)
    for name in said:
        if name not in CHANGE:
            raise Unfit(
                Refusal.SHAPE, f"“{telling.brief(name)}” is no field of {what}: {', '.join(sorted(CHANGE))}."
            )
    unset, increment = said.get("unset") or [], telling.object_of(said.get("increment"), "“increment”")
    if type(unset) is not list or any(
        type(name) is not str or not 0 < len(name) <= limits.NAME for name in unset
    ):
        raise Unfit(Refusal.SHAPE, "“unset” must be a list of names.")
    for name, value in increment.items():
        if type(value) not in {int, float}:
            raise Unfit(Refusal.SHAPE, f"“increment”: “{name}” must be a number to add.")
    if type(said.get("delete", False)) is not bool:
        raise Unfit(Refusal.SHAPE, "“delete” must be true or false.")
    append = telling.object_of(said.get("append"), "“append”")
    return ProfileChange(
        set=telling.object_of(said.get("set"), "“set”"),
        set_once=telling.object_of(said.get("set_once"), "“set_once”"),
        unset=unset,
        increment=increment,
        append={name: value if type(value) is list else [value] for name, value in append.items()},
        delete=said.get("delete") is True,
    )


def _customer(said: Any) -> CustomerChange:
    said = telling.object_of(said, "“customer”")
    kind, key = (
        telling.name(said.get("kind"), "“customer.kind”", limits.KIND),
        telling.name(said.get("key"), "“customer.key”"),
    )
    return CustomerChange(
        kind,
        key,
        _change({name: value for name, value in said.items() if name not in {"kind", "key"}}, "“customer”"),
    )


def _customers(said: Any) -> dict[str, str]:
    return {
        telling.name(kind, "“customers”: a kind", limits.KIND): telling.name(
            key, f"“customers”: the key of “{kind}”"
        )
        for kind, key in telling.object_of(said, "“customers”").items()
    }


def _answer(call: Call, hit: Hit, dropped: Sequence[Dropped]) -> Answer:
    """200 when anything was taken or there was nothing to take; 400 when every row was refused."""
    unfit = {each.row for each in hit.dropped}
    taken = (at for at in range(len(hit.records) + len(unfit)) if at not in unfit)
    rows = {str(record.uuid): at for at, record in zip(taken, hit.records, strict=True)}
    accepted = len(hit.records) + len(unfit) - len(dropped)
    said: dict[str, Any] = {
        "accepted": accepted,
        "refused": [
            {
                "row": each.row if each.row is not None else rows.get(each.uuid),
                "id": each.uuid,
                "event": each.event,
                "code": each.reason.value,
                "message": each.detail,
                "hint": HINTS[each.reason],
            }
            for each in dropped
        ],
    }
    if hit.dry_run:
        said["dry_run"] = True
    return Answer(400 if dropped and accepted == 0 else 200, orjson.dumps(said))


def _refuse(call: Call, refused: Refused) -> Answer:
    said: dict[str, Any] = {
        "code": refused.reason.value,
        "message": refused.detail,
        "hint": HINTS[refused.reason],
    }
    if refused.status == 200:
        said |= {"accepted": 0, "refused": []}
    headers = (("Retry-After", str(refused.retry_after)),) if refused.retry_after else ()
    if refused.status == 405:
        headers = (*headers, ("Allow", "POST, OPTIONS"))
    return Answer(refused.status, orjson.dumps(said), headers=headers)


PROTOCOL = Protocol("own", _decode, _answer, _refuse)
