"""Every command of ``tongpin`` beside a running server: what it prints, refuses, and answers to scripts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import chain

import click
import pytest
import requests

from tests.ops.drill import FILL, database, last_line
from tests.serving import Served
from tongpin.config.cli import _attach_modules, cli

pytestmark = [pytest.mark.processes]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    server = Served(tmp_path_factory.mktemp("cli") / "data").start()
    try:
        server.made = json.loads(last_line(server.script(FILL)))
        yield server
    finally:
        assert server.stop() == 0


def refused(served: Served, *words: str, code: int = 2, **more: str) -> str:
    """What a command that must be refused says on standard error."""
    done = served.run(*words, check=False, **more)
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return done.stderr


def commands(group: click.Group, words: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = [words]
    for name, command in group.commands.items():
        below = (*words, name)
        found += commands(command, below) if isinstance(command, click.Group) else [below]
    return found


def test_every_command_explains_itself_and_its_options():
    _attach_modules()
    everything = commands(cli)
    assert len(everything) > 15
    for words in everything:
        command: click.Command = cli
        for word in words:
            assert isinstance(command, click.Group)
            command = command.commands[word]
        assert command.help, words
        for option in command.params:
            if isinstance(option, click.Option) and option.name not in {"version", "host", "port"}:
                assert option.help, (words, option.name)
    shown = subprocess.run(
        [sys.executable, "-m", "tongpin", "--help"], capture_output=True, text=True, timeout=60
    )
    assert shown.returncode == 0
    for name in ("serve", "do", "member", "token", "doctor", "backup", "restore", "bet"):
        assert f"  {name}" in shown.stdout


def test_do_lists_actions_and_their_input(served):
    listed = served.run("do", "--list").stdout
    assert "workspaces.member.invite" in listed
    assert "goals.lookback.create" in listed
    shown = json.loads(served.run("do", "workspaces.member.invite", "--list").stdout)
    assert set(shown["input"]["properties"]) == {"email", "role", "days"}
    assert "no action named" in refused(served, "do", "workspaces.member.explode", "--list")


def test_do_acts_once_per_key_and_can_be_taken_back(served):
    words = ("do", "workspaces.member.invite", "--json", '{"email": "once@acme.example"}', "--once", "k1")
    first, again = (json.loads(served.run(*words).stdout) for _ in range(2))
    assert (first["repeated"], again["repeated"]) == (False, True)
    assert [event["name"] for event in first["events"]] == ["workspaces.invitation_created"]
    assert again["events"] == []
    undo = first["undo"]
    back = json.loads(
        served.run(
            "do", undo["action"], "--target", undo["target"], "--json", json.dumps(undo["data"])
        ).stdout
    )
    assert [event["name"] for event in back["events"]] == ["workspaces.invitation_revoked"]
    assert "different request" in refused(
        served, "do", "workspaces.member.invite", "--json", '{"email": "other@acme.example"}', "--once", "k1"
    )


def test_do_shows_a_link_that_people_come_in_by(served):
    made = json.loads(served.run("do", "workspaces.invitation.create_link").stdout)
    assert made["shown_once"].startswith(f"{served.address}/invite/")
    assert requests.get(made["shown_once"], timeout=20).status_code == 200


def test_do_reads_standard_input_and_keeps_any_script(served):
    title = "续费率 📈 Überprüfung العربية"
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tongpin",
            "do",
            "goals.lookback.rename",
            "--target",
            served.made["lookback"],
            "--json",
            "-",
        ],
        input=json.dumps({"title": title}),
        env=served.environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    with database(served) as connection:
        assert connection.execute("SELECT title FROM goals_lookback").fetchall() == [(title,)]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("do", "workspaces.member.invite", "--json", "{"), "--json is not JSON"),
        (("do", "workspaces.member.invite", "--json", "[]"), "must be an object"),
        (("do", "workspaces.member.invite", "--json", "[" * 100_000), "--json is not JSON"),
        (("do", "workspaces.member.invite", "--json", "{}"), "email"),
        (("do", "workspaces.member.invite", "--json", '{"email": "x@acme.example", "rank": 1}'), "rank"),
        (("do", "workspaces.member.invite", "--json", '{"email": "a\\u0000b@acme.example"}'), "email"),
        (("do", "workspaces.workspace.edit", "--json", '{"name": "a\\u0000b"}'), "target"),
        (("do", "workspaces.nothing.at_all"), "no action named"),
        (("do", "goals.lookback.rename", "--target", "nonsense"), "not an id"),
        (
            (
                "do",
                "goals.lookback.rename",
                "--target",
                "0198c000-0000-7000-8000-000000000000",
                "--json",
                '{"title": "x"}',
            ),
            "does not exist",
        ),
        (
            (
                "do",
                "workspaces.member.invite",
                "--json",
                '{"email": "x@acme.example"}',
                "--as",
                "guest@acme.example",
            ),
            "access",
        ),
        (
            ("do", "workspaces.member.invite", "--json", '{"email": "x@acme.example"}', "-w", "nowhere"),
            "No such active member",
        ),
        (
            ("do", "workspaces.member.invite", "--json", '{"email": "x@acme.example"}', "--as", "\udcff@x"),
            "cannot be stored",
        ),
        (("member", "invite", "not an address"), "email"),
        (("member", "invite", "member@acme.example"), "already"),
        (("member", "role", "nobody@acme.example", "guest"), "No member has the address"),
        (("member", "role", "owner@acme.example", "guest"), "owner"),
        (("member", "role", "member@acme.example", "emperor"), "emperor"),
        (("token", "create", "t", "--scope", "everything:always"), "everything:always"),
        (("token", "revoke", "nonsense"), "not an id"),
        (("token", "revoke", "0198c000-0000-7000-8000-000000000000"), "does not exist"),
        (("restore", "/nonexistent.tar"), "/nonexistent.tar"),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_reason(served, words, says):
    before = written(served)
    assert says in refused(served, *words)
    assert written(served) == before


def written(served: Served) -> tuple[int, int]:
    """How many events and mails there are."""
    with database(served) as connection:
        counts = "SELECT (SELECT count(*) FROM events_event), (SELECT count(*) FROM mail_outboxmail)"
        return connection.execute(counts).fetchone()


def test_members_are_listed_invited_changed_and_deactivated(served):
    assert "周一诺" in served.run("member", "list").stdout
    invited = json.loads(served.run("member", "invite", "new@acme.example", "--role", "guest").stdout)
    assert invited["events"][0]["name"] == "workspaces.invitation_created"
    served.run("member", "role", "guest@acme.example", "member")
    served.run("member", "deactivate", "guest@acme.example")
    line = next(row for row in served.run("member", "list").stdout.splitlines() if "guest@" in row)
    assert " member " in line
    assert "(deactivated)" in line


def test_a_token_works_until_it_is_revoked(served):
    secret = served.run(
        "token", "create", "script", "--scope", "workspaces:read", "--days", "0"
    ).stdout.strip()
    address = f"{served.address}/api/v1/me"
    bearer = {"Authorization": f"Bearer {secret}"}
    assert requests.get(address, headers=bearer, timeout=30).status_code == 200
    line = next(row for row in served.run("token", "list").stdout.splitlines() if "  script  " in row)
    assert secret not in line
    served.run("token", "revoke", line.split()[0])
    assert requests.get(address, headers=bearer, timeout=30).status_code == 401


def test_upkeep_runs_beside_the_server(served):
    assert "Database: up to date." in served.run("migrate").stdout
    assert "documents indexed" in served.run("reindex").stdout
    assert served.ready()


def test_a_second_server_on_the_folder_is_refused(served):
    said = refused(served, "serve", "--port", "0", code=3)
    assert "already served" in said
    assert str(served.process.pid) in said
    port = served.address.rpartition(":")[2]
    assert f"process {served.pid('store')}" in refused(served, "store", code=3)
    other = served.data.with_name("other")
    assert "can't be used" in refused(served, "serve", "--port", port, code=3, TONGPIN_DATA=str(other))


def test_without_a_database_every_command_says_so(served, tmp_path):
    alone = {"TONGPIN_DATA": str(tmp_path)}
    for words in (
        ("member", "list"),
        ("token", "list"),
        ("reindex",),
        ("migrate",),
        ("backup", str(tmp_path / "b.tar")),
        ("do", "workspaces.member.invite", "--json", '{"email": "x@acme.example"}'),
    ):
        said = refused(served, *words, code=3, **alone)
        assert "tongpin serve" in said, (words, said)


def test_a_folder_that_cannot_be_is_said_plainly(served, tmp_path):
    (tmp_path / "file").write_text("")
    for words in (("doctor",), ("serve",), ("member", "list")):
        said = refused(served, *words, TONGPIN_DATA=str(tmp_path / "file" / "data"))
        assert "Not a directory" in said
    assert "DATABASE_URL must begin" in refused(served, "doctor", DATABASE_URL="mysql://x/y")


@pytest.mark.parametrize("name", ["TONGPIN_SIGN_UP", "TONGPIN_VERIFY_EMAIL"])
def test_a_setting_with_an_unknown_word_is_refused_at_start(name, served, tmp_path):
    """A server that took “invite” for “open” would let anybody in."""
    for words in (("doctor",), ("serve",), ("web",), ("member", "list")):
        said = refused(served, *words, TONGPIN_DATA=str(tmp_path / "data"), **{name: "invite"})
        assert f"{name} is “invite”; it may be " in said


def test_the_terminal_may_be_chinese(served):
    said = refused(
        served, "do", "workspaces.member.invite", "--json", "{}", LANG="zh_CN.UTF-8", PYTHONIOENCODING="utf-8"
    )
    assert any("\u4e00" <= letter <= "\u9fff" for letter in said)
    for words in (
        ("do", "no.such.action"),
        ("member", "list", "--as", "no@one.example"),
        ("token", "revoke", "x"),
    ):
        said = refused(served, *words, LANG="zh_CN.UTF-8", PYTHONIOENCODING="utf-8")
        assert all(any("\u4e00" <= c <= "\u9fff" for c in line) for line in said.splitlines()), said


def test_scripts_get_exit_codes_and_nothing_else_on_standard_output(served):
    words = list(chain(["do", "workspaces.member.invite", "--json"], ['{"email": "script@acme.example"}']))
    done = subprocess.run(
        [sys.executable, "-m", "tongpin", *words],
        env={**os.environ, **served.environment},
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == 0
    json.loads(done.stdout)


def test_keys_are_rotated_and_what_was_signed_still_counts(served):
    secret = served.data / "keys" / "secret"
    before = secret.read_text()
    signed = last_line(served.script("from django.core import signing; print(signing.dumps('link'))"))
    said = served.run("rotate-keys").stdout
    assert "Start `tongpin serve` again" in said
    assert secret.read_text() != before
    assert (secret.with_name("secret.old")).read_text() == before
    ask = f"from django.core import signing; print(signing.loads({signed!r}))"
    assert last_line(served.script(ask)) == "link"
    served.run("rotate-keys", "--forget")
    assert sorted(path.name for path in secret.parent.iterdir()) == ["keyring", "secret"]
    with pytest.raises(AssertionError, match="BadSignature"):
        served.script(ask)
    assert "set by you" in served.run("rotate-keys", TONGPIN_SECRET_KEY="x" * 50).stdout
