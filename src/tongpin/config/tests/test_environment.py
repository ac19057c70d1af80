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


def test_a_directory_is_set_up_whole_or_not_at_all(monkeypatch):
    assert environment.ldap() is None
    monkeypatch.setenv("TONGPIN_LDAP_URL", "https://ldap.corp.example")
    with pytest.raises(ValueError, match="ldaps://host or ldap://host"):
        environment.ldap()
    monkeypatch.setenv("TONGPIN_LDAP_URL", "ldap://ldap.corp.example")
    with pytest.raises(ValueError, match="TONGPIN_LDAP_BASE must be too"):
        environment.ldap()
    monkeypatch.setenv("TONGPIN_LDAP_BASE", "dc=corp,dc=example")
    monkeypatch.setenv("TONGPIN_LDAP_KIND", "ad")
    found = environment.ldap()
    assert (found.port, found.tls, found.login, found.bind_dn) == (389, "starttls", "sAMAccountName", "")
    assert environment.sign_in_providers()["ldap"]["APPS"][0]["settings"] == {"hidden": True}
    monkeypatch.setenv("TONGPIN_LDAP_BIND_DN", "cn=reader")
    with pytest.raises(ValueError, match="TONGPIN_LDAP_BIND_PASSWORD"):
        environment.ldap()
