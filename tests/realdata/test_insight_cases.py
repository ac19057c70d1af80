"""Every insight gives what the worked examples say, from HTTP capture to generated SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.realdata import answers
from tests.realdata.insights import CASES, Case, bring_in, cases, same
from tongpin.kernel.store import client, schema
from tongpin.kernel.store.tests.conftest import StoreProcess, _running
from tongpin.modules.analytics.insights import running

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CASES.exists(), reason=f"no worked examples in {CASES}"),
]
ASKED = cases(*answers.FORMS) if CASES.exists() else []


@pytest.fixture(scope="module")
def _store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreProcess]:
    yield from _running(tmp_path_factory.mktemp("insights") / "store")


@pytest.fixture(scope="module")
def known() -> dict[Path, UUID]:
    """Which events the store has already, and as whose."""
    return {}


@pytest.fixture
def loaded(
    _store: StoreProcess, known: dict[Path, UUID], settings: Any, monkeypatch: pytest.MonkeyPatch, people: Any
) -> Callable[[Case], UUID]:
    """The workspace that holds the events of a case: they come in once for all cases of a file."""
    monkeypatch.delenv("CLICKHOUSE_URL", raising=False)
    settings.DATA = _store.folder.parent
    client._forget()
    schema.migrate()

    def load(case: Case) -> UUID:
        if case.events not in known:
            bring_in(people.workspace, case.rows())
            known[case.events] = people.workspace.public_id
        return known[case.events]

    return load


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in ASKED])
def test_the_answer_is_the_expected_table(loaded: Callable[[Case], UUID], case: Case) -> None:
    scope = case.scope(loaded(case))
    question = running.read(answers.asked(case.query))
    got = answers.FORMS[case.query["kind"]](case, running.answer(question, scope).result)
    assert same(case.expected, got, subset=case.subset), f"expected {case.expected}, got {got}"
