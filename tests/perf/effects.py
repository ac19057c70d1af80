"""Reference results and interval coverage of the look back: ``make effects``, or with the number of series a kind.

    python tests/perf/effects.py [RUNS] [--second-opinion]

Prints each published reference set beside our two methods, then a seeded table of how often the 95 % interval
covers the truth on six kinds of series without effect (90 days before, 14 after), and on random walks with less to
go by. RUNS defaults to 100 of each kind (about a minute on two cores); sampling error of a share near .95 is 2
points at 100 and 1 at 500. Ends with 1 when a published result is not reproduced or a kind covers less than
chance explains (p < .005).
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# One thread a process: the matrices are small, and more threads only spin.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
sys.path.insert(0, str(ROOT / "src"))

from scipy import stats  # noqa: E402

from tongpin.lib.effects import references, simulation  # noqa: E402
from tongpin.lib.effects.types import Estimate  # noqa: E402

MEASURED = {
    "iid": 0.96,
    "AR .7": 0.99,
    "random walk": 0.95,
    "trend + AR": 0.98,
    "outliers": 0.93,
    "earlier shift": 1.00,
}
"""Coverage found when the method was chosen (measuring.md §4)."""

SHAPES = [(kind, 90, 14) for kind in simulation.KINDS] + [("random walk", 42, 14), ("random walk", 90, 28)]
"""Kind, days before, days after."""


def shown(estimate: Estimate | None) -> str:
    """An estimate with its interval, 24 characters wide."""
    if estimate is None or estimate.low is None or estimate.high is None:
        return " " * 24
    return f"{estimate.value:7.2f} [{estimate.low:6.2f},{estimate.high:6.2f}]".ljust(24)


def print_references() -> list[str]:
    """The comparison table, and what was not reproduced; says so when the folder is absent."""
    folder = Path(os.environ.get("TONGPIN_EFFECTS", ROOT.parent / "shared" / "cases" / "effects"))
    found = references.load(folder)
    print(f"Reference sets in {folder}: {len(found)} of {1 + len(references.R_SETS)}")
    if not found:
        print("  none; set TONGPIN_EFFECTS to the folder that holds causalimpact_vignette.json\n")
        return [f"no reference sets in {folder}"] if "TONGPIN_EFFECTS" in os.environ else []
    titles = ("published", "Gibbs, level .01", "Gibbs, level .1", "main method", "main with covariates")
    print(" " * 15 + "".join(title.ljust(25) for title in titles))
    wrong = []
    for reference in found:
        ours = references.reproduce(reference)
        cells = (reference.published, ours.gibbs, ours.second_opinion, ours.main, ours.main_with_covariates)
        print(reference.name.ljust(15) + " ".join(shown(cell) for cell in cells))
        wrong += references.deviations(ours)
    print(
        "Average effect a step, 95 %. The published priors are reproduced at level .01; .1 is the second opinion.\n"
        "The main method widens by t(2) where the past is shorter than three windows (all sets but seasonal).\n"
    )
    return wrong


def print_coverage(runs: int, second_opinion: bool) -> list[str]:
    """The simulation table, and the rows that cover too little."""
    wrong = []
    begin = time.monotonic()
    print(f"Coverage of the 95 % interval, no effect, {runs} seeded series a kind")
    heads = ("kind", "days", "covered", "measured", "half width", "second opinion" if second_opinion else "")
    print("".join(head.ljust(16) for head in heads).rstrip())
    with ProcessPoolExecutor(max_workers=min(2, os.cpu_count() or 1)) as pool:
        jobs = [
            (shape, pool.submit(simulation.coverage, shape[0], runs, *shape[1:], second_opinion))
            for shape in SHAPES
        ]
        for (kind, before, after), job in jobs:
            found = job.result()
            least = int(stats.binom.ppf(0.005, runs, min(0.95, MEASURED[kind])))
            if found.covered < least:
                wrong.append(
                    f"{kind} {before}/{after}: {found.covered} of {runs} covered, at least {least} expected"
                )
            cells = [
                kind,
                f"{before}/{after}",
                f"{found.share:.3f}",
                f"{MEASURED[kind]:.2f}",
                f"{found.half_width:.1%}",
                "" if found.second_covered is None else f"{found.second_covered / found.runs:.3f}",
            ]
            print("".join(cell.ljust(16) for cell in cells).rstrip(), flush=True)
    print(f"{time.monotonic() - begin:.0f} s")
    return wrong


def main() -> None:
    """Both tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("runs", nargs="?", type=int, default=100, help="series of each kind")
    parser.add_argument(
        "--second-opinion", action="store_true", help="cover with the Gibbs sampler too (slow)"
    )
    given = parser.parse_args()
    wrong = print_references() + print_coverage(max(1, given.runs), given.second_opinion)
    if wrong:
        sys.exit("\n".join(("", "Not as it should be:", *wrong)))


if __name__ == "__main__":
    main()
