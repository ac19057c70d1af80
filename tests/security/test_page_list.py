"""The pages that the browser tests look at (``tests/e2e/test_pages.py``) are all there are."""

from __future__ import annotations

import re
import uuid

from django.urls import Resolver404, get_resolver, resolve

from tests.architecture.test_running import patterns
from tests.e2e.test_pages import FRONT, PAGES

from .every import fill
from .places import make

# Whole pages that need more than an address, with the browser test that walks them.
WALKED_ELSEWHERE = {
    "gallery/": "test_gallery.py",
}


def listed() -> set[str]:
    """The routes of the addresses that the browser tests open."""
    parts = {
        "slug": "acme",
        "made": uuid.uuid4(),
        "draft": uuid.uuid4(),
        "department": uuid.uuid4(),
        "member": uuid.uuid4(),
        "link": f"dashboards/{'x' * 43}/",
    }
    routes = set()
    for address in PAGES + FRONT:
        path = re.sub(r"\{(\w+)\}", lambda found: str(parts.get(found[1], uuid.uuid4())), address).partition(
            "?"
        )[0]
        routes.add(resolve(path).route)
    return routes


def test_every_whole_page_is_looked_at_in_a_browser(people, client_of):
    client, targets, shown = client_of("owner"), make(people), set()
    for pattern, _view in patterns(get_resolver()):
        address = fill(pattern, targets)
        try:
            route = resolve(address).route
        except Resolver404:
            continue
        answer = client.get(address)
        whole = answer.status_code == 200 and answer.get("Content-Type", "").startswith("text/html")
        if whole and b"<html" in b"".join(answer)[:600]:
            shown.add(route)
    assert sorted(shown - listed() - set(WALKED_ELSEWHERE)) == [], "add it to PAGES or FRONT"
    assert set(WALKED_ELSEWHERE) <= shown, "one is no longer there"
