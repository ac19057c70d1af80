from __future__ import annotations

import pytest
from click.testing import CliRunner
from django.utils import translation

from tongpin.config.cli.access import unlock

pytestmark = pytest.mark.django_db


def test_a_workspace_that_shut_everyone_out_is_opened(people):
    people.workspace.allowed_networks = ["10.1.0.0/16"]
    people.workspace.save()
    with translation.override("en"):
        done = CliRunner().invoke(unlock, ["--workspace", "acme"], env={"LC_ALL": "C"})
    assert done.output == "Acme is open to every address.\n", done.output
    people.workspace.refresh_from_db()
    assert people.workspace.allowed_networks == []
