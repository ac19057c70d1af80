from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("who", "status"),
    [("owner", 200), ("admin", 200), ("member", 403), ("guest", 403), ("stranger", 404), ("nobody", 302)],
)
def test_who_may_open_the_page(client_of, who, status):
    assert client_of(who).get("/w/acme/settings/sources/").status_code == status
