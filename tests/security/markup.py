"""Text written to hurt, and how a browser would read the answer it comes back in."""

from __future__ import annotations

import json
from html.parser import HTMLParser

LONG = "'\"><img src=x onerror=alert({n})><script>alert({n})</script>{{{{7*7}}}}"
SHORT = "'\"><img src=x{n}>"


def hurtful(n: int, room: int | None = None) -> str:
    """The ``n``-th text, in at most ``room`` characters (20 at least)."""
    long = LONG.format(n=n)
    return long if room is None or room >= len(long) else SHORT.format(n=n)


def trace(n: int) -> str:
    """What every shown copy of the ``n``-th text holds, escaped or not, long or short."""
    return f"src=x{n}" if n < 0 else f"alert({n})"


class _Reader(HTMLParser):
    """Collects what would run or load: foreign elements, event handlers, addresses of other schemes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.islands: list[str] = []
        self._script: dict[str, str] | None = None

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        if tag == "img" and given.get("src", "").startswith("x"):
            self.found.append(f"<{tag} {given}>")
        for name, value in given.items():
            if name.startswith("on") or name == "srcdoc":
                self.found.append(f"<{tag} {name}={value}>")
            bare = "".join(c for c in value if c > " ").lower()
            if name in {"href", "src", "action", "formaction", "hx-get", "hx-post"} and bare.startswith(
                ("javascript:", "data:text", "vbscript:")
            ):
                self.found.append(f"<{tag} {name}={value}>")
        if tag == "script":
            self._script = given

    def handle_endtag(self, tag):
        if tag == "script":
            self._script = None

    def handle_data(self, data):
        if self._script is None:
            return
        if self._script.get("type") == "application/json":
            self.islands.append(data)
        elif data.strip():
            self.found.append(f"<script>{data[:80]}")


def would_run(page: str) -> list[str]:
    """What of the page a browser would run or load though we did not write it; broken data islands, too."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    for island in reader.islands:
        try:
            json.loads(island)
        except ValueError:
            reader.found.append(f"a data island that is no JSON: {island[:80]}")
        if "<" in island:
            reader.found.append(f"a data island with a bare <: {island[:80]}")
    return reader.found
