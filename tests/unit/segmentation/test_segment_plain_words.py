"""The shipped rules move customers exactly as a plain loop does that knows the scheme by heart.

The loop reads no policy file: its numbers are those of the specification of the default scheme. It
takes over only who is scored and with what score, which has tests of its own.
"""

import numpy as np
import pytest
from plain_scheme import PlainCustomer
from segment_cases import default_scheme

from dagster_project.segmentation.attributes import MEASURES
from dagster_project.segmentation.engine import STATUS, evaluate
from dagster_project.segmentation.history import (
    NEVER,
    Activity,
    Entities,
    first_day_of,
    month_number,
)
from dagster_project.segmentation.scores import UNIT

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


def told_plainly(entities, outcome):
    customers = [PlainCustomer(int(day)) for day in entities.start_day]
    for found in outcome.evaluations:
        rows = zip(found.entity, found.status, found.score, found.order_count, strict=True)
        heard = {int(who): (STATUS[status], score, orders) for who, status, score, orders in rows}
        for who, customer in enumerate(customers):
            if entities.is_excluded[who] or who not in heard:
                continue
            status, score, orders = heard[who]
            points = score / UNIT if score >= 0 else None
            customer.hear(found.recorded_day, status, points, orders)
    return [(who, *move) for who, customer in enumerate(customers) for move in customer.moves]


def by_the_rules(outcome):
    return [
        (e.entity, e.recorded_day, e.before, e.after, e.valid_from_day)
        for e in outcome.events
        if e.before
    ]


@pytest.fixture(scope="module", params=range(4))
def story(request):
    entities, activity = random_population(request.param)
    return entities, evaluate(entities, activity, default_scheme(), AS_OF)


def test_rules_move_the_same_customers_to_the_same_tiers_from_the_same_days(story):
    entities, outcome = story
    assert sorted(by_the_rules(outcome)) == told_plainly(entities, outcome)


def test_the_random_population_shows_every_kind_of_move(story):
    # Otherwise the comparison above would prove little.
    moves = {(before, after) for _, _, before, after, _ in by_the_rules(story[1])}
    ups = {("S4", "S3"), ("S3", "S2"), ("S2", "S1")}
    downs = {("S1", "S2"), ("S2", "S3"), ("S3", "S4")}
    first = {("N0", tier) for tier in ("S2", "S3", "S4")}
    assert ups | downs | first | {("S4", "D0"), ("N0", "D0"), ("D0", "S3"), ("D0", "S4")} <= moves


def test_a_changed_threshold_would_be_noticed():
    entities, activity = random_population(0)
    scheme = default_scheme()
    rules = [
        row | {"threshold_up": "66", "threshold_down": "58"}
        if row["rule_id"] == "THRESHOLD_UP_S2"
        else row
        for row in scheme.rules
    ]
    outcome = evaluate(entities, activity, default_scheme(rules=tuple(rules)), AS_OF)
    assert sorted(by_the_rules(outcome)) != told_plainly(entities, outcome)
