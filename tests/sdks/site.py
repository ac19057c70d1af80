"""A site of its own origin whose pages load an SDK from ``node_modules``."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

MODULES = Path(__file__).parent / "node_modules"
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Shop</title>
<link rel="icon" href="data:,"><h1>Shop</h1><button id="buy">Buy</button><a href="/other?leave=1">Leave</a>
{scripts}</html>"""


@contextmanager
def site(*scripts: str) -> Iterator[str]:
    """Serve one page at every path. A script that ends in ``.js`` is a file of ``node_modules``, else it is code."""
    parts = [
        f'<script src="/sdk/{one}"></script>' if one.endswith(".js") else f"<script>{one}</script>"
        for one in scripts
    ]
    page = PAGE.format(scripts="\n".join(parts)).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            is_sdk = path.startswith("/sdk/")
            body = (MODULES / path.removeprefix("/sdk/")).read_bytes() if is_sdk else page
            self.send_response(200)
            self.send_header("Content-Type", "text/javascript" if is_sdk else "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
