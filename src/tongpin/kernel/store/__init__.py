"""The store: where events are queried. One engine, ClickHouse, embedded or a cluster.

With nothing set a process of its own (``server``) runs chDB behind ClickHouse's HTTP protocol on loopback:
every caller is the unmodified ``clickhouse-connect`` HTTP client (``client``) in either case. Only this
package imports ``chdb`` or ``clickhouse_connect``. The modules of the serving process (``server``, ``front``,
``wire``, ``engine``, ``dedup_log``, ``address`` and what they use) import neither Django nor the product, which is
why this file imports nothing of its own accord.
"""

from __future__ import annotations

from pathlib import Path


def backup(target_dir: Path) -> None:
    """Write the running store's contents into an empty folder; see ``archive.backup``."""
    from tongpin.kernel.store import archive  # noqa: PLC0415  the serving process loads this file, not Django

    archive.backup(target_dir)


def restore(source_dir: Path) -> None:
    """Replace the running store's contents by a backup; see ``archive.restore``."""
    from tongpin.kernel.store import archive  # noqa: PLC0415  as above

    archive.restore(source_dir)
