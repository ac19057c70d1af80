"""What a browser calls itself, in a few words."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Order matters: most browsers name several others in their string.
_BROWSERS = (
    ("MicroMessenger", "WeChat"), ("wxwork", "WeCom"), ("DingTalk", "DingTalk"), ("Lark", "Feishu"), ("Edg", "Edge"),
    ("OPR", "Opera"), ("Firefox", "Firefox"), ("HeadlessChrome", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("Windows", "Windows"),
    ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,19}")


@dataclass(frozen=True, slots=True)
class Browser:
    """Names of the program and the system; "" for an unknown one."""

    program: str
    system: str

    @property
    def is_phone(self) -> bool:
        return self.system in ("iPhone", "iPad", "Android", "HarmonyOS")

    @property
    def words(self) -> str:
        """At most 40 characters: "Chrome · macOS"; "" where nothing is known."""
        return " · ".join(filter(None, (self.program, self.system)))[:40]


def browser_of(user_agent: str) -> Browser:
    """The browser behind a User-Agent header; of another program the name it gives itself, such as curl."""
    program = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    if not program and not user_agent.startswith("Mozilla/") and (named := _NAME.match(user_agent)):
        program = named[0]
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    return Browser(program, system)
