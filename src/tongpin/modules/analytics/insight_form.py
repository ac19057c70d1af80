"""The builder's form: fields named by the place they have in a question's JSON, ``series.0.where.of.1.property``.

The address of a page holds them, so it is the state of the page; the same schema reads a form, a saved insight and a
program's JSON. Buttons ``add`` and ``drop`` name a place too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

from django.http import QueryDict

from tongpin.modules.analytics.insights.conditions import MOST_CONDITIONS, NO_VALUE
from tongpin.modules.analytics.insights.schema import MOST_SERIES, MOST_STEPS, MOST_VISIT_CONDITIONS

DEEPEST = 12
MOST_FIELDS = 1_000
LONGEST_INDEX = 4
_NEW: dict[str, Any] = {
    "series": {"event": None, "math": "total"},
    "steps": [{"event": None}],
    "exclude": {"event": None},
    "of": {"property": "", "op": "is", "value": ""},
    "visit": {"property": "", "op": "is", "value": "", "at": "any"},
}
_PARTS: dict[str, dict[str, Any]] = {
    "group": {"match": "any", "of": [_NEW["of"]]},
    "segment": {"on": "segment", "segment": "", "op": "in"},
    "did": {"on": "event", "event": None, "op": "gte", "times": "1", "from": "-13d"},
}
"""What else a group of conditions may hold, by how the button that adds it ends."""
_PICKS = {"start", "return", "conversion"}
_MOST = {
    "series": MOST_SERIES,
    "steps": MOST_STEPS,
    "exclude": 5,
    "of": MOST_CONDITIONS,
    "visit": MOST_VISIT_CONDITIONS,
}
STARTS: dict[str, dict[str, Any]] = {
    "trends": {"series": [{"event": None, "math": "unique_users"}]},
    "funnel": {"steps": [[{"event": None}], [{"event": None}]]},
    "retention": {"start": {"event": None}, "return": {"event": None}},
    "lifecycle": {},
    "stickiness": {},
    "paths": {},
    "sessions": {},
    "attribution": {"conversion": {"event": None}},
}
"""What the builder begins with, by kind: somebody who did anything."""


def read(fields: QueryDict) -> dict[str, Any]:
    """The question that a form's fields spell, unchecked: nested dicts and lists of text, blanks left out.

    An event left blank is any event (None). Fields without a place in a question (``q``, ``cursor``) do not matter,
    and neither do places that nobody could have come to.
    """
    root: dict[str, Any] = {}
    for name in list(fields)[:MOST_FIELDS]:
        path = name.split(".")
        if path[0] in OTHERS or len(path) > DEEPEST:
            continue
        value: Any = fields.get(name, "")
        if path[-1] == "event":
            value = value or None
        elif value == "":
            continue
        _put(root, path, value)
    told: dict[str, Any] = _listed(root)
    return told


OTHERS = frozenset(
    {
        "add",
        "drop",
        "format",
        "name",
        "description",
        "frozen",
        "cursor",
        "point",
        "seen",
        "preset",
        "csrfmiddlewaretoken",
    }
)


def _put(node: dict[str, Any], path: list[str], value: Any) -> None:
    """Set a value at its place, unless something else is there."""
    for part in path[:-1]:
        inner = node.setdefault(part, {})
        if not isinstance(inner, dict):
            return
        node = inner
    node.setdefault(path[-1], value)


def _listed(node: Any) -> Any:
    """Dicts whose keys are all numbers as the lists they mean."""
    if not isinstance(node, dict):
        return node
    inner = {key: _listed(value) for key, value in node.items()}
    if inner and all(_is_index(key) for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner


def _is_index(part: str) -> bool:
    return len(part) <= LONGEST_INDEX and part.isascii() and part.isdigit()


def written(question: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The fields that spell a question: ``read`` of them gives it again."""
    return list(_fields(question, ""))


