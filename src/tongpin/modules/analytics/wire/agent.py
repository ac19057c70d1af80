"""What a browser's ``User-Agent`` says of it, in the words PostHog's SDK uses where it reads it itself."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

#: In this order: many call themselves by the names of those below them too.
BROWSERS = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"wxwork/([\d.]+)", "WeCom"),
        (r"MicroMessenger/([\d.]+)", "WeChat"),
        (r"DingTalk/([\d.]+)", "DingTalk"),
        (r"(?:Lark|Feishu)/([\d.]+)", "Feishu"),
        (r"AlipayClient/([\d.]+)", "Alipay"),
        (r"baiduboxapp/([\d.]+)", "Baidu"),
        (r"Edg(?:e|A|iOS)?/([\d.]+)", "Microsoft Edge"),
        (r"(?:OPR|OPiOS|Opera)/([\d.]+)", "Opera"),
        (r"SamsungBrowser/([\d.]+)", "Samsung Internet"),
        (r"(?:UCBrowser|UBrowser)/([\d.]+)", "UC Browser"),
        (r"M?QQBrowser/([\d.]+)", "QQ Browser"),
        (r"Quark/([\d.]+)", "Quark"),
        (r"HuaweiBrowser/([\d.]+)", "Huawei Browser"),
        (r"MiuiBrowser/([\d.]+)", "MIUI Browser"),
        (r"VivoBrowser/([\d.]+)", "Vivo Browser"),
        (r"HeyTapBrowser/([\d.]+)", "HeyTap Browser"),
        (r"FxiOS/([\d.]+)", "Firefox iOS"),
        (r"Firefox/([\d.]+)", "Firefox"),
        (r"CriOS/([\d.]+)", "Chrome iOS"),
        (r"(?:Chrome|Chromium)/([\d.]+)", "Chrome"),
        (r"Version/([\d.]+) Mobile/\S+ Safari/", "Mobile Safari"),
        (r"Version/([\d.]+) Safari/", "Safari"),
    )
)
SYSTEMS = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"(?:HarmonyOS|OpenHarmony)[ /]?([\d.]*)", "HarmonyOS"),
        (r"(?:iPhone|iPad|iPod)[^)]*? OS ([\d_]+)", "iOS"),
        (r"Android ?([\d.]*)", "Android"),
        (r"Windows NT ([\d.]+)", "Windows"),
        (r"CrOS \S+ ([\d.]+)", "Chrome OS"),
        (r"Mac OS X ([\d_.]*)", "Mac OS X"),
        (r"Linux()", "Linux"),
    )
)
TABLET = re.compile(r"iPad|Tablet|PlayBook|Android(?!.*Mobile)")
MOBILE = re.compile(r"Mobi|iPhone|iPod|Android|Phone")


@lru_cache(maxsize=2048)
def read(agent: str) -> tuple[tuple[str, Any], ...]:
    """Properties and values; nothing where it is no browser's."""
    if not agent.startswith(("Mozilla/", "Opera/")):
        return ()
    said: list[tuple[str, Any]] = []
    for pattern, name in BROWSERS:
        if found := pattern.search(agent):
            said.append(("$browser", name))
            if (major := found[1].partition(".")[0][:6]).isdecimal():
                said.append(("$browser_version", int(major)))
            break
    for pattern, name in SYSTEMS:
        if found := pattern.search(agent):
            said.append(("$os", name))
            if version := found[1].replace("_", ".")[:20].strip("."):
                said.append(("$os_version", version))
            break
    if said:
        kind = "Tablet" if TABLET.search(agent) else "Mobile" if MOBILE.search(agent) else "Desktop"
        said.append(("$device_type", kind))
    return tuple(said)
