"""A page as it stands, on a desk and on a phone: axe finds nothing, nothing is too wide, and a picture of each."""

from __future__ import annotations

from playwright.sync_api import Page

from .conftest import DESK, PHONE, SHOTS, sideways, violations


def sound(page: Page, name: str) -> None:
    """Check the page at both widths and leave it on the desk; the pictures are ``screenshots/<name>-….png``."""
    SHOTS.mkdir(exist_ok=True)
    for width, size in (("phone", PHONE), ("desk", DESK)):
        page.set_viewport_size(size)
        page.screenshot(path=SHOTS / f"{name}-{width}.png", full_page=True)
        assert sideways(page) == 0, (name, width)
        found = violations(page)
        assert not found, (name, width, found)
