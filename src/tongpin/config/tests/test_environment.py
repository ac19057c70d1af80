"""What the operator sets, and what is refused because it cannot be meant."""

from __future__ import annotations

import pytest

from tongpin.config import environment


def test_a_messenger_is_set_up_whole_or_not_at_all(monkeypatch):
    assert environment.messengers() == {}
    monkeypatch.setenv("TONGPIN_FEISHU_APP_ID", "cli_1")
    with pytest.raises(
        ValueError, match="TONGPIN_FEISHU_APP_ID is set, so TONGPIN_FEISHU_APP_SECRET must be too"
    ):
        environment.messengers()
    monkeypatch.setenv("TONGPIN_FEISHU_APP_SECRET", "x")
    monkeypatch.setenv("TONGPIN_FEISHU_SITE", "larksuite.com")
    found = environment.messengers()["feishu"]["APPS"][0]
    assert (found["name"], found["settings"]["api"]) == ("Lark", "https://open.larksuite.com/open-apis")
    monkeypatch.setenv("TONGPIN_DINGTALK_CLIENT_ID", "ding1")
    monkeypatch.setenv("TONGPIN_DINGTALK_CLIENT_SECRET", "x")
    with pytest.raises(ValueError, match="TONGPIN_DINGTALK_CORP_ID"):
        environment.messengers()
