from __future__ import annotations

import pytest

from tongpin.config import environment


def test_by_default_nobody_is_asked(monkeypatch):
    monkeypatch.delenv("TONGPIN_UPGRADE_FEED", raising=False)
    assert environment.upgrade_feed() == ""
    monkeypatch.setenv("TONGPIN_UPGRADE_FEED", "https://git.example/api/v1/latest ")
    assert environment.upgrade_feed() == "https://git.example/api/v1/latest"


@pytest.mark.parametrize("address", ["ftp://x/y", "example.com", "https://user:pw@x/y", "https://x y"])
def test_an_address_that_is_none_is_refused_at_the_start(monkeypatch, address):
    monkeypatch.setenv("TONGPIN_UPGRADE_FEED", address)
    with pytest.raises(ValueError, match="TONGPIN_UPGRADE_FEED"):
        environment.upgrade_feed()
