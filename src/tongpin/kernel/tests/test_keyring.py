"""The keyring: what is kept can be read until its key is gone, and no longer."""

from __future__ import annotations

import stat

import pytest
from cryptography.fernet import Fernet

from tongpin.kernel import keyring
from tongpin.kernel.keyring import KeyLost


@pytest.fixture
def kept(settings, tmp_path, monkeypatch):
    """A keyring of its own, and one module that keeps two secrets."""
    settings.DATA = tmp_path
    monkeypatch.setattr(keyring, "_read", None)
    rows = [keyring.encrypt("一"), keyring.encrypt("two")]

    def rewrite(change):
        rows[:] = [change(row) for row in rows]
        return len(rows)

    monkeypatch.setattr(keyring, "_rewrites", {"testing": rewrite})
    return rows


def texts(rows):
    return [keyring.decrypt(row) for row in rows]


def test_it_is_private_and_made_once(kept, tmp_path):
    file = tmp_path / "keys" / "keyring"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert texts(kept) == ["一", "two"]
    assert len(file.read_text().split()) == 1
    assert [path.name for path in file.parent.iterdir()] == ["keyring"]


@pytest.mark.django_db
def test_rotating_rewrites_everything_and_keeps_one_old_key(kept, tmp_path):
    before, backup = list(kept), kept[0]
    assert keyring.rotate() == {"testing": 2}
    assert texts(kept) == ["一", "two"]
    assert not set(kept) & set(before)
    assert keyring.decrypt(backup) == "一"  # the last backup can still be restored
    keyring.rotate()
    assert texts(kept) == ["一", "two"]
    with pytest.raises(KeyLost):
        keyring.decrypt(backup)
    assert len((tmp_path / "keys" / "keyring").read_text().split()) == 2


@pytest.mark.django_db
def test_a_stolen_key_is_forgotten_at_once(kept, tmp_path):
    stolen = Fernet((tmp_path / "keys" / "keyring").read_text())
    old = kept[0]
    keyring.rotate(forget=True)
    assert texts(kept) == ["一", "two"]
    assert stolen.decrypt(old) == "一".encode()
    with pytest.raises(KeyLost):
        keyring.decrypt(old)
    assert len((tmp_path / "keys" / "keyring").read_text().split()) == 1


@pytest.mark.django_db
def test_a_lost_key_is_counted_and_stops_a_rotation(kept, tmp_path):
    assert keyring.unreadable() == 0
    file = tmp_path / "keys" / "keyring"
    lost = file.read_text()
    file.unlink()
    assert keyring.unreadable() == 2
    before = list(kept)
    with pytest.raises(KeyLost):
        keyring.rotate(forget=True)
    assert kept == before
    file.write_text(f"{lost}\n{file.read_text()}")  # put back: nothing is lost
    assert texts(kept) == ["一", "two"]


def test_what_another_process_rotated_is_read_again(kept, tmp_path):
    file = tmp_path / "keys" / "keyring"
    new = Fernet.generate_key().decode()
    other = tmp_path / "keys" / "other"
    other.write_text(f"{new}\n{file.read_text()}")
    other.replace(file)
    assert Fernet(new).decrypt(keyring.encrypt("later").encode()) == b"later"
