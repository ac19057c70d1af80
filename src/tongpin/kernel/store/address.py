"""Where the embedded store listens: ``connection.json`` in its data folder, readable by its owner only."""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

FILE = "connection.json"
USER = "tongpin"


@dataclass(frozen=True)
class Address:
    """``url`` without credentials, the ``token`` every request must carry, the ``pid`` that serves."""

    url: str
    token: str
    pid: int

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or "127.0.0.1"

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 0


def new_token() -> str:
    """A random token for a new data folder."""
    return secrets.token_urlsafe(32)


def read(data_dir: Path) -> Address | None:
    """The address last written in ``data_dir``, or None if there is none or it cannot be read."""
    try:
        raw = json.loads((data_dir / FILE).read_text("utf-8"))
        return Address(url=str(raw["url"]), token=str(raw["token"]), pid=int(raw["pid"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(data_dir: Path, address: Address) -> None:
    """Replace ``connection.json`` atomically, mode 0600."""
    handle, name = tempfile.mkstemp(prefix=".connection-", dir=data_dir)  # mkstemp makes it 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(asdict(address), file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, data_dir / FILE)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
