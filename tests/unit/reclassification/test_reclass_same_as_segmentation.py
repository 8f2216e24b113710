"""The default scheme as rules gives the tier paths of the monthly engine, move by move."""

import csv

import numpy as np
import pytest
from reclass_cases import CALENDAR, METRICS, attributes, default_rows

from dagster_project.reclassification.engine import evaluate
from dagster_project.reclassification.metrics import Metric
from dagster_project.reclassification.rules import parse_rules
from dagster_project.reclassification.state import Inputs, begin
from dagster_project.reclassification.vocabulary import Segments
from dagster_project.segmentation.attributes import MEASURES
from dagster_project.segmentation.engine import DAYS_PER_MONTH, evaluated_months
from dagster_project.segmentation.engine import evaluate as evaluate_monthly
from dagster_project.segmentation.history import (
    NEVER,
    Activity,
    Entities,
    Knowledge,
    first_day_of,
    month_number,
)
from dagster_project.segmentation.policy import parse_policy
from dagster_project.segmentation.scores import UNIT
from dagster_project.settings import SEEDS_DIR

FIRST = month_number(np.datetime64("2022-01", "D"))
MONTHS = 36
AS_OF = "2025-01-10"


def random_population(seed, count=300):
    """Customers that grow, shrink, pause for a year, start late, order rarely, or are excluded."""
    rng = np.random.default_rng(seed)
    begins = np.where(rng.random(count) < 0.6, 0, rng.integers(0, MONTHS - 1, count))
    rate = rng.choice([0.15, 0.5, 0.95], count, p=[0.2, 0.3, 0.5])
    level = rng.lognormal(8, 1.2, count)
    drift = np.cumsum(rng.normal(0, 0.35, (count, MONTHS)), axis=1)
    active = (rng.random((count, MONTHS)) < rate[:, None]) & (np.arange(MONTHS) >= begins[:, None])
    pause = rng.integers(0, MONTHS, count)
    pauses = rng.random(count) < 0.4
    length = rng.integers(6, 16, count)
    at = np.arange(MONTHS)
    away = (at >= pause[:, None]) & (at < (pause + length)[:, None])
    active &= ~(pauses[:, None] & away)
    entity, month = np.nonzero(active)
    late = rng.random(len(entity)) < 0.05
    start = np.array([first_day_of(FIRST + m) for m in range(MONTHS)])
    first_day = start[month] + rng.integers(0, 14, len(entity))
    orders = rng.integers(1, 4, len(entity))
    amount = np.rint(level[entity] * np.exp(drift[entity, month]) * UNIT).astype(np.int64)
    measures = {name: np.zeros(len(entity), dtype=np.int64) for name in MEASURES}
    measures |= {
        "orders_count": orders,
        "order_lines_count": orders * 2,
        "net_amount_group": amount,
        "invoice_lines_count": np.ones(len(entity), dtype=np.int64),
    }
    known = FIRST + month + np.where(late, 1, 0)
    activity = Activity(
        entity,
        FIRST + month,
        known,
        first_day,
        first_day + rng.integers(0, 14, len(entity)),
        measures,
    )
    created = start[begins] + rng.integers(0, 20, count)
    entities = Entities(
        [f"E{k:04d}" for k in range(count)],
        created.astype(np.int64),
        np.full(count, NEVER, dtype=np.int64),
        rng.random(count) < 0.03,
        [""] * count,
    )
    return entities, activity


def default_scheme():
    names = ("segment_scheme", "segment", "segment_threshold", "scheme_attribute")
    tables = []
    for name in names:
        with (SEEDS_DIR / "policy" / f"{name}.csv").open(newline="") as handle:
            tables.append(
                [{k: v or None for k, v in row.items()} for row in csv.DictReader(handle)]
            )
    (found,) = parse_policy(*tables)
    return found


