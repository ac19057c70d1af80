"""The code on a source's page, run exactly as it is copied."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.sdks.capturing import POSTHOG, SEGMENT, SENSORS, UMAMI, Capturing
from tongpin.modules.analytics.enums import Platform
from tongpin.modules.analytics.snippets import snippets

HERE = Path(__file__).parent
PYTHON = [sys.executable, "-c"]
NODE = [sys.executable, str(HERE.parents[1] / "bin" / "node"), "--input-type=module", "-e"]
RUN = {
    "http": (["bash", "-c"], POSTHOG),
    "posthog-python": (PYTHON, POSTHOG),
    "posthog-node": (NODE, POSTHOG),
    "segment-python": (PYTHON, SEGMENT),
    "segment-node": (NODE, SEGMENT),
    "sensors-python": (PYTHON, SENSORS),
    "umami": (NODE, UMAMI),
}
IN_PAGES = {"tracker", "posthog-js", "sensors-web", "ga4"}
BY_KEY = {each.key: each for platform in Platform for each in snippets(platform)}


def test_every_code_is_run_here_or_in_a_page():
    assert set(BY_KEY) == set(RUN) | IN_PAGES


@pytest.mark.parametrize("sdk", RUN)
def test_copied_and_run_it_sends_its_event_before_it_ends(server: Capturing, sdk: str):
    program, key = RUN[sdk]
    code = BY_KEY[sdk].filled(key, server.address)
    done = subprocess.run([*program, code], capture_output=True, text=True, timeout=120, cwd=HERE)
    assert done.returncode == 0, done.stdout + done.stderr
    (taken,) = server.wait_for("signed_up")
    assert taken.properties["plan"] == "free"
    if sdk != "umami":  # which knows visitors alone
        assert taken.distinct_id == "user-42"


def test_a_key_may_hold_any_word():
    assert BY_KEY["posthog-js"].filled("MY_HOST_KEY", "https://a.example").splitlines()[2] == (
        'posthog.init("MY_HOST_KEY", { api_host: "https://a.example" });'
    )
