"""Replays the default rules over many customers; the goal is 1,000,000 x 36 months in 60 seconds.

python -m benchmarks.reclassification --customers 1000000
"""

import argparse
import csv
import json
import os
import sys
import time
from collections.abc import Iterator

import numpy as np

from benchmarks.process import own_peak_mib, say
from dagster_project.reclassification.effective import Calendar
from dagster_project.reclassification.engine import evaluate
from dagster_project.reclassification.metrics import Metric
from dagster_project.reclassification.rules import RuleSet, parse_rules
from dagster_project.reclassification.state import Inputs, begin
from dagster_project.reclassification.vocabulary import Segments
from dagster_project.segmentation.history import first_day_of, month_number
from dagster_project.segmentation.policy import METRICS, tiers_of, with_bands
from dagster_project.settings import SEEDS_DIR

GOAL_SECONDS, GOAL_MIB = 60, 6 * 1024
FIRST = month_number(np.datetime64("2022-01", "D"))


def default_rules() -> RuleSet:
    """The default scheme as rules, with the bands of its tiers."""
    policy = {}
    for name in ("reclass_rule", "segment", "segment_threshold"):
        with (SEEDS_DIR / "policy" / f"{name}.csv").open(newline="") as handle:
            policy[name] = list(csv.DictReader(handle))
    tiers = tiers_of("service", policy["segment"], policy["segment_threshold"])
    rows = with_bands(policy["reclass_rule"], tiers)
    return parse_rules(rows, Segments("service", tuple(tier.code for tier in tiers)), METRICS)


def history(customers: int, months: int, seed: int) -> Iterator[Inputs]:
    """Scores that wander, customers that begin, pause and come back; one evaluation a month."""
    rng = np.random.default_rng(seed)
    begins = np.where(rng.random(customers) < 0.6, 0, rng.integers(0, months, customers))
    score = rng.uniform(0, 100, customers)
    scores = np.empty((customers, months), order="F")
    idle = np.full((customers, months), np.nan, order="F")
    for month in range(months):
        score = np.clip(score + rng.normal(0, 8, customers), 0, 100)
        scores[:, month] = np.where(month < begins + 3, np.nan, score)
    rate = rng.choice([0.3, 0.95], customers, p=[0.1, 0.9])
    calendar = Calendar.of_months(2021, 2030)
    last, orders = np.full(customers, first_day_of(FIRST)), np.zeros(customers)
    for month in range(months):
        end = first_day_of(FIRST + month + 1)
        present = begins <= month
        ordered = present & (rng.random(customers) < rate)
        last = np.where(ordered, end - 10, last)
        orders = orders + ordered
        attributes = {
            "idle_days": (end - last).astype(np.float64),
            "dormancy_limit_days": np.full(customers, 90.0),
            "order_count": orders,
            "days_since_first_order": 30.0 * (month + 1 - begins),
            "is_excluded": np.zeros(customers),
            "is_dormant": (end - last > 90).astype(np.float64),
            "has_enough_orders": (orders >= 3).astype(np.float64),
        }
        idle[:, month] = attributes["idle_days"]
        metrics = {"score": Metric(scores), "idle_days": Metric(idle)}
        yield Inputs(end + 5, month, metrics, attributes, calendar, present)


def main(words: list[str]) -> int:
    """Measure one replay and its last evaluation; making the history is left out of the time."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.reclassification", description=__doc__
    )
    parser.add_argument("--customers", type=int, default=100_000, help="number of customers")
    parser.add_argument("--months", type=int, default=36, help="evaluations")
    parser.add_argument("--seed", type=int, default=1, help="same seed, same customers")
    options = parser.parse_args(words)
    say(f"{options.customers:,} customers x {options.months} months on {os.cpu_count()} cores")
    rule_set = default_rules()
    state = begin(rule_set, np.full(options.customers, first_day_of(FIRST)))
    names = [f"C{k:08d}" for k in range(options.customers)]
    took, cpu, moves, losers, written = [], 0.0, 0, 0, 0.0
    for inputs in history(options.customers, options.months, options.seed):
        wall, processor = time.perf_counter(), time.process_time()
        proposals, state = evaluate(rule_set, state, inputs)
        took.append(time.perf_counter() - wall)
        cpu += time.process_time() - processor
        moves += int(proposals.is_move.sum())
        losers += len(proposals.losers.entity)
        wall = time.perf_counter()
        proposals.table(names)
        proposals.loser_table(names)
        written += time.perf_counter() - wall
    facts = {
        "rules": len(rule_set.rules),
        "seconds": round(sum(took), 2),
        "cpu_seconds": round(cpu, 2),
        "seconds_of_last_month": round(took[-1], 3),
        "share_of_last_month": round(took[-1] / sum(took), 4),
        "seconds_for_tables_in_words": round(written, 2),
        "peak_mib": round(own_peak_mib()),
        "moves": moves,
        "blocked_or_beaten": losers,
        "goal_seconds": GOAL_SECONDS,
        "goal_mib": GOAL_MIB,
    }
    sys.stdout.write(json.dumps(facts, indent=2) + "\n")
    return 0 if sum(took) <= GOAL_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
