"""Browsers by what they call themselves."""

from __future__ import annotations

import pytest

from tongpin.modules.analytics.wire.agent import read

SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (
            f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Chrome/147.0.0.0 Safari/537.36",
            ("Chrome", 147, "Linux", None, "Desktop"),
        ),
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/131.0.0.0 Safari/537.36 Edg/131.0.2903.86",
            ("Microsoft Edge", 131, "Windows", "10.0", "Desktop"),
        ),
        (
            f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {SAFARI} Version/18.1 Safari/605.1.15",
            ("Safari", 18, "Mac OS X", "10.15.7", "Desktop"),
        ),
        (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1_1 like Mac OS X) {SAFARI} Version/18.1 Mobile/15E148 "
            "Safari/604.1",
            ("Mobile Safari", 18, "iOS", "18.1.1", "Mobile"),
        ),
        (
            f"Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) {SAFARI} CriOS/130.0.6723.90 Mobile/15E148 Safari/604.1",
            ("Chrome iOS", 130, "iOS", "17.5", "Tablet"),
        ),
        (
            f"Mozilla/5.0 (Linux; Android 14; V2324A; wv) {WEBKIT} Version/4.0 Chrome/130.0.6723.103 Mobile "
            "Safari/537.36 XWEB/1300199 MMWEBID/1 MicroMessenger/8.0.55.2780(0x28003736) WeChat/arm64",
            ("WeChat", 8, "Android", "14", "Mobile"),
        ),
        (
            f"Mozilla/5.0 (Linux; Android 14; X) {WEBKIT} Chrome/130.0.0.0 Mobile Safari/537.36 wxwork/4.1.30 "
            "MicroMessenger/7.0.1",
            ("WeCom", 4, "Android", "14", "Mobile"),
        ),
        (
            f"Mozilla/5.0 (Phone; OpenHarmony 5.0) {WEBKIT} Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1 Mobile "
            "HuaweiBrowser/5.1.3.331",
            ("Huawei Browser", 5, "HarmonyOS", "5.0", "Mobile"),
        ),
        (
            f"Mozilla/5.0 (Linux; U; Android 13; zh-CN; M2012K11AC) {WEBKIT} Version/4.0 Chrome/100.0.4896.58 "
            "UCBrowser/16.4.2.1302 Mobile Safari/537.36",
            ("UC Browser", 16, "Android", "13", "Mobile"),
        ),
        (
            f"Mozilla/5.0 (Linux; Android 13; SM-X906C) {WEBKIT} Chrome/130.0.0.0 Safari/537.36",
            ("Chrome", 130, "Android", "13", "Tablet"),
        ),
        (
            "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
            ("Firefox", 133, "Linux", None, "Desktop"),
        ),
    ],
)
def test_browsers(agent, said):
    names = ("$browser", "$browser_version", "$os", "$os_version", "$device_type")
    assert dict(read(agent)) == {
        name: value for name, value in zip(names, said, strict=True) if value is not None
    }


@pytest.mark.parametrize(
    "agent", ["", "posthog-python/7.91.1", "Python-urllib/3.11", "Mozilla/5.0 Umami/v20.20.2", "Mozilla/"]
)
def test_what_is_no_browser_says_nothing(agent):
    assert read(agent) == ()


def test_a_hostile_name_is_read_in_no_time():
    assert read("Mozilla/5.0 (iPhone " + "OS " * 300 + "Chrome/" + "9" * 100)[0] == ("$browser", "Chrome")
