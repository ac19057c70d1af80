"""``tongpin segment``: the same segments, sizes and members as on the pages."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from django.utils import translation

from tongpin.config.cli.segment import segment
from tongpin.kernel.events.models import Event
from tongpin.modules.analytics.actions.segment import create_segment, delete_segment
from tongpin.modules.analytics.tests.conftest import _store, store
from tongpin.modules.analytics.tests.events import arrive, event

__all__ = ["_store", "store"]

pytestmark = pytest.mark.django_db(transaction=True)

NAME = "付费两次 💎"


@pytest.fixture
def kept(people, store, actor_of):
    """Ann, who paid twice."""
    arrive(people.workspace, event("ann", "paid", 0), event("ann", "paid", 60), event("bo", "paid", 30))
    rule = {"who": [{"event": "paid", "times": 2}]}
    return create_segment.run(actor_of("member"), {"name": NAME, "rule": rule}).value


def run(*words: str):
    with translation.override("en"):
        return CliRunner().invoke(segment, [*words, "--workspace", "acme"], env={"LC_ALL": "C"})


def test_they_are_listed_counted_and_taken_away(kept):
    [listed] = json.loads(run("list").stdout)["segments"]
    assert (listed["id"], listed["name"], listed["size"]) == (str(kept.public_id), NAME, None)
    for said in (NAME, str(kept.public_id)):
        told = json.loads(run("size", said).stdout)
        assert (told["size"], told["of"], told["days"]) == (1, 2, [])
    lines = run("export", NAME).stdout.lstrip("\ufeff").splitlines()
    assert len(lines) == 2
    assert ",ann," in lines[1]
    assert Event.objects.filter(name="analytics.segment_exported").count() == 1


def test_a_file_becomes_a_segment(kept, tmp_path):
    (tmp_path / "ids.csv").write_text("user_id\nann\nzoe\n")
    told = json.loads(run("upload", str(tmp_path / "ids.csv"), "--name", "Invited").stdout)
    assert (told["report"]["different"], told["report"]["found"]) == (2, 1)
    assert json.loads(run("size", "Invited").stdout)["size"] == 1
    (tmp_path / "none.csv").write_text("user_id\n")
    answer = run("upload", str(tmp_path / "none.csv"), "--name", "Nobody")
    assert answer.exit_code != 0
    assert "There is no id in it." in answer.stderr


def test_what_there_is_not_is_said(kept, actor_of):
    for command in ("size", "export"):
        answer = run(command, "Nothing")
        assert answer.exit_code != 0
        assert "There is no segment “Nothing”." in answer.stderr
    create_segment.run(actor_of("owner"), {"name": NAME, "rule": kept.rule})
    assert "Several segments" in run("size", NAME).stderr
    row = create_segment.run(
        actor_of("owner"), {"name": "Of those", "rule": {"who": [{"segment": str(kept.public_id)}]}}
    ).value
    delete_segment.run(actor_of("owner"), {}, target=kept)
    answer = run("size", str(row.public_id))
    assert answer.exit_code != 0
    assert "was deleted" in answer.stderr
