"""Requests as SDKs make them, and what the protocols make of them."""

from __future__ import annotations

import base64
import gzip
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import orjson
import pytest

from tongpin.modules.analytics.wire.call import Answer, Call, Dropped, Hit, Refused
from tongpin.modules.analytics.wire.record import Record, dump, load
from tongpin.modules.analytics.wire.routes import find

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
ID = "9a5cda0e-de9f-4971-bdbb-edb0ce78c065"
OTHER = "01a20222-f361-78f4-b0e5-dd2e5a8e6685"


def call(method: str, address: str, body: Any = b"", **headers: str) -> Call:
    """``body``: bytes as they are, anything else as JSON. Header names with ``_`` for ``-``."""
    parts = urlsplit(address)
    return Call(
        method,
        parts.path,
        dict(reversed(parse_qsl(parts.query, keep_blank_values=True))),
        {name.replace("_", "-"): value for name, value in headers.items()},
        body if isinstance(body, bytes) else orjson.dumps(body),
        NOW,
        client_ip="203.0.113.9",
        salt=b"salt of the day",
    )


def decode(made: Call) -> Hit:
    """The hit; what is kept of it survives the inbox."""
    protocol = find(made.method, made.path)
    assert protocol is not None, made.path
    hit = protocol.decode(made)
    assert load(dump(hit.records)) == hit.records
    return hit


def only(made: Call) -> Record:
    """The one record of a request that dropped nothing."""
    hit = decode(made)
    assert hit.dropped == []
    (record,) = hit.records
    return record


def dropped(made: Call) -> Dropped:
    """The one thing dropped of a request without a record."""
    hit = decode(made)
    assert hit.records == []
    (one,) = hit.dropped
    return one


def answer(made: Call, *left_out: Dropped) -> Answer:
    """What goes back when the request is kept."""
    protocol = find(made.method, made.path)
    assert protocol is not None
    hit = protocol.decode(made)
    return protocol.answer(made, hit, [*hit.dropped, *left_out])


def refused(made: Call) -> tuple[Refused, Answer]:
    """Why the request is refused, and what goes back."""
    protocol = find(made.method, made.path)
    assert protocol is not None
    with pytest.raises(Refused) as caught:
        protocol.decode(made)
    return caught.value, protocol.refuse(made, caught.value)


def form(**fields: Any) -> bytes:
    """A form whose fields are base64 of JSON; texts and numbers stay as they are."""
    return urlencode(
        {
            name: value if isinstance(value, (str, int)) else base64.b64encode(orjson.dumps(value)).decode()
            for name, value in fields.items()
        }
    ).encode()


def zipped(value: Any) -> bytes:
    return gzip.compress(value if isinstance(value, bytes) else orjson.dumps(value))
