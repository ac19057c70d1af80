"""``python -m tongpin.kernel.store --data DIR``: run the store in the foreground until SIGTERM."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from tongpin.kernel.store.server import StoreInUse, serve


def main() -> int:
    """Exit status: 0 after a stop that was asked for, 3 if another process serves the folder."""
    parser = argparse.ArgumentParser(prog="python -m tongpin.kernel.store", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the store's data folder")
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--port", type=int, default=0, help="0: the port of the last run, or any free one")
    parser.add_argument("--memory-limit", type=int, default=None, help="bytes for all queries together")
    parser.add_argument("--max-execution-time", type=float, default=30.0, help="seconds one read may take")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        serve(given.data, given.host, given.port, given.memory_limit, given.max_execution_time)
    except StoreInUse as problem:
        sys.stderr.write(f"{problem}\n")
        return 3
    except ValueError as problem:
        parser.error(str(problem))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
