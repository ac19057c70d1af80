"""Secrets that must be read again, such as an authenticator app's key: kept encrypted, the key not in the database.

The keys lie in ``TONGPIN_DATA/keys/keyring``, newest first, one a line; backups leave them out unless asked. A module
whose rows hold such secrets registers how to rewrite them, so that ``tongpin rotate-keys`` can.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tongpin.kernel.errors import DomainError
from tongpin.lib import private_file

#: Passes every secret a module keeps through the function it is given, and saves what comes back; the number of them.
Rewrite = Callable[[Callable[[str], str]], int]

_rewrites: dict[str, Rewrite] = {}


class KeyLost(DomainError):
    """The key this was encrypted with is not in the keyring any more."""

    status = 503
    code = "key_lost"

    def __init__(self) -> None:
        super().__init__(
            _("This server no longer has the key to something it keeps for you."),
            hint=_("Tell the person who runs the server: `tongpin doctor` says what to do."),
        )


@dataclass(frozen=True, slots=True)
class _Ring:
    """The keyring as read; ``seen`` tells whether the file is still the one that was read."""

    seen: tuple[int, int]
    keys: tuple[str, ...]

    @property
    def cipher(self) -> MultiFernet:
        return MultiFernet([Fernet(key) for key in self.keys])


_read: _Ring | None = None


def register(name: str, rewrite: Rewrite) -> None:
    """Say how a kind of kept secret is rewritten. Called from ``ready()``."""
    _rewrites[name] = rewrite


def encrypt(text: str) -> str:
    """``text`` as it may be kept: with the newest key."""
    return _ring().cipher.encrypt(text.encode()).decode("ascii")


def decrypt(kept: str) -> str:
    """What ``encrypt`` was given. Raises KeyLost."""
    try:
        return _ring().cipher.decrypt(kept.encode()).decode()
    except InvalidToken:
        raise KeyLost from None


def rotate(*, forget: bool = False) -> dict[str, int]:
    """Put a new key first and rewrite everything kept with it; how many secrets of each kind.

    The key before stays, for what was written meanwhile and for the last backup; those before that go, and with
    ``forget`` all of them. Raises KeyLost, with nothing rewritten and every key kept, where something cannot be read.
    """
    before = _ring().keys
    new = Fernet.generate_key().decode("ascii")
    _write((new, *before))
    with transaction.atomic():
        done = {name: rewrite(lambda kept: encrypt(decrypt(kept))) for name, rewrite in _rewrites.items()}
    _write((new, *(() if forget else before[:1])))
    return done


def unreadable() -> int:
    """How many kept secrets have lost their key."""
    lost = 0

    def probe(kept: str) -> str:
        nonlocal lost
        try:
            decrypt(kept)
        except KeyLost:
            lost += 1
        return kept

    with transaction.atomic():
        for rewrite in _rewrites.values():
            rewrite(probe)
        transaction.set_rollback(True)
    return lost


def _file() -> Path:
    return Path(settings.DATA) / "keys" / "keyring"


def _ring() -> _Ring:
    """The keyring as it is now: another process may have rotated it since it was read here."""
    global _read
    file = _file()
    with suppress(FileNotFoundError):
        if _read is not None and _read.seen == _sign(file):
            return _read
    text = private_file.made_once(file, lambda: Fernet.generate_key().decode("ascii"))
    _read = _Ring(_sign(file), tuple(text.split()))
    return _read


def _sign(file: Path) -> tuple[int, int]:
    found = file.stat()
    return found.st_ino, found.st_mtime_ns


def _write(keys: tuple[str, ...]) -> None:
    private_file.replace(_file(), "\n".join(keys))
