"""The script that sites load: what it weighs, how it is served."""

from __future__ import annotations

import gzip

from django.test import Client

from tongpin.ui import manifest


def test_it_weighs_less_than_three_kilobytes():
    script = manifest.file_of("analytics/t.js").read_bytes()
    assert 500 < len(gzip.compress(script)) < 3072


def test_any_site_may_load_it_and_asks_again_cheaply():
    answer = Client().get("/t.js", headers={"Origin": "https://shop.example", "Accept-Encoding": "gzip, br"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.content) == manifest.file_of("analytics/t.js").read_bytes()
    assert "Set-Cookie" not in answer.headers
    again = Client().get("/t.js", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert Client().get("/t.js").content == manifest.file_of("analytics/t.js").read_bytes()
