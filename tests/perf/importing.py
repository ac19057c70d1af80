"""How long `tongpin events import` takes for a large file, until its rows are handed in and until all are in the store.

    python tests/perf/importing.py [ROWS]

The file has six columns. The ratio is against reading the same file with the csv module and doing nothing else.
"""

from __future__ import annotations

import csv
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import lab

SOURCE = """
print(run_named("analytics.source.create", Actor.in_workspace(User.objects.get(), "perf"), {"name": "Shop"}).value.pk)
"""


def write(path: Path, rows: int) -> None:
    """A file of ``rows`` events of a shop over 180 days, in the order of their times."""
    draw = random.Random(1)
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["user_id", "event", "timestamp", "page", "amount", "platform"])
        for n in range(rows):
            at = 1_767_225_600 + n * (180 * 86_400) // rows
            when = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at))
            page, amount = f"/item/{draw.randrange(500)}", f"{draw.uniform(1, 200):.2f}"
            event = draw.choice(["view", "add", "pay"])
            out.writerow(
                [f"u{draw.randrange(20_000)}", event, when, page, amount, draw.choice(["ios", "web"])]
            )


def read(path: Path) -> float:
    """Seconds the csv module alone takes for the file."""
    began = time.monotonic()
    with path.open(newline="") as file:
        for _row in csv.reader(file):
            pass
    return time.monotonic() - began


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder, lab.server() as (served, _token):
        served.script(lab.HEAD + SOURCE)
        path = Path(folder) / "events.csv"
        write(path, rows)
        lab.heading(f"{rows} rows, {path.stat().st_size / 1e6:.0f} MB")
        bare = read(path)
        lab.use_in_this_process(served)
        from tongpin.kernel.store import client

        def stored() -> int:
            return client.query("SELECT count() FROM events").rows[0][0]

        for attempt in ("first", "the same file again"):
            began = time.monotonic()
            command = [served.python, "-m", "tongpin", "events", "import", str(path), "--zone", "UTC"]
            subprocess.run(command, env=served.environment, check=True, capture_output=True)
            handed = time.monotonic() - began
            while stored() < rows:
                time.sleep(0.2)
            all_in = time.monotonic() - began
            print(f"{attempt}: handed in after {handed:.1f} s, in the store after {all_in:.1f} s")
            print(f"  {rows / all_in:,.0f} rows/s, {all_in / bare:.0f} × reading it with csv alone")
        assert stored() == rows


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500_000)
