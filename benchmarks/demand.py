"""Profiles many demand series and prints what it took; the goal is 100,000 series in 60 seconds.

python -m benchmarks.demand --series 100000
"""

import argparse
import json
import os
import sys
import time

import numpy as np

from benchmarks.process import own_peak_mib, say
from dagster_project.demand.profile import profile
from dagster_project.demand.series import from_long

GOAL_SECONDS = 60


def lines_of(n: int, periods: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return order lines of ``n`` series: keys, periods and quantities, in no order.

    Chance of a demand and spread of the sizes differ by series, so that all classes occur.
    """
    rng = np.random.default_rng(seed)
    chance = rng.uniform(0.1, 1.0, n)
    spread = rng.uniform(0.1, 1.2, n)
    key, period = np.nonzero(rng.random((n, periods)) < chance[:, None])
    quantity = np.ceil(rng.lognormal(3.0, spread[key]))
    shuffled = rng.permutation(len(key))
    return key[shuffled], period[shuffled], quantity[shuffled]


def main(words: list[str]) -> int:
    """Measure one run; wall clock and processor time exclude making the lines."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.demand", description=__doc__)
    parser.add_argument("--series", type=int, default=100_000, help="number of series")
    parser.add_argument("--periods", type=int, default=36, help="months")
    parser.add_argument("--seed", type=int, default=1, help="same seed, same series")
    options = parser.parse_args(words)
    say(f"{options.series:,} series x {options.periods} periods on {os.cpu_count()} cores")
    keys, periods, quantities = lines_of(options.series, options.periods, options.seed)
    wall, cpu, clock = time.perf_counter(), time.process_time(), {}
    series = from_long(keys, periods, quantities, options.periods - 1)
    clock["series"] = time.perf_counter() - wall
    found = profile(series)
    seconds = time.perf_counter() - wall
    names, counts = np.unique(found.classes.demand_class, return_counts=True)
    facts = {
        "lines": len(keys),
        "seconds": round(seconds, 2),
        "seconds_to_fill": round(clock["series"], 2),
        "cpu_seconds": round(time.process_time() - cpu, 2),
        "peak_mib": round(own_peak_mib()),
        "classes": dict(zip(names.tolist(), counts.tolist(), strict=True)),
        "clusters": found.clustering.k if found.clustering else 0,
        "goal_seconds": GOAL_SECONDS,
    }
    sys.stdout.write(json.dumps(facts, indent=2) + "\n")
    return 0 if seconds <= GOAL_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
