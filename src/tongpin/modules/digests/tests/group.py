"""A vendor of group robots on loopback: answers as documented, and enforces DingTalk's or another limit exactly."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Group:
    """What a group got. ``now`` is asked for the time; ``answers`` come first, then ``ok``.

    ``limit`` messages in any ``seconds``; whoever sends more is shut out for ``block`` seconds, and that is counted.
    """

    now: Callable[[], datetime]
    ok: dict[str, Any] = field(default_factory=lambda: {"errcode": 0, "errmsg": "ok"})
    limit: int = 10_000
    seconds: int = 60
    block: int = 600
    got: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    at: list[datetime] = field(default_factory=list)
    answers: list[tuple[int, str]] = field(default_factory=list)
    exceeded: int = 0
    _shut_until: datetime | None = None

    def take(self, path: str, body: dict[str, Any]) -> tuple[int, str]:
        now = self.now()
        self.paths.append(path)
        if self.answers:
            return self.answers.pop(0)
        lately = [then for then in self.at if then > now - timedelta(seconds=self.seconds)]
        if len(lately) >= self.limit or (self._shut_until is not None and now < self._shut_until):
            self.exceeded += 1
            self._shut_until = now + timedelta(seconds=self.block)
            return 200, json.dumps({"errcode": 410100, "errmsg": "发送速度太快而限流"}, ensure_ascii=False)
        self.at.append(now)
        self.got.append(body)
        return 200, json.dumps(self.ok)

    def serve(self) -> Served:
        return Served(self)


class Served:
    """The group behind a port, while the block lasts."""

    def __init__(self, group: Group) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, text = group.take(self.path, json.loads(body))
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/robot/send?access_token=t0ken"

    def __enter__(self) -> Served:
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *args: Any) -> None:
        self.server.shutdown()
        self.server.server_close()
