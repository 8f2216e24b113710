"""Small stories for the rules engine: segments as text, scores month by month."""

import csv

import numpy as np

from dagster_project.reclassification.effective import Calendar
from dagster_project.reclassification.engine import evaluate
from dagster_project.reclassification.metrics import Metric
from dagster_project.reclassification.rules import parse_rules
from dagster_project.reclassification.scope import Words
from dagster_project.reclassification.state import Inputs, begin
from dagster_project.reclassification.vocabulary import GIVEN_ATTRIBUTES, TEXT, Segments
from dagster_project.segmentation.history import first_day_of, month_number
from dagster_project.segmentation.policy import Tier, with_bands
from dagster_project.segmentation.scores import UNIT
from dagster_project.settings import SEEDS_DIR

SEGMENTS = Segments("service", ("S1", "S2", "S3", "S4"))
METRICS = {"score": False, "revenue": False, "margin": True, "idle_days": False}
CALENDAR = Calendar.of_months(2018, 2032)
FIRST = month_number(np.datetime64("2024-01", "D"))

RULE = {
    "rule_id": "R",
    "scheme_id": "service",
    "version": "1",
    "name": "A rule",
    "status": "ACTIVE",
    "priority": "50",
    "scope_filter": "",
    "metric_id": "score",
    "aggregation": "LAST",
    "window_n": "1",
    "window_unit": "MONTH",
    "window_offset": "0",
    "min_observations": "1",
    "operator": ">=",
    "threshold_up": "",
    "threshold_down": "",
    "consecutive_evaluations": "1",
    "cadence": "MONTHLY",
    "trigger_event": "NONE",
    "direction": "UP",
    "target_segment": "",
    "max_steps": "1",
    "min_dwell_days": "0",
    "cool_off_after_override_days": "0",
    "freeze_windows": "[]",
    "respects_contract_floor": "true",
    "respects_parent": "INDEPENDENT",
    "approval": "OWNER",
    "auto_if": "",
    "effective_policy": "IMMEDIATE",
    "notice_days_customer": "0",
    "missing_data": "HOLD",
    "explain_template": "",
    "owner": "supply_chain",
    "valid_from": "2000-01-01",
    "valid_to": "",
}


def rule(rule_id, **changes):
    return RULE | {"rule_id": rule_id} | {name: str(value) for name, value in changes.items()}


def bands(up=2, down=3, **changes):
    """The bands of the default scheme: enter at 85/65/35, leave below 78/58/28."""
    rows = []
    for k, (tier, high, low) in enumerate((("S1", 85, 78), ("S2", 65, 58), ("S3", 35, 28))):
        both = {"target_segment": tier, "threshold_up": high, "threshold_down": low}
        rows.append(
            rule(f"UP_{tier}", priority=50 - k, consecutive_evaluations=up, **(both | changes))
        )
        rows.append(
            rule(
                f"DOWN_{tier}",
                priority=60 + k,
                direction="DOWN",
                consecutive_evaluations=down,
                **(both | changes),
            )
        )
    return rows


def rules_of(*rows, segments=SEGMENTS, metrics=METRICS):
    return parse_rules(rows, segments, metrics)


def default_rows():
    """The rules of the shipped policy with the bands of their tiers."""
    with (SEEDS_DIR / "policy" / "reclass_rule.csv").open(newline="") as handle:
        rows = list(csv.DictReader(handle))
    bands = (("S1", 85, 78), ("S2", 65, 58), ("S3", 35, 28), ("S4", 0, 0))
    return with_bands(rows, [Tier(code, up * UNIT, down * UNIT) for code, up, down in bands])


def day(text):
    return int(np.datetime64(text, "D").astype(int))


def text(number):
    return str(np.datetime64(int(number), "D"))


def codes(*names):
    return np.array([SEGMENTS.number(name) if name else -1 for name in names], dtype=np.int64)


def start(rule_set, *names, since="2020-01-01"):
    return begin(rule_set, np.full(len(names), day(since), dtype=np.int64), codes(*names))


def attributes(count, **given):
    """Every attribute that a scope may name; null where the story says nothing."""
    found = {
        name: Words(np.full(count, -1), ()) if kind == TEXT else np.full(count, np.nan)
        for name, kind in GIVEN_ATTRIBUTES.items()
    }
    return found | {
        name: value if isinstance(value, Words) else np.array(value, dtype=np.float64)
        for name, value in given.items()
    }


def scores(*rows):
    """One row of scores per customer, one column per month from January 2024."""
    return {"score": Metric(np.array(rows, dtype=np.float64))}


def months(metrics, count=None, lag=5, **told):
    """One evaluation per month of the metrics, on the sixth of the following month."""
    matrix = next(iter(metrics.values())).values
    size = len(matrix)
    for period in range(matrix.shape[1] if count is None else count):
        yield Inputs(
            day=first_day_of(FIRST + period + 1) + lag,
            period=period,
            metrics=metrics,
            attributes=attributes(size),
            calendar=CALENDAR,
            present=np.ones(size, dtype=bool),
            **{name: value(period) if callable(value) else value for name, value in told.items()},
        )


def once(rule_set, state, metrics=None, on="2024-02-06", period=0, **told):
    """One evaluation on a day."""
    size = len(state)
    metrics = scores(*[[50.0]] * size) if metrics is None else metrics
    given = told.pop("attributes", attributes(size))
    inputs = Inputs(day(on), period, metrics, given, CALENDAR, np.ones(size, dtype=bool), **told)
    return evaluate(rule_set, state, inputs)


def play(rule_set, state, evaluations):
    """All evaluations; returns the proposals, the segments after each, and the last state."""
    made, path = [], []
    for inputs in evaluations:
        proposals, state = evaluate(rule_set, state, inputs)
        made.append(proposals)
        path.append([SEGMENTS.codes[s] for s in state.segment])
    return made, path, state


def of_customer(path, customer=0):
    return [segments[customer] for segments in path]
