"""Bytes of a body to the JSON in it: decompressed within bounds, out of forms and base64, told by looking."""

from __future__ import annotations

import base64
import binascii
import io
import json
import math
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import orjson
import zstandard

from tongpin.modules.analytics.enums import Refusal
from tongpin.modules.analytics.wire import limits
from tongpin.modules.analytics.wire.call import Call, Refused

GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"
#: A window is memory that the other side orders: 8 MiB is what zstd itself recommends to accept.
WINDOW = 8 * limits.MIB
WRAPPINGS = 4
"""base64 of gzip of base64 of gzip: nobody sends more."""
INTEGERS = range(-(2**63), 2**64)
FORM = re.compile(rb"[\w.~%-]{1,100}=")
FIELDS = ("data", "data_list")


@dataclass(frozen=True, slots=True)
class Read:
    """What a body says. ``suspect``: some text in it holds what PostgreSQL or UTF-8 cannot, so each event must be
    cleaned. ``size``: bytes of JSON."""

    value: Any
    suspect: bool
    size: int


def read(call: Call, fields: Sequence[str] = FIELDS) -> Read:
    """The JSON of the body, or of the first of ``fields`` in a form or in the query. Raises Refused."""
    raw = content(call)
    if not raw:
        given = next((call.query[name] for name in fields if call.query.get(name)), "")
        return parse(_unwrapped(given.encode(errors="replace")))
    if raw[:64].lstrip()[:1] not in {b"{", b"["} and FORM.match(raw):
        form = _form(raw)
        found = next((value for name in fields if (value := form.get(name.encode()))), b"")
        if found:
            return parse(_unwrapped(found))
    return parse(_unwrapped(raw))


def content(call: Call) -> bytes:
    """The body decompressed, at most ``limits.BODY`` bytes. Raises Refused."""
    encoding = call.headers.get("content-encoding", "").strip().lower()
    if call.body[:2] == GZIP or call.body[:4] == ZSTD:
        return inflated(call.body)
    if encoding == "deflate" and call.body:
        try:
            return _zlib(call.body, zlib.MAX_WBITS)
        except Refused as refused:
            if refused.reason is Refusal.SIZE:
                raise
            return _zlib(call.body, -zlib.MAX_WBITS)
    if encoding == "br":
        raise Refused(Refusal.BODY, 415, "Content-Encoding br is not read here; send gzip, deflate or zstd.")
    if len(call.body) > limits.BODY:
        _too_large()
    return call.body


def inflated(data: bytes) -> bytes:
    """What gzip or zstd, told by its first bytes, holds; anything else as it is. Raises Refused."""
    if data[:2] == GZIP:
        return _zlib(data, zlib.MAX_WBITS | 16)
    if data[:4] == ZSTD:
        try:
            reader = zstandard.ZstdDecompressor(max_window_size=WINDOW).stream_reader(
                io.BytesIO(data), read_across_frames=True
            )
            out = reader.read(limits.BODY + 1)
        except (zstandard.ZstdError, MemoryError):
            raise Refused(Refusal.BODY, 400, "The zstd body is damaged.") from None
        if len(out) > limits.BODY:
            _too_large()
        return out
    return data


def _zlib(data: bytes, bits: int) -> bytes:
    out: list[bytes] = []
    room = limits.BODY + 1
    while data:
        stream = zlib.decompressobj(bits)
        try:
            out.append(stream.decompress(data, room))
        except zlib.error:
            raise Refused(Refusal.BODY, 400, "The compressed body is damaged.") from None
        room -= len(out[-1])
        if room <= 0:
            _too_large()
        if not stream.eof:
            raise Refused(Refusal.BODY, 400, "The compressed body ends too early.")
        # A second gzip member may follow; anything else behind the end is padding.
        data = stream.unused_data if stream.unused_data[:2] == GZIP and out[-1] else b""
    return b"".join(out)


def _too_large() -> NoReturn:
    raise Refused(Refusal.SIZE, 413, f"The body is larger than {limits.BODY // limits.MIB} MiB.")


