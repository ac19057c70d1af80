"""What ``tongpin doctor`` says of the company's directory."""

from __future__ import annotations

import dataclasses

import pytest
from click.testing import CliRunner

from tongpin.config.cli.server import follow_directory
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


@pytest.mark.skipif(slapd.SLAPD is None, reason="slapd is not installed (bin/install-directory)")
@pytest.mark.django_db
def test_what_is_wrong_with_following_it(settings, tmp_path, people):
    with slapd.running(tmp_path) as server:
        settings.LDAP = dataclasses.replace(DOWN, port=server.port, workspace="acme")
        added = [server.add(f"p{n}", f"P{n}", f"p{n}@corp.example") for n in range(8)]
        assert follow_directory_says() == (0, "8 people; 0 left out, 0 ended, 0 let in again.\n")
        for dn in added[:6]:
            server.remove(dn)
        level, _subject, text, hint = directory_state()
        assert (level, text) == ("warning", "6 people with an account are gone from it.")
        assert "tongpin follow-directory --force" in hint
        code, said = follow_directory_says()
        assert code == 2
        assert "6 are gone at once; nobody's access was ended." in said
        assert follow_directory_says("--force") == (0, "2 people; 0 left out, 6 ended, 0 let in again.\n")
        assert directory_state()[0] == "ok"
        settings.LDAP = dataclasses.replace(settings.LDAP, workspace="nowhere")
        assert directory_state()[2] == "There is no workspace with the address “nowhere”."
    assert follow_directory_says()[0] == 3


@pytest.mark.django_db
def test_the_command_says_when_no_directory_is_set_up(settings):
    settings.LDAP = None
    code, said = follow_directory_says()
    assert code == 2
    assert "No directory is set up." in said


def follow_directory_says(*options: str) -> tuple[int, str]:
    """Exit code and what ``tongpin follow-directory`` printed."""
    done = CliRunner().invoke(follow_directory, options)
    return done.exit_code, done.output
