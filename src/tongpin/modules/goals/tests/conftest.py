from __future__ import annotations

import json
from pathlib import Path

import pytest

from tongpin.modules.goals import actions
from tongpin.modules.goals.tests.steps import create

RESULT = Path(__file__).with_name("result.json")
"""A saved result of version 1, as an earlier day wrote it: what is stored must stay readable."""


@pytest.fixture
def result():
    """The saved result as JSON."""
    return json.loads(RESULT.read_text())


@pytest.fixture
def concluded(actor_of, result):
    """A look back of the owner with its result, without computing one."""
    from tongpin.kernel.tenancy.actor import Actor

    owner = actor_of("owner")
    row = create(owner)
    actions.evaluate_lookback.run(owner, target=row)
    server = Actor.system(owner.workspace)
    actions.start_lookback.run(server, {"run": 1}, target=row)
    return actions.record_result.run(server, {"run": 1, "result": result}, target=row).value
