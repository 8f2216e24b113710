"""Reads plans of experiments and what was attained, and writes what they changed.

One in a whole segment is compared with the other segments, one in a country with the other
countries of the segment. The first plan says what is tried and measured; a newer one counts only
for the last month.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from dagster_project.analytics.tables import Tables
from dagster_project.improvement.experiment import (
    HISTORY_MONTHS,
    PLANNED,
    result_of,
    status_of,
    verdict_of,
)
from dagster_project.improvement.outputs import table_of
from dagster_project.improvement.policy import Settings
from dagster_project.improvement.reads import Read
from dagster_project.improvement.values import EVERYBODY, Key, Series
from dagster_project.metrics.registry import Metric
from dagster_project.schemes.closed import Closed, first_day

PLANS = "staging.stg_decisions__experiment"
PLAN_COLUMNS = (
    *("seq", "actor", "experiment_id", "request_id", "segment_key", "region", "metric_id"),
    *("basis", "start_month", "end_month", "expected_effect"),
)
CUT = "marts.mart_service_attainment_cut"
CUT_COLUMNS = (
    *("segment_key", "due_month", "cut", "cut_value", "metric_id", "numerator", "denominator"),
)
REGION, FIRST = "REGION", "FIRST"
Values = dict[date, float]


def experiment_reads(closed: Closed) -> tuple[Read, ...]:
    """Rows that the table depends on, besides attainment."""
    return (
        Read(PLANS, PLAN_COLUMNS),
        Read(CUT, CUT_COLUMNS, (("due_month", closed.start),)),
    )


def experiment_table(
    tables: Tables,
    closed: Closed,
    settings: Settings,
    series: Mapping[Key, Series],
    metrics: Mapping[str, Metric],
) -> pa.Table:
    """Return one row per experiment; empty where nothing is tried."""
    plans: dict[str, dict[str, Any]] = {}
    for row in tables.read(PLANS, PLAN_COLUMNS).sort_by("seq").to_pylist():
        first = plans.setdefault(row["experiment_id"], row)
        first["end_month"] = row["end_month"]
    if not plans:
        return table_of("experiment_result", [])
    regions = _by_region(tables, closed)
    rows = []
    for name, plan in sorted(plans.items()):
        pilot, others = _sides(plan, series, regions)
        metric = metrics.get(plan["metric_id"])
        is_less_better = metric is not None and metric.direction == "DOWN"
        rows.append(_row(name, plan, pilot, _mean(others), closed, settings, is_less_better))
    return table_of("experiment_result", rows)


def _row(
    name: str,
    plan: Mapping[str, Any],
    pilot: Values,
    control: Values,
    closed: Closed,
    settings: Settings,
    is_less_better: bool,
) -> dict[str, Any]:
    start, end = plan["start_month"].replace(day=1), plan["end_month"].replace(day=1)
    first = start.year * 12 + start.month - 1
    count = (min(end, closed.start).year - start.year) * 12
    count += min(end, closed.start).month - start.month + 1
    found = result_of(
        pilot,
        control,
        [first_day(first - back) for back in range(HISTORY_MONTHS, 0, -1)],
        [first_day(first + k) for k in range(count)],
        settings.experiment_min_months,
    )
    status = status_of(start, end, closed.start)
    verdict = verdict_of(found, is_less_better)
    short = f"fewer than {settings.experiment_min_months} months on a side"
    why = None if verdict else "it has not begun" if status == PLANNED else short
    return {
        "as_of_month": closed.start,
        "experiment_id": name,
        **{key: plan[key] for key in ("request_id", "segment_key", "region", "metric_id", "basis")},
        "start_month": start,
        "end_month": end,
        "status": status,
        "owner": plan["actor"],
        "months_before": found.months_before,
        "months_after": found.months_after,
        "pilot_before": found.pilot_before,
        "pilot_after": found.pilot_after,
        "control_before": found.control_before,
        "control_after": found.control_after,
        "effect": found.effect,
        "lower": found.lower,
        "upper": found.upper,
        "expected_effect": plan["expected_effect"],
        "verdict": verdict,
        "null_reason": why,
    }


def _sides(
    plan: Mapping[str, Any],
    series: Mapping[Key, Series],
    regions: Mapping[tuple[str, str], Mapping[str, Values]],
) -> tuple[Values, list[Values]]:
    """Values of the place where it is tried, and of each of the others."""
    segment, metric, basis = plan["segment_key"], plan["metric_id"], plan["basis"]
    if plan["region"] != EVERYBODY:
        # By country the service is only measured against the first promise.
        places = regions.get((segment, metric), {}) if basis == FIRST else {}
        others = [one for name, one in sorted(places.items()) if name != plan["region"]]
        return places.get(plan["region"], {}), others
    own = series.get((metric, basis, segment))
    others = [
        one.value
        for (name, date_kind, key), one in sorted(series.items())
        if (name, date_kind) == (metric, basis) and key not in (segment, EVERYBODY)
    ]
    return own.value if own else {}, others


def _mean(others: list[Values]) -> Values:
    months = sorted({month for one in others for month in one})
    return {
        month: float(np.mean([one[month] for one in others if month in one])) for month in months
    }


def _by_region(tables: Tables, closed: Closed) -> dict[tuple[str, str], dict[str, Values]]:
    """Value by month of each country, for each segment, or all of them together, and metric."""
    sums: dict[tuple[str, str, str, date], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for row in tables.read(CUT, CUT_COLUMNS, "denominator").to_pylist():
        if row["cut"] == REGION and row["due_month"] <= closed.start:
            for key in (row["segment_key"], EVERYBODY):
                total = sums[key, row["metric_id"], row["cut_value"], row["due_month"]]
                total[0] += float(row["numerator"])
                total[1] += float(row["denominator"])
    found: dict[tuple[str, str], dict[str, Values]] = defaultdict(lambda: defaultdict(dict))
    for (key, metric, country, month), (above, below) in sorted(sums.items()):
        if below:
            found[key, metric][country][month] = above / below
    return found
