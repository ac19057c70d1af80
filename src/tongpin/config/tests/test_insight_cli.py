"""``tongpin insight``: the same questions, answers and refusals as on the pages."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from django.utils import translation

from tongpin.config.cli.insight import insight
from tongpin.modules.analytics.actions.insight import save_insight
from tongpin.modules.analytics.tests.conftest import _store, store
from tongpin.modules.analytics.tests.events import arrive, event

__all__ = ["_store", "store"]

pytestmark = pytest.mark.django_db(transaction=True)

PAID = {
    "kind": "trends",
    "from": "2026-02-27",
    "to": "2026-03-03",
    "series": [{"event": "paid", "math": "total"}],
}
TEXT = json.dumps(PAID)


@pytest.fixture
def world(people, store):
    arrive(people.workspace, event("ann", "paid", 0), event("ann", "paid", 60), event("bo", "paid", 30))
    return people


def run(*words: str, language: str = "C", given: str = ""):
    with translation.override("en"):
        return CliRunner().invoke(
            insight, [*words, "--workspace", "acme"], input=given, env={"LC_ALL": language}
        )


def test_the_same_question_in_each_way(world, actor_of, tmp_path):
    row = save_insight.run(actor_of("member"), {"name": "每日付费 📈", "question": PAID}).value
    (tmp_path / "q.json").write_text("\ufeff" + TEXT, "utf-8")
    answers = [
        run("--json", TEXT),
        run("--file", str(tmp_path / "q.json")),
        run("--file", "-", given=TEXT),
        run("--saved", "每日付费 📈"),
        run("--saved", str(row.public_id)),
    ]
    told = [json.loads(each.stdout) for each in answers]
    for each in told:
        assert each.pop("asked_at").endswith("+00:00")
    assert told == [told[0]] * 5
    assert told[0]["result"]["series"][0]["total"] == 3


def test_a_table_as_csv(world):
    lines = run("--json", TEXT, "--csv").stdout.lstrip("\ufeff").splitlines()
    assert len(lines) == 6
    assert "2026-03-01,3" in lines


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "one of --json, --file and --saved"),
        (["--json", TEXT, "--saved", "x"], "one of --json, --file and --saved"),
        (["--json", "{"], "This question cannot be read"),
        (["--json", json.dumps(PAID | {"from": "sometime"})], "This question cannot be read: trends.from"),
        (["--saved", "nothing"], "There is no saved insight “nothing”."),
    ],
)
def test_refusals_say_what_is_wrong(world, words, says):
    answer = run(*words)
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert says in answer.stderr


def test_a_name_that_two_have(world, actor_of):
    for _ in range(2):
        save_insight.run(actor_of("member"), {"name": "Sales", "question": PAID})
    answer = run("--saved", "Sales")
    assert answer.exit_code == 2
    assert "Several saved insights" in answer.stderr


def test_a_guest_asks_nothing(world):
    answer = run("--json", TEXT, "--as", "guest@acme.example")
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert "[denied]" in answer.stderr


def test_a_store_that_is_away(world, store):
    from tongpin.kernel.store import client

    store.stop()
    try:
        client._forget()
        answer = run("--json", TEXT)
        assert (answer.exit_code, answer.stdout) == (3, "")
        assert "[store_unavailable]" in answer.stderr
    finally:
        store.start()
