"""A person at a running server, over HTTP as a browser goes."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

PASSWORD = "correct horse battery"


class Visitor:
    """One browser. ``address`` is the server's."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.session = requests.Session()
        self.session.trust_env = False

    def get(self, path: str, **more: Any) -> requests.Response:
        return self.session.get(self.address + path, timeout=60, **more)

    def post(
        self, path: str, form: dict[str, Any], *, page: str | None = None, **more: Any
    ) -> requests.Response:
        """Send a form as its page would: with the page's CSRF token."""
        shown = self.get(page or path)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', shown.text)
        assert token, f"no form on {page or path}: {shown.status_code}"
        return self.session.post(
            self.address + path,
            data={**form, "csrfmiddlewaretoken": token[1]},
            headers={"Referer": self.address + path, "Origin": self.address},
            timeout=60,
            **more,
        )

    def sign_in(self, email: str, password: str = PASSWORD) -> Visitor:
        answer = self.post("/accounts/login/", {"login": email, "password": password}, allow_redirects=False)
        assert answer.status_code == 302, answer.text[:2000]
        assert "/accounts/" not in answer.headers["Location"], answer.headers["Location"]
        return self


@contextmanager
def stream(visitor: Visitor) -> Iterator[list[dict[str, Any]]]:
    """An open live stream; what it said so far. Ready when its greeting came."""
    said: list[dict[str, Any]] = []
    greeted = threading.Event()
    answer = visitor.session.get(f"{visitor.address}/rt/events", stream=True, timeout=120)
    assert answer.status_code == 200

    def read() -> None:
        kind = ""
        try:
            for line in answer.iter_lines(decode_unicode=True):
                if line.startswith("event: "):
                    kind = line[7:]
                elif line.startswith("data: "):
                    said.append({"event": kind, **json.loads(line[6:])})
                    greeted.set()
        except (requests.RequestException, AttributeError, ValueError):
            pass  # closed
        finally:
            said.append({"event": "end"})
            greeted.set()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        assert greeted.wait(30)
        yield said
    finally:
        answer.close()
        reader.join(30)
