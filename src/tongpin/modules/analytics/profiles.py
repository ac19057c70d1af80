"""Properties of persons and customers as events tell them, and what they come to.

Whatever the order events arrive in, a profile is what their own times say: of the same operations come the same
values, and the profile of several ids that are one person is that of all their operations together. ``Changes`` is
the JSON kept of them::

    {"d": stamp, "p": {name: {"s": [*stamp, value], "x": stamp, "o": [*stamp, value], "l": [*stamp, value],
                              "i": [[*stamp, number], …], "a": [[*stamp, [values]], …]}}}

with ``stamp`` = [milliseconds since 1970, uuid]: ``d`` the last delete, ``s`` the last set, ``x`` the last unset,
``o`` and ``l`` the first and the last set_once, ``i`` increments and ``a`` appends. Within one event delete comes
first, then unset, set, set_once, increment, append.

The rules: the latest of set and unset counts. What is missing takes the first set_once there ever was; after an unset
or delete, if that first one is older, the last one that is not. Increments and appends since then come on top of it.
More than ``KEPT`` increments or appends of one property are added up from the oldest on, at the time of the later.
"""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

import orjson

from tongpin.modules.analytics.wire.record import ProfileChange

KEPT = 50
VALUES = 1000
"""A list holds at most so many appended values, the newest."""
PROPERTIES = 1000
"""So many properties one profile has; further names are not taken."""

Changes = dict[str, Any]
Stamp = list[Any]
_NEVER: Stamp = [-(1 << 62), ""]


def stamp(at: datetime, uuid: object) -> Stamp:
    """The place of an event in the order of all events."""
    return [round(at.timestamp() * 1000), str(uuid)]


def changes(change: ProfileChange, when: Stamp) -> Changes:
    """What one event says."""
    properties: dict[str, dict[str, Any]] = {}

    def of(name: object) -> dict[str, Any]:
        return properties.setdefault(str(name), {})

    for name in change.unset:
        of(name)["x"] = when
    for name, value in change.set.items():
        of(name)["s"] = [*when, value]
    for name, value in change.set_once.items():
        of(name)["o"] = [*when, value]
    for name, value in change.increment.items():
        if is_number(value):
            of(name)["i"] = [[*when, value]]
    for name, value in change.append.items():
        of(name)["a"] = [[*when, value if isinstance(value, list) else [value]]]
    found: Changes = {"p": properties} if properties else {}
    if change.delete:
        found["d"] = when
    return found


def merge(one: Changes, other: Changes) -> Changes:
    """All operations of both, doubles once. Neither is changed."""
    merged: Changes = {}
    if "d" in one or "d" in other:
        merged["d"] = max(one.get("d", _NEVER), other.get("d", _NEVER), key=_key)
    left, right = one.get("p", {}), other.get("p", {})
    properties = {}
    for name in [*left, *(name for name in right if name not in left)]:
        if name in left and name in right:
            properties[name] = _merged(left[name], right[name])
        else:
            properties[name] = left[name] if name in left else right[name]
    if len(properties) > PROPERTIES:  # the same ones whatever was first: those named first in the alphabet
        properties = {name: properties[name] for name in sorted(properties)[:PROPERTIES]}
    if properties:
        merged["p"] = properties
    return merged


def _key(entry: Stamp) -> tuple[int, str]:
    return entry[0], entry[1]


def _merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for letter in ("s", "x"):
        held = [each[letter] for each in (one, other) if letter in each]
        if held:
            found[letter] = max(held, key=_key)
    once = [each[letter] for each in (one, other) for letter in ("o", "l") if letter in each]
    if once:
        found["o"], last = min(once, key=_key), max(once, key=_key)
        if _key(last) != _key(found["o"]):
            found["l"] = last
    for letter in ("i", "a"):
        held = {_key(entry): entry for each in (one, other) for entry in each.get(letter, ())}
        if held:
            found[letter] = _shortened([held[key] for key in sorted(held)])
    return found


def _shortened(entries: list[Any]) -> list[Any]:
    while len(entries) > KEPT:
        first, second, *rest = entries
        together = first[2] + second[2]
        entries = [[*second[:2], together[-VALUES:] if isinstance(together, list) else together], *rest]
    return entries


def values(kept: Changes) -> dict[str, Any]:
    """The properties as they stand, by name; what is missing is left out."""
    floor = kept.get("d", _NEVER)
    found = {name: _value(entry, floor) for name, entry in kept.get("p", {}).items()}
    return {name: value for name, value in sorted(found.items()) if value is not None}


def _value(entry: dict[str, Any], floor: Stamp) -> Any:
    since, value = floor, None
    unset = entry.get("x")
    if unset and _key(unset) > _key(since):
        since = unset
    placed = entry.get("s")
    if placed and _key(placed) >= _key(since):  # an event that unsets and sets has set
        since, value = placed, placed[2]
    later = sorted(
        (_key(each), letter, each[2]) for letter in "ia" for each in entry.get(letter, ()) if _key(each) >= _key(since)
    ) if "i" in entry or "a" in entry else []  # fmt: skip
    if value is None:
        once = next((e for e in (entry.get("o"), entry.get("l")) if e and _key(e) >= _key(since)), None)
        if once and not (later and later[0][0] < _key(once)):
            value = once[2]
    for _when, letter, more in sorted(later, key=lambda each: (each[0], "ia".index(each[1]))):
        if letter == "i":
            value = (value if is_number(value) else 0) + more
        else:
            value = [*(value if isinstance(value, list) else [] if value is None else [value]), *more][
                -VALUES:
            ]
    return value


def is_number(value: object) -> bool:
    """A finite JSON number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def clean(kept: Changes) -> Changes:
    """As PostgreSQL can keep it: its JSON knows no NUL character."""
    return _without_nul(kept) if b"\\u0000" in orjson.dumps(kept) else kept


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, list):
        return [_without_nul(each) for each in value]
    if isinstance(value, dict):
        return {_without_nul(name): _without_nul(each) for name, each in value.items()}
    return value


def shown(properties: dict[str, Any]) -> dict[str, str]:
    """Properties as a page shows them: text as it is, lists of plain values with commas, the rest as JSON."""
    return {name: _text(value) for name, value in properties.items()}


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and not any(isinstance(each, list | dict) for each in value):
        return ", ".join(_text(each) for each in value)
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


NAMES = ("name", "$name", "display_name", "displayName", "full_name", "nickname", "username", "姓名", "昵称")
ADDRESSES = ("email", "$email", "Email", "邮箱")


def name_of(properties: dict[str, Any]) -> str:
    """What a person or customer is called by its own properties; "" if none says."""
    return _first(properties, NAMES) or " ".join(
        part
        for part in (
            _first(properties, ("first_name", "firstName")),
            _first(properties, ("last_name", "lastName")),
        )
        if part
    )


def email_of(properties: dict[str, Any]) -> str:
    """The address among the properties; "" if there is none."""
    return _first(properties, ADDRESSES)


def _first(properties: dict[str, Any], names: tuple[str, ...]) -> str:
    return next((v.strip()[:200] for n in names if isinstance(v := properties.get(n), str) and v.strip()), "")