def _form(raw: bytes) -> dict[bytes, bytes]:
    """Names and values; of doubles the first."""
    parts = raw.split(b"&", 100)
    if len(parts) > 100:
        raise Refused(Refusal.BODY, 400, "The form has more than 100 fields.")
    pairs = (part.partition(b"=") for part in reversed(parts))
    return {_plain(name): _plain(value) for name, _, value in pairs}


def _plain(quoted: bytes) -> bytes:
    """Percent signs and pluses of a form read. Quoted-printable is the same with another sign, and read in C: the usual
    way keeps an object for each of what may be millions of them."""
    quoted = quoted.replace(b"+", b" ")
    if b"%" not in quoted:
        return quoted
    return binascii.a2b_qp(quoted.replace(b"=", b"%3D").translate(_PRINTABLE))


_PRINTABLE = bytes.maketrans(b"%", b"=")


def _unwrapped(raw: bytes) -> bytes:
    """JSON text out of base64 and compression, told by looking; what is neither is given as it is."""
    for _ in range(WRAPPINGS):
        raw = inflated(raw)
        raw = raw.removeprefix(b"\xef\xbb\xbf")
        if not raw or raw[:64].lstrip()[:1] in {b"{", b"["}:
            return raw
        decoded = unbase64(raw)
        if decoded is None:
            return raw
        raw = decoded
    return raw


def unbase64(text: bytes) -> bytes | None:
    """Base64 of either alphabet, padded or not, with blanks where a form turned ``+`` into them; None if it is not."""
    plain = text.strip().rstrip(b"=").translate(_ALPHABET, b"\r\n")
    try:
        return base64.b64decode(plain + b"=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


_ALPHABET = bytes.maketrans(b"-_ ", b"+/+")


def parse(raw: bytes) -> Read:
    """JSON, also such as only some SDKs write: NaN and infinities become null, integers beyond 64 bits floats, lone
    surrogates and bytes that are not UTF-8 the replacement character. Raises Refused."""
    if not raw:
        raise Refused(Refusal.BODY, 400, "The request has no body.")
    if len(raw) > limits.MIB and raw.count(b",") + raw.count(b"[") + raw.count(b"{") > limits.VALUES:
        raise Refused(Refusal.SIZE, 413, f"The body holds more than {limits.VALUES} values.")
    try:
        return Read(orjson.loads(raw), b"\\u0000" in raw, len(raw))
    except orjson.JSONDecodeError:
        pass
    try:
        value = json.loads(
            raw.decode("utf-8", "replace"),
            strict=False,
            parse_int=_integer,
            parse_float=_float,
            parse_constant=_nothing,
        )
    except RecursionError:
        raise Refused(Refusal.SIZE, 400, f"The JSON is nested deeper than {limits.DEPTH} levels.") from None
    except ValueError as error:
        raise Refused(Refusal.BODY, 400, f"The body is not JSON: {error}."[:200]) from None
    return Read(value, True, len(raw))


def _integer(text: str) -> int | float | None:
    if len(text) < 19:
        return int(text)
    if len(text) > 400:
        return None
    whole = int(text)
    return whole if whole in INTEGERS else _float(text)


def _float(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def _nothing(_: str) -> None:
    return None


def cleaned(value: Any) -> Any:
    """``value`` without NUL, and with lone surrogates replaced, in texts and keys. Not deeper than ``limits.DEPTH``."""
    if type(value) is str:
        return _text(value)
    if type(value) is dict:
        return {_text(key): cleaned(item) for key, item in value.items()}
    if type(value) is list:
        return [cleaned(item) for item in value]
    return value


def _text(text: str) -> str:
    if "\0" in text:
        text = text.replace("\0", "")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        # Pairs of surrogates that an SDK cut apart and glued again are one character; the rest is replaced.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        return (
            text.encode("utf-8", "surrogatepass").decode("utf-8", "replace").replace("\ufffd" * 3, "\ufffd")
        )
    return text


def too_deep(value: Any, room: int = limits.DEPTH) -> bool:
    """Whether objects and lists lie in each other more than ``room`` times."""
    if room == 0:
        return True
    room -= 1
    for item in value.values() if type(value) is dict else value:
        if (type(item) is dict or type(item) is list) and too_deep(item, room):
            return True
    return False
