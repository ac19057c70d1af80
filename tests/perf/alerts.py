"""``python -m tests.perf.alerts [runs]``: false alarms in 100 days and 25 % spikes found, by kind of series
(measuring.md §6: .04 to .9, and 72 to 99 %)."""

from __future__ import annotations

import sys
import time

from tongpin.lib.effects.simulation import KINDS
from tongpin.lib.effects.tests.test_alarms import false_alarms, found


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    for kind in KINDS:
        began = time.perf_counter()
        alarms, spikes = false_alarms(kind, runs, 56), found(kind, runs)
        took = time.perf_counter() - began
        print(
            f"{kind:15} {alarms:5.2f} in 100 days  {spikes:4.0%} of spikes found  ({took:.0f} s)", flush=True
        )


if __name__ == "__main__":
    main()
