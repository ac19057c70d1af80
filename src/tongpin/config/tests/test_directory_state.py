"""What ``tongpin doctor`` says of the company's directory."""

from __future__ import annotations

import dataclasses

import pytest

from tongpin.config.directory_state import directory_state
from tongpin.modules.workspaces.ldap.configuration import Configuration
from tongpin.modules.workspaces.tests import slapd

DOWN = Configuration(
    host="127.0.0.1", port=9, tls="off", base=slapd.PEOPLE, ad=False, filter="(objectClass=inetOrgPerson)",
    login="uid", bind_dn=slapd.READER, bind_password=slapd.READER_PASSWORD,
)  # fmt: skip


def test_none_is_fine(settings):
    settings.LDAP = None
    assert directory_state()[0] == "ok"


def test_one_that_is_down_is_an_error(settings):
    settings.LDAP = DOWN
    level, _subject, text, hint = directory_state()
    assert level == "error"
    assert text.startswith("127.0.0.1:9 cannot be used: ")
    assert "TONGPIN_LDAP_" in hint


@pytest.mark.skipif(slapd.SLAPD is None, reason="slapd is not installed (bin/install-directory)")
def test_what_is_found_there(settings, tmp_path):
    with slapd.running(tmp_path) as server:
        settings.LDAP = dataclasses.replace(DOWN, port=server.port)
        assert directory_state()[:3] == ("warning", "directory", f"127.0.0.1:{server.port} shows nobody.")
        server.add("nuo", "Nuo", "nuo@corp.example")
        assert directory_state() == ("ok", "directory", f"127.0.0.1:{server.port}: 1 person", "")
        server.add("kim", "Kim")
        assert directory_state()[:3] == ("warning", "directory", "1 person has no e-mail address.")
        settings.LDAP = dataclasses.replace(settings.LDAP, bind_password="wrong")
        assert directory_state()[2].endswith("invalid credentials for TONGPIN_LDAP_BIND_DN")
