"""Whatever is kept encrypted is written anew by ``tongpin rotate-keys``: a column that is not would be lost by it."""

from __future__ import annotations

from pathlib import Path

import tongpin
from tongpin.kernel import keyring

#: Each file that encrypts, and the rewrite that covers what it keeps; None where it is kept in the cache alone.
COVERED = {
    "kernel/push/keys.py": "push.key",
    "modules/analytics/models/dashboard.py": "analytics.dashboard_links",
    "modules/digests/actions/robot.py": "digests.robots",
    "modules/workspaces/im/wecom.py": None,  # a token of two hours: without its key it is fetched again
    "modules/workspaces/second_factor.py": "workspaces.second_factor",
}


def encrypting() -> set[str]:
    source = Path(tongpin.__file__).parent
    return {
        path.relative_to(source).as_posix()
        for path in source.rglob("*.py")
        if "keyring.encrypt" in path.read_text() and "tests" not in path.parts
    }


def test_every_place_that_encrypts_is_known():
    assert encrypting() == set(COVERED)


def test_and_its_rewrite_is_registered():
    assert {name for name in COVERED.values() if name} == set(keyring._rewrites)
