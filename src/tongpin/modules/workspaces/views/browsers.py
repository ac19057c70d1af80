"""What a browser calls itself, in a few words."""

from __future__ import annotations

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


@dataclass(frozen=True, slots=True)
class Browser:
    """Names of the program and the system; "" for an unknown one."""

    program: str
    system: str

    @property
    def is_phone(self) -> bool:
        return self.system in ("iPhone", "iPad", "Android", "HarmonyOS")


def browser_of(user_agent: str) -> Browser:
    """The browser behind a User-Agent header."""
    program = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    return Browser(program, system)
