"""Backup and restore of the store while it runs, in files any ClickHouse reads.

Each partition of each table is a snapshot of its own, as ``FORMAT Native`` compressed with zstd, and a manifest
that names them with rows and checksums. ``BACKUP … TO File`` (chDB has it) is faster, but its folder lies on the
server's disk and ties the backup to it; these files also carry a store from the embedded engine to a cluster.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Generator
from pathlib import Path
from typing import Any

from backports import zstd
from clickhouse_connect.driver.client import Client

from tongpin.kernel.store import client, schema

FORMAT = 1
MANIFEST = "manifest.json"
_CHUNK = 1 << 20
_LEVEL = 3
# Copying a large partition takes longer than a question may.
_LONG = {"max_execution_time": 600}
_SUFFIX = "__restoring"


class ArchiveError(Exception):
    """The files are no whole backup, or one this version cannot read; nothing was changed."""


def backup(target_dir: Path) -> dict[str, Any]:
    """Write the store's contents into the existing empty folder ``target_dir``; returns the manifest.

    Take the backup of PostgreSQL first: an event that is in both is told apart by its uid, the other way round it
    would be lost. Raises StoreUnavailable, or OSError from the disk.
    """
    schema.migrate()  # a store that was never asked for anything is backed up too
    applied = schema.applied()
    tables = []
    for table in _tables():
        columns = _columns(table)
        files = []
        partitions = client.query(
            f"SELECT DISTINCT _partition_id FROM {table} ORDER BY 1"  # noqa: S608  a name out of system.tables
        ).rows
        for place, (partition,) in enumerate(partitions):
            name = f"{table}.{place:04}.native.zst"
            files.append(_save(target_dir / name, table, columns, partition))
        tables.append({"table": table, "columns": columns, "files": files})
    manifest = {"format": FORMAT, "migration": max(applied, default=0), "tables": tables}
    (target_dir / MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")
    return manifest


def check(source_dir: Path) -> None:
    """Raise ArchiveError unless the files are a whole backup this version can read. Asks no store."""
    newest = max((each.number for each in schema.migrations()), default=0)
    if _checked(source_dir)["migration"] > newest:
        raise ArchiveError("The backup was made by a newer version. Update, then restore.")


def restore(source_dir: Path) -> None:
    """Replace the store's contents by those of ``source_dir``. Readers see a table's old rows or its new ones.

    The files are checked before anything is changed. Raises ArchiveError, StoreUnavailable.
    """
    manifest = _checked(source_dir)
    schema.migrate()
    if manifest["migration"] > max(schema.applied(), default=0):
        raise ArchiveError("The backup was made by a newer version. Update, then restore.")
    saved = {each["table"]: each for each in manifest["tables"]}
    present = _tables()
    unknown = sorted(set(saved) - set(present))
    if unknown:
        raise ArchiveError(f"The backup has tables this version does not know: {', '.join(unknown)}.")
    clause = f" ON CLUSTER {schema.cluster()}" if schema.cluster() else ""
    for table in present:
        draft = f"{table}{_SUFFIX}"
        client.command(f"DROP TABLE IF EXISTS {draft}{clause} SYNC")
        client.command(f"CREATE TABLE {draft}{clause} AS {table}")
        for file in saved.get(table, {"files": []})["files"]:
            _load(source_dir / file["name"], draft, saved[table]["columns"])
        client.command(f"EXCHANGE TABLES {table} AND {draft}{clause}")
        client.command(f"DROP TABLE {draft}{clause} SYNC")


def _tables() -> list[str]:
    rows = client.query(
        "SELECT name FROM system.tables WHERE database = {database:String} AND engine LIKE '%MergeTree'"
        " AND name != {applied:String} AND NOT endsWith(name, {suffix:String}) ORDER BY name",
        {"database": client.place().database, "applied": schema.APPLIED, "suffix": _SUFFIX},
    ).rows
    return [name for (name,) in rows]


def _columns(table: str) -> list[str]:
    rows = client.query(
        "SELECT name FROM system.columns WHERE database = {database:String} AND table = {table:String}"
        " AND default_kind NOT IN ('ALIAS', 'MATERIALIZED') ORDER BY position",
        {"database": client.place().database, "table": table},
    ).rows
    return [name for (name,) in rows]


def _save(file: Path, table: str, columns: list[str], partition: str) -> dict[str, Any]:
    """Write one partition; its name, size and checksum. Doubles not yet merged are written as they are."""
    chosen = ", ".join(f"`{each}`" for each in columns)
    sql = f"SELECT {chosen} FROM {table} WHERE _partition_id = {{partition:String}}"  # noqa: S608

    def work(each: Client) -> tuple[str, int]:
        digest, size = hashlib.sha256(), 0
        packer = zstd.ZstdCompressor(level=_LEVEL)
        with (
            each.raw_stream(sql, parameters={"partition": partition}, settings=_LONG, fmt="Native") as answer,
            file.open("wb") as out,
        ):
            while chunk := answer.read(_CHUNK):
                packed = packer.compress(chunk)
                digest.update(packed)
                size += out.write(packed)
            packed = packer.flush()
            digest.update(packed)
            size += out.write(packed)
        return digest.hexdigest(), size

    checksum, size = client.run(work, repeatable=True)
    return {"name": file.name, "sha256": checksum, "bytes": size}


def _load(file: Path, table: str, columns: list[str]) -> None:
    # A token of its own: a repeat after a lost connection is taken once, the same backup restored again is not.
    options = {"insert_deduplication_token": uuid.uuid4().hex}

    def work(each: Client) -> None:
        each.raw_insert(
            table, columns, _pieces(file), fmt="Native", compression="zstd", settings={**options, **_LONG}
        )

    client.run(work, repeatable=True)


def _pieces(file: Path) -> Generator[bytes, None, None]:
    with file.open("rb") as source:
        while chunk := source.read(_CHUNK):
            yield chunk


def _checked(source_dir: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((source_dir / MANIFEST).read_text("utf-8"))
        if manifest["format"] != FORMAT:
            raise ArchiveError(
                f"The store's backup has format {manifest['format']}, this version reads {FORMAT}."
            )
        files = [file for table in manifest["tables"] for file in table["files"]]
        for file in files:
            digest = hashlib.sha256()
            for piece in _pieces(source_dir / file["name"]):
                digest.update(piece)
            if digest.hexdigest() != file["sha256"]:
                raise ArchiveError(f"{file['name']} is damaged: its checksum is another.")
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise ArchiveError(f"This is no whole backup of the store: {problem}") from problem
    return manifest
