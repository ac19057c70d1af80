"""Parquet files, read by the engine we have already, in a process of its own: one process may run one engine only, and
a hostile file ends that process alone.

``python -m tongpin.kernel.store.parquet FILE`` prints the rows as JSON lines; with ``--columns`` the names only, with
``--count`` how many there are.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any

#: 64-bit integers stay numbers; times are ISO 8601, in UTC or, where the file names no zone, without an offset; a value
#: that JSON cannot say (NaN) is null.
_OPTIONS = (
    "SETTINGS output_format_json_quote_64bit_integers = 0, output_format_json_quote_denormals = 0, "
    "date_time_output_format = 'iso', max_threads = 1, session_timezone = 'UTC'"
)


class Unreadable(Exception):
    """It is no Parquet file, or a damaged one; the text is the engine's."""


def columns(path: Path) -> list[str]:
    """Names of the columns. Raises Unreadable."""
    return [json.loads(line)["name"] for line in _run(path, "--columns")]


def count(path: Path) -> int:
    """How many rows it has. Raises Unreadable."""
    return sum(int(json.loads(line)["n"]) for line in _run(path, "--count"))


def rows(path: Path) -> Iterator[bytes]:
    """Each row as one line of JSON. Raises Unreadable, perhaps after some rows."""
    return _run(path)


def _run(path: Path, *options: str) -> Iterator[bytes]:
    # The engine takes signs in a path for a pattern, so it gets a plain name; what it says goes to a file, since nobody
    # reads it while the rows are read.
    with TemporaryDirectory() as folder, TemporaryFile() as errors:
        plain = Path(folder) / "rows.parquet"
        plain.symlink_to(path.resolve())
        command = [sys.executable, "-m", "tongpin.kernel.store.parquet", *options, str(plain)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors) as process:
            assert process.stdout is not None
            try:
                yield from process.stdout
            finally:
                process.stdout.close()
                process.wait()
        errors.seek(0)
        said = errors.read().decode(errors="replace").strip()
    if process.returncode != 0:
        raise Unreadable(said.splitlines()[-1][:500] if said else f"ended with {process.returncode}")


def _chosen(session: Any, file: str) -> str:
    """All columns; times without a zone, which are their reader's to place, as text: the clock on the wall they are."""
    sql = f"SELECT arrayJoin(columns) AS c, c.path AS path, c.logical_type AS type FROM {file[:-1]}Metadata)"  # noqa: S608
    said = [json.loads(line) for line in session.query(sql, "JSONEachRow").bytes().splitlines()]
    described = session.query(f"DESCRIBE TABLE {file}", "JSONEachRow").bytes().splitlines()
    whole = {
        json.loads(line)["name"] for line in described
    }  # a part of a nested one cannot be chosen by itself
    zoneless = [
        each["path"] for each in said if "isAdjustedToUTC=false" in each["type"] and each["path"] in whole
    ]
    names = ["`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`" for name in zoneless]
    return "*" + (f" REPLACE ({', '.join(f'toString({name}) AS {name}' for name in names)})" if names else "")


def _main(arguments: list[str]) -> int:
    import chdb.session  # noqa: PLC0415  only the child process may load the engine

    file = f"file('{arguments[-1]}', Parquet)"
    try:
        with chdb.session.Session() as session:
            if arguments[0] == "--columns":
                sys.stdout.buffer.write(session.query(f"DESCRIBE TABLE {file}", "JSONEachRow").bytes())
                return 0
            if arguments[0] == "--count":
                counted = session.query(f"SELECT toUInt32(count()) AS n FROM {file}", "JSONEachRow")  # noqa: S608
                sys.stdout.buffer.write(counted.bytes())
                return 0
            sql = f"SELECT {_chosen(session, file)} FROM {file} {_OPTIONS}"  # noqa: S608  a name of ours
            with session.send_query(sql, "JSONEachRow") as answer:
                for piece in answer:
                    sys.stdout.buffer.write(piece.bytes())
    except RuntimeError as error:
        sys.stderr.write(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
