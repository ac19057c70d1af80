"""Keeps an insert that was cut off from being taken for done when it is sent again.

A MergeTree table without replication remembers the tokens of its last inserts in ``deduplication_logs``. The
engine writes the token down *before* it renames the finished part into place (seen with strace on 26.9). A process
killed between the two has the token and not the rows, and would answer the retry with success and drop it. So,
before the engine opens the folder, tokens whose part is not there are taken out of the log.
"""

from __future__ import annotations

import logging
import os
import re
from collections import defaultdict
from pathlib import Path

log = logging.getLogger("tongpin.store")

_ADDED, _DROPPED = b"1", b"2"
_PART = re.compile(r"(?P<partition>.+?)_(?P<first>\d+)_(?P<last>\d+)_\d+(_\d+)?\Z")
_NUMBER = re.compile(r"deduplication_log_(\d+)\.txt\Z")


def repair(engine_dir: Path) -> int:
    """Forget every token in ``engine_dir`` whose rows are not on disk; returns how many there were.

    Only while no engine has the folder open."""
    return sum(_repair_table(folder.parent) for folder in engine_dir.glob("store/*/*/deduplication_logs"))


def _repair_table(table: Path) -> int:
    files = sorted(
        (int(found.group(1)), file)
        for file in (table / "deduplication_logs").iterdir()
        if (found := _NUMBER.match(file.name))
    )
    if not files:
        return 0
    open_tokens: dict[bytes, bytes] = {}
    for _, file in files:
        content = file.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):  # a line cut off by a power failure, which the engine cannot read
            os.truncate(file, whole)
        for line in content[:whole].splitlines():
            operation, part, token = line.split(b"\t")
            if operation == _ADDED:
                open_tokens[token] = part
            elif operation == _DROPPED:
                open_tokens.pop(token, None)
    present = _blocks(table)
    lost = [(part, token) for token, part in open_tokens.items() if not _has(present, part.decode())]
    if lost:
        with files[-1][1].open("ab") as end:
            for part, token in lost:
                end.write(b"\t".join((_DROPPED, part, token)) + b"\n")
            end.flush()
            os.fsync(end.fileno())
        log.warning("%s: forgot %d tokens of inserts that were cut off", table.name, len(lost))
    return len(lost)


def _blocks(table: Path) -> dict[str, list[tuple[int, int]]]:
    """Partition to the ranges of block numbers its parts hold; a merged part covers those it was made of."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for entry in table.iterdir():
        part = _PART.match(entry.name)
        if part and not entry.name.startswith(("tmp", "delete_tmp")) and entry.is_dir():
            found[part["partition"]].append((int(part["first"]), int(part["last"])))
    return found


def _has(present: dict[str, list[tuple[int, int]]], name: str) -> bool:
    part = _PART.match(name)
    if part is None:
        return True  # not a name we know: leave it alone
    first, last = int(part["first"]), int(part["last"])
    return any(low <= first and last <= high for low, high in present[part["partition"]])