def facts(entities, activity, scheme, outcome):
    """What the monthly engine knew at each evaluation, as inputs of the rules engine."""
    count, months = len(entities), evaluated_months(activity, scheme, AS_OF)
    known = Knowledge(activity, count, months, scheme.window_months)
    points = np.full((count, len(months)), np.nan)
    for found in outcome.evaluations:
        scored = found.score >= 0
        points[found.entity[scored], found.month - months.start] = found.score[scored] / UNIT
    for period, month in enumerate(months):
        known.advance(month)
        end = first_day_of(month + 1)
        ordered = known.order_count > 0
        observed = np.maximum(entities.start_day, first_day_of(months.start))
        who = np.flatnonzero(ordered)
        limit = np.zeros(count)
        limit[who] = (
            known.interval_quantile_months(who, scheme.dormant_interval_quantile_pct)
            * DAYS_PER_MONTH
            * scheme.dormant_interval_multiple
        )
        given = attributes(
            count,
            idle_days=end - np.where(ordered, known.last_order_day, observed),
            dormancy_limit_days=limit,
            order_count=known.order_count,
            days_since_first_order=np.where(ordered, end - known.first_order_day, np.nan),
            is_excluded=entities.is_excluded,
        )
        metrics = {"score": Metric(points)}
        present = (entities.start_day < end) & ~entities.is_excluded
        yield Inputs(end + scheme.record_lag_days, period, metrics, given, CALENDAR, present)


def both_paths(seed):
    entities, activity = random_population(seed)
    scheme = default_scheme()
    outcome = evaluate_monthly(entities, activity, scheme, AS_OF)
    monthly = sorted(
        (e.recorded_day, e.entity, e.before, e.after, e.valid_from_day)
        for e in outcome.events
        if e.before
    )
    segments = Segments("service", tuple(tier.code for tier in scheme.tiers))
    rule_set = parse_rules(default_rows(), segments, METRICS)
    excluded = np.where(entities.is_excluded, segments.number("X0"), segments.number("N0"))
    state = begin(rule_set, entities.start_day, excluded)
    rules = []
    for inputs in facts(entities, activity, scheme, outcome):
        proposals, state = evaluate(rule_set, state, inputs)
        rules += [(inputs.day, e, a, b, valid) for e, a, b, valid, _ in proposals.moves()]
    return monthly, sorted(rules)


@pytest.mark.parametrize("seed", range(4))
def test_rules_move_the_same_customers_to_the_same_tiers_from_the_same_days(seed):
    monthly, rules = both_paths(seed)
    assert rules == monthly


def test_the_random_population_shows_every_kind_of_move():
    # Otherwise the comparison above would prove little.
    moves = {(before, after) for seed in range(4) for _, _, before, after, _ in both_paths(seed)[0]}
    ups = {("S4", "S3"), ("S3", "S2"), ("S2", "S1")}
    downs = {("S1", "S2"), ("S2", "S3"), ("S3", "S4")}
    first = {("N0", tier) for tier in ("S1", "S2", "S3", "S4")}
    others = {("S4", "D0"), ("N0", "D0"), ("D0", "S3"), ("D0", "S4"), ("D0", "N0")}
    assert ups | downs | first | others <= moves


def test_a_changed_threshold_would_be_noticed():
    rows = default_rows()
    changed = [row | {"threshold_up": "66"} if row["rule_id"] == "UP_S2" else row for row in rows]
    assert changed != rows
    entities, activity = random_population(0)
    scheme = default_scheme()
    outcome = evaluate_monthly(entities, activity, scheme, AS_OF)
    segments = Segments("service", tuple(tier.code for tier in scheme.tiers))
    found = []
    for table in (rows, changed):
        rule_set = parse_rules(table, segments, METRICS)
        state = begin(rule_set, entities.start_day)
        moves = []
        for inputs in facts(entities, activity, scheme, outcome):
            proposals, state = evaluate(rule_set, state, inputs)
            moves += proposals.moves()
        found.append(moves)
    assert found[0] != found[1]
