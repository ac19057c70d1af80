"""``/t.js``: the script a site loads to be measured."""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import condition, require_safe

from tongpin.ui import manifest
from tongpin.ui.access import public

HOUR = 3600


def _file() -> Path:
    return manifest.file_of("analytics/t.js")


@cache
def _packed(file: Path) -> bytes:
    return gzip.compress(file.read_bytes(), mtime=0)


@public
@require_safe
@condition(etag_func=lambda request: f'"{_file().stem}"')
def script(request: HttpRequest) -> HttpResponse:
    """The tracker, for any site. Its address never changes, so browsers ask again within the hour."""
    file = _file()
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    content = _packed(file) if packed else file.read_bytes()
    response = HttpResponse(content, content_type="text/javascript; charset=utf-8")
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ["Accept-Encoding"])
    response.headers["Cache-Control"] = f"public, max-age={HOUR}"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
