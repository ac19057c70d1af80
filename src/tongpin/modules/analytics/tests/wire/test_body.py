"""Every wrapping an SDK puts around its JSON, and what a hostile sender may try."""

from __future__ import annotations

import base64
import gzip
import time
import tracemalloc
import zlib

import orjson
import pytest
import zstandard

from tongpin.modules.analytics.enums import Refusal
from tongpin.modules.analytics.tests.wire.calling import call, form
from tongpin.modules.analytics.wire import limits
from tongpin.modules.analytics.wire.body import cleaned, content, read, too_deep, unbase64
from tongpin.modules.analytics.wire.call import Refused

VALUE = {"event": "买 >?~", "n": [1, 2.5, None]}
JSON = orjson.dumps(VALUE)
B64 = base64.b64encode(JSON).decode()


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (JSON, {}),
        (b"\xef\xbb\xbf" + JSON, {}),
        (b" \r\n" + JSON, {"content_type": "text/plain"}),
        (gzip.compress(JSON, mtime=0), {}),
        (gzip.compress(JSON, mtime=0), {"content_encoding": "gzip"}),
        (gzip.compress(JSON[:9], mtime=0) + gzip.compress(JSON[9:], mtime=0), {}),
        (gzip.compress(JSON, mtime=0) + b"\0\0\0", {}),
        (JSON, {"content_encoding": "gzip"}),
        (zlib.compress(JSON), {"content_encoding": "deflate"}),
        (zlib.compress(JSON)[2:-4], {"content_encoding": "deflate"}),
        (zstandard.compress(JSON), {"content_encoding": "zstd"}),
        (b"data=" + B64.encode(), {}),
        (form(data=B64), {"content_type": "application/x-www-form-urlencoded"}),
        (form(gzip=1, data=B64, ext="crc=-1"), {}),
        (form(data=B64.rstrip("=")), {}),
        (form(data=B64.replace("+", "-").replace("/", "_")), {}),
        (form(data=JSON.decode()), {}),
        (b"x=%&data=" + B64.replace("=", "%3d").replace("+", "%2b").encode() + b"&data=other", {}),
        ('data={"event":"买 >?~","n":[1,2.5,null]}'.encode(), {}),
        (form(data_list=base64.b64encode(gzip.compress(JSON, mtime=0)).decode(), gzip=1), {}),
        (gzip.compress(form(data=B64), mtime=0), {}),
        (B64.encode(), {}),
        (base64.b64encode(gzip.compress(JSON, mtime=0)), {}),
    ],
)
def test_json_comes_out_of_every_wrapping(body, headers):
    assert read(call("POST", "/e/", body, **headers)).value == VALUE


def test_json_comes_out_of_the_query():
    assert read(call("GET", f"/e/?data={B64.replace('+', '%2B').replace('=', '%3D')}")).value == VALUE
    # A page that forgot to encode the plus: it arrives as a blank.
    assert read(call("GET", f"/e/?data={B64}")).value == VALUE


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": NaN, "b": [Infinity, -Infinity], "c": 1e999}', {"a": None, "b": [None, None], "c": None}),
        (b'{"a": 123456789012345678901234567890}', {"a": 1.2345678901234568e29}),
        (b'{"a": -9223372036854775809}', {"a": -9223372036854775808.0}),
        (b'{"a": ' + b"9" * 5000 + b"}", {"a": None}),
        (b'{"a": "line\nbreak\tand tab"}', {"a": "line\nbreak\tand tab"}),
        (b'{"a": "\xff\xfe bytes"}', {"a": "�� bytes"}),
    ],
)
def test_json_that_only_some_libraries_write(body, value):
    assert read(call("POST", "/e/", body)).value == value


def test_texts_are_made_such_as_can_be_stored():
    body = rb'{"a\u0000b": ["x\u0000", "\ud83d\ude00", "\ud800", {"k": "caf\u00e9"}], "n": 1}'
    got = read(call("POST", "/e/", body))
    assert got.suspect
    assert cleaned(got.value) == {"ab": ["x", "😀", "�", {"k": "café"}], "n": 1}
    assert not read(call("POST", "/e/", '{"a": "😀"}'.encode())).suspect


@pytest.mark.parametrize(
    ("body", "headers", "reason", "status"),
    [
        (b"", {}, Refusal.BODY, 400),
        (b"hello", {}, Refusal.BODY, 400),
        (b"{", {}, Refusal.BODY, 400),
        (b'{"a":1}x', {}, Refusal.BODY, 400),
        (b"\x1f\x8b nothing", {}, Refusal.BODY, 400),
        (gzip.compress(JSON, mtime=0)[:-9], {}, Refusal.BODY, 400),
        (zstandard.compress(JSON * 50)[:-3], {}, Refusal.BODY, 400),
        (b"x" + zlib.compress(JSON), {"content_encoding": "deflate"}, Refusal.BODY, 400),
        (b"\x0b\x02", {"content_encoding": "br"}, Refusal.BODY, 415),
        (b"[" * 5000 + b"]" * 5000, {}, Refusal.SIZE, 400),
        (b"&".join(b"a=1" for _ in range(2000)), {}, Refusal.BODY, 400),
        (b"data=%00%ff", {}, Refusal.BODY, 400),
        (b'["' + b"x" * limits.BODY + b'"]', {}, Refusal.SIZE, 413),
        (gzip.compress(b'["' + b"x" * limits.BODY + b'"]', mtime=0), {}, Refusal.SIZE, 413),
        (
            zlib.compress(b'["' + b"x" * limits.BODY + b'"]'),
            {"content_encoding": "deflate"},
            Refusal.SIZE,
            413,
        ),
        (zstandard.compress(b'["' + b"x" * limits.BODY + b'"]'), {}, Refusal.SIZE, 413),
        (b"[" + b"{}," * limits.VALUES + b"{}]", {}, Refusal.SIZE, 413),
    ],
)
def test_what_cannot_be_read_is_refused(body, headers, reason, status):
    with pytest.raises(Refused) as caught:
        read(call("POST", "/e/", body, **headers))
    assert (caught.value.reason, caught.value.status) == (reason, status)


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_a_bomb_is_put_out_early(pack):
    """A gigabyte that is a few kilobytes on the wire, once and inside another one."""
    inner = pack(b"\0" * 200_000_000)
    for bomb in (inner, pack(inner)):
        tracemalloc.start()
        began = time.process_time()
        with pytest.raises(Refused):
            read(call("POST", "/e/", bomb))
        spent, (_, peak) = time.process_time() - began, tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 4 * limits.BODY
        assert spent < 2


def test_zstd_may_not_order_a_huge_window():
    params = zstandard.ZstdCompressionParameters(window_log=27, compression_level=1)
    packed = zstandard.ZstdCompressor(compression_params=params).compressobj()
    with pytest.raises(Refused):
        content(call("POST", "/e/", packed.compress(JSON) + packed.flush()))


def test_depth_counts_every_object_and_list():
    deep: object = 1
    for _ in range(limits.DEPTH):
        deep = {"a": deep}
    assert not too_deep(deep)
    assert too_deep([deep])


def test_base64_is_told_from_other_text():
    assert unbase64(b"aGk_") == base64.b64decode("aGk/")
    assert unbase64(b"aGkh\r\naGkh\n") == b"hi!hi!"
    assert unbase64("你好".encode()) is None
    assert unbase64(b"a") is None
