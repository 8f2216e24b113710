"""Reads who answers for what and what was attained, and writes the scorecards of the functions."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from dagster_project.analytics.tables import Tables
from dagster_project.improvement.outputs import table_of
from dagster_project.improvement.policy import Settings
from dagster_project.improvement.reads import Read
from dagster_project.improvement.scorecard import in_month, points
from dagster_project.improvement.values import (
    EVERYBODY,
    KPI,
    KPI_COLUMNS,
    Key,
    Series,
    closed_months,
)
from dagster_project.schemes.closed import Closed

ASSIGNMENTS = "policy.kpi_assignment"
COLUMNS = (
    *("function_code", "scheme_id", "segment_code", "metric_id", "basis", "target", "red"),
    *("weight", "counter_metric_id", "counter_function", "valid_from", "valid_to"),
)
HISTORY_MONTHS = 12


def scorecard_reads(closed: Closed) -> tuple[Read, ...]:
    """Rows that the table depends on, besides attainment."""
    return (
        Read(ASSIGNMENTS, COLUMNS),
        Read(KPI, KPI_COLUMNS, (("activity_month", closed.start),)),
    )


def margin_series(tables: Tables, closed: Closed) -> dict[Key, Series]:
    """Return the gross margin rate of each segment and of all (``*``) by month."""
    totals: dict[tuple[str, Any], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for row in tables.read(KPI, KPI_COLUMNS).to_pylist():
        is_known = row["net_amount_group"] is not None and row["gross_margin_group"] is not None
        if row["activity_month"] > closed.start or not is_known:
            continue
        for key in (row["segment_key"], EVERYBODY):
            total = totals[key, row["activity_month"]]
            total[0] += float(row["gross_margin_group"])
            total[1] += float(row["net_amount_group"])
    found: dict[Key, Series] = defaultdict(Series)
    for (key, month), (margin, net) in totals.items():
        if net > 0:
            found["GROSS_MARGIN_RATE", "NONE", key].value[month] = margin / net
    return dict(found)


def scorecard_table(
    tables: Tables, closed: Closed, settings: Settings, series: Mapping[Key, Series]
) -> pa.Table:
    """Return function, segment, metric and month with its points, for the last closed year."""
    known = {**series, **margin_series(tables, closed)}
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in tables.read(ASSIGNMENTS, COLUMNS).to_pylist():
        names = ("function_code", "scheme_id", "segment_code", "metric_id", "basis")
        groups[tuple(row[name] for name in names)].append(row)
    bases = {row["metric_id"]: row["basis"] for own in groups.values() for row in own}
    keys = sorted({key[2] for key in known})
    rows: list[dict[str, Any]] = []
    for (function, scheme, code, metric, basis), own in sorted(groups.items()):
        # A row for every segment counts where no row names the segment.
        named = {f"{one[1]}:{one[2]}" for one in groups if one[0] == function and one[3] == metric}
        wanted = (
            [key for key in keys if key not in named] if code == EVERYBODY else [f"{scheme}:{code}"]
        )
        for key in wanted:
            mine = known.get((metric, basis, key), Series())
            counter = own[-1]["counter_metric_id"]
            other = known.get((counter, bases.get(counter, basis), key), Series())
            for month in closed_months(closed, HISTORY_MONTHS):
                said = in_month(own, month)
                if said is None or month not in mine.value:
                    continue
                count = mine.count.get(month)
                score = points(mine.value[month], said["target"], said["red"])
                rows.append(
                    {
                        "function_code": function,
                        "segment_key": key,
                        "metric_id": metric,
                        "basis": basis,
                        "period_month": month,
                        "value": mine.value[month],
                        "target": said["target"],
                        "red": said["red"],
                        "weight": said["weight"],
                        "score": score,
                        "contribution": score * said["weight"],
                        "lines_count": count,
                        "is_grey": count is not None and count < settings.scorecard_min_lines,
                        "change_value": _change(mine, month, closed),
                        "xmr_signal": mine.signal.get(month),
                        "counter_metric_id": counter,
                        "counter_function": own[-1]["counter_function"],
                        "counter_value": other.value.get(month),
                    }
                )
    return table_of("functional_scorecard", rows)


def _change(series: Series, month: Any, closed: Closed) -> float | None:
    """Value less that of the month before."""
    before = [one for one in series.value if one < month]
    return series.value[month] - series.value[max(before)] if before else None
