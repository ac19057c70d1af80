from __future__ import annotations

from typing import Any

import pytest

from tongpin.kernel import keyring
from tongpin.kernel.push import keys
from tongpin.kernel.push.models import PushKey

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_keyring(settings: Any, tmp_path: Any) -> None:
    settings.DATA = tmp_path


def test_there_is_one_pair_and_the_database_does_not_hold_its_secret() -> None:
    assert keys.public() == keys.public()
    assert "PRIVATE KEY" in keys.private()
    (row,) = PushKey.objects.all()
    assert "PRIVATE" not in row.private


def test_it_outlives_new_keys_of_the_server() -> None:
    public, private = keys.public(), keys.private()
    assert keyring.rotate(forget=True)["push.key"] == 1
    assert (keys.public(), keys.private()) == (public, private)


def test_where_the_keyring_is_lost_a_new_pair_is_made_when_a_browser_asks(
    settings: Any, tmp_path: Any
) -> None:
    before = keys.public()
    settings.DATA = tmp_path / "another"
    settings.DATA.mkdir()
    with pytest.raises(keyring.KeyLost):
        keys.private()
    assert keys.public() != before
    assert "PRIVATE KEY" in keys.private()