def _fields(node: Any, place: str) -> Iterable[tuple[str, str]]:
    if isinstance(node, Mapping):
        if _is_pick(place):
            node = {"event": None, **node}
        for name, value in node.items():
            yield from _fields(value, f"{place}.{name}" if place else str(name))
    elif isinstance(node, list | tuple):
        for at, value in enumerate(node):
            yield from _fields(value, f"{place}.{at}")
    elif node is None:
        if place.endswith("event"):
            yield place, ""
    elif isinstance(node, bool) and ".of." in place:
        yield place, str(node)  # compared with how the store shows a truth: True
    else:
        yield place, "true" if node is True else "false" if node is False else str(node)


def _is_pick(place: str) -> bool:
    """Whether an event is chosen there. One that names none still stands in the form: any event."""
    path = place.split(".")
    return place in _PICKS or (
        path[0] in ("series", "steps", "exclude") and path[-1].isdigit() and "of" not in path
    )


def address(question: Mapping[str, Any]) -> str:
    """The fields as the query of an address."""
    query = QueryDict(mutable=True)
    for name, value in written(question):
        query[name] = value
    return query.urlencode()


def changed(question: dict[str, Any], fields: QueryDict) -> dict[str, Any]:
    """The question after a press on ``add``, ``drop`` or a ``preset`` of dates; as it is for a place there is not."""
    if preset := fields.get("preset"):
        question |= {"from": preset, "to": "today"}
    if place := fields.get("add"):
        path, _dot, part = place.rpartition(".")
        _add(question, *((path.split("."), part) if part in _PARTS else (place.split("."), "")))
    if place := fields.get("drop"):
        _drop(question, place.split("."))
    return question


def _add(question: dict[str, Any], path: list[str], part: str) -> None:
    name = path[-1]
    if name not in _NEW and not _is_index(name):
        return
    node: Any = question
    for at, step in enumerate(path):
        last = at == len(path) - 1
        if isinstance(node, dict):
            fresh: Any = [] if last or _is_index(path[at + 1]) else {}
            node = node.setdefault(step, fresh)
        elif isinstance(node, list) and _is_index(step) and int(step) < len(node):
            node = node[int(step)]
        else:
            return
    if isinstance(node, list) and len(node) < _MOST.get(name, 10):
        new = _PARTS[part] if part else _NEW.get(name, {"event": None})
        node.append(deepcopy(new))


def _drop(question: dict[str, Any], path: list[str]) -> None:
    node: Any = question
    for part in path[:-1]:
        if isinstance(node, dict) and part in node:
            node = node[part]
        elif isinstance(node, list) and _is_index(part) and int(part) < len(node):
            node = node[int(part)]
        else:
            return
    if isinstance(node, list) and _is_index(path[-1]) and int(path[-1]) < len(node):
        del node[int(path[-1])]
    elif isinstance(node, dict):
        node.pop(path[-1], None)


def complete(raw: Any) -> Any:
    """Without conditions and breakdowns that somebody has only begun: no property yet, no value yet, no segment yet.
    Where segments are chosen to break down by, they do, whatever else was in the form."""
    if isinstance(raw, list):
        return [complete(each) for each in raw if not _begun(each)]
    if not isinstance(raw, dict):
        return raw
    whole = {name: complete(value) for name, value in raw.items()}
    if isinstance(by := whole.get("breakdown"), dict):
        if chosen := [each for each in by.get("segments") or [] if each]:
            kept = {name: value for name, value in by.items() if name in ("attribution", "limit")}
            whole["breakdown"] = {**kept, "on": "segment", "segments": chosen}
        elif not by.get("property"):
            del whole["breakdown"]
    return whole


def _begun(part: Any) -> bool:
    if not isinstance(part, dict) or "op" not in part or "of" in part:
        return False
    if "segment" in part or part.get("on") == "segment":
        return not part.get("segment")
    if "event" in part or "question" in part:
        return False
    return not part.get("property") or (part.get("value") in (None, "") and part["op"] not in NO_VALUE)
