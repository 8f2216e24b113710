"""Reads the stages of the orders of the last closed months and says where the way is narrow."""

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.analytics.inputs import (
    FloatArray,
    days,
    fingerprint,
    kept,
    month_start,
    numbers,
    ranked_names,
)
from dagster_project.analytics.tables import Tables
from dagster_project.errors import UsageError
from dagster_project.service.bottleneck import FLAG_ABOVE, Cells, IntArray, Ways, cells
from dagster_project.service.outputs import SCHEMAS

INPUTS = ("fct_order_stage", "stage_standard", "segment")
OUTPUT = "order_bottleneck"
WINDOW_MONTHS = 12
"""So many closed months, by the day of the order."""
HIGH_VALUE_TIERS = 2
"""Tiers that count as of high value, from the best."""
BEGINS = {
    "ALLOCATE": "entered_at",
    "RELEASE": "created_at",
    "PICK": "released_at",
    "PACK": "pick_ended_at",
    "LOAD": "packed_at",
    "DISPATCH": "loaded_at",
    "TRANSIT": "departed_at",
    "POD": "delivered_at",
}
"""Stages in their order, and the moment at which each begins."""
STAGES = tuple(BEGINS)
COLUMNS = (
    *("segment_at_order_key", "site_id", "ordered_date", "lines_count", "late_lines_count"),
    *("net_amount_group", "late_amount_group"),
    *(f"{stage.lower()}_minutes" for stage in STAGES),
    *BEGINS.values(),
)
STAGE_TABLE = "marts.fct_order_stage"
NO_SITE = "(no site)"


def bottleneck_table(tables: Tables, last: int) -> pa.Table:
    """Return stage, site and segment with delay, index and place, over the last closed months.

    Args:
        tables: The warehouse.
        last: Last closed month, ``year * 12 + month - 1``.

    Raises:
        UsageError: ``stage_standard.csv`` does not name each stage once.
    """
    first_day = month_start(last + 1 - WINDOW_MONTHS).astype(object)
    last_day = (month_start(last + 1) - 1).astype(object)
    standards = _standards(tables)
    good = _high_value(tables)
    seen = tables.digest(STAGE_TABLE, COLUMNS, {"ordered_date": last_day})
    mark = fingerprint(last, standards, sorted(good), seen, WINDOW_MONTHS)
    earlier = kept(tables, f"analytics.{OUTPUT}", mark)
    if earlier is not None:
        return earlier
    rows = tables.read(STAGE_TABLE, COLUMNS)
    day = pc.cast(rows["ordered_date"], pa.date32())
    inside = pc.and_(pc.greater_equal(day, first_day), pc.less_equal(day, last_day))
    rows = rows.filter(inside)
    if not rows.num_rows:
        return SCHEMAS[OUTPUT].empty_table()
    sites, site = ranked_names(pc.fill_null(rows["site_id"], NO_SITE))
    segments, segment = ranked_names(rows["segment_at_order_key"])
    week = (days(rows["ordered_date"]) - int(np.datetime64(first_day, "D").astype(np.int64))) // 7
    ways = Ways(
        segment,
        site,
        week,
        np.column_stack([numbers(rows[f"{stage.lower()}_minutes"]) for stage in STAGES]),
        np.column_stack([_hours(rows[moment]) for moment in BEGINS.values()]),
        numbers(rows["lines_count"]).astype(np.int64),
        numbers(rows["late_lines_count"]).astype(np.int64),
        np.rint(numbers(rows["net_amount_group"]) * 10_000).astype(np.int64),
        np.rint(numbers(rows["late_amount_group"]) * 10_000).astype(np.int64),
    )
    found = cells(ways, standards, len(segments), len(sites), int(week.max()) + 1)
    return _rows(found, segments, sites, good, (first_day, last_day), mark)


def _standards(tables: Tables) -> FloatArray:
    rows = tables.read("policy.stage_standard").to_pylist()
    said = {row["stage"]: row["standard_minutes"] for row in rows}
    missing = [stage for stage in STAGES if stage not in said]
    if missing or len(rows) != len(STAGES):
        raise UsageError(
            "The standards of the stages are not usable.",
            f"seeds/policy/stage_standard.csv, column stage: {len(rows)} rows,"
            f" missing {', '.join(missing) or 'none'}.",
            f"Write one row for each of {', '.join(STAGES)}; leave standard_minutes blank where"
            " none holds.",
        )
    return np.array([np.nan if said[s] is None else float(said[s]) for s in STAGES])


def _high_value(tables: Tables) -> set[str]:
    """Keys of the best tiers of each scheme."""
    rows = tables.read("policy.segment", ["scheme_id", "segment_code", "tier_rank"]).to_pylist()
    return {
        f"{row['scheme_id']}:{row['segment_code']}"
        for row in rows
        if row["tier_rank"] is not None and int(row["tier_rank"]) <= HIGH_VALUE_TIERS
    }


def _hours(column: pa.ChunkedArray) -> IntArray:
    hour = pc.fill_null(pc.hour(column.cast(pa.timestamp("us"))), -1)
    return np.asarray(hour.to_numpy().astype(np.int64))


def _rows(
    found: Cells,
    segments: Any,
    sites: Any,
    good: set[str],
    window: tuple[date, date],
    mark: str,
) -> pa.Table:
    g, d, s = np.nonzero(found.shipments)
    amount = found.delayed_amount[g, d, s]
    index = found.index[g, d, s]
    # What hits the segment beyond its share of the lines.
    with np.errstate(divide="ignore", invalid="ignore"):
        beyond = np.where(index > 1, amount * (1 - 1 / index), 0.0)
    excess = np.rint(np.nan_to_num(beyond)).astype(np.int64)
    by_site = found.milli_delay.sum(axis=0)
    longest = (by_site == by_site.max(axis=1, keepdims=True)) & (by_site > 0)
    waits = found.milli_delay == found.milli_delay.max(axis=2, keepdims=True)
    is_longest = longest[d, s] | (waits[g, d, s] & (found.milli_delay[g, d, s] > 0))
    is_good = np.array([str(segments[k]) in good for k in g], dtype=bool)
    low = found.index_low[g, d, s]
    is_flagged = is_good & is_longest & (np.nan_to_num(low) > FLAG_ABOVE)
    names = [f"{STAGES[c]}\x1f{sites[b]}\x1f{segments[a]}" for a, b, c in zip(g, d, s, strict=True)]
    order = np.lexsort((np.array(names), -amount, -excess, ~is_good, ~is_flagged))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(1, len(order) + 1)
    columns: dict[str, Any] = {
        "first_day": [window[0]] * len(g),
        "last_day": [window[1]] * len(g),
        "stage": [STAGES[k] for k in s],
        "stage_no": s + 1,
        "site_id": [str(sites[k]) for k in d],
        "segment_key": [str(segments[k]) for k in g],
        "shipments_count": found.shipments[g, d, s],
        "measured_count": found.measured[g, d, s],
        "delayed_count": found.delayed[g, d, s],
        "lines_count": found.lines[g, d, s],
        "total_minutes": found.milli_minutes[g, d, s] / 1000,
        "delay_minutes": found.milli_delay[g, d, s] / 1000,
        "late_lines_count": found.first_slip_lines[g, d, s],
        "late_amount_e4": found.first_slip_amount[g, d, s],
        "delayed_amount_e4": amount,
        "hit_index": _numbers(index),
        "hit_index_low": _numbers(low),
        "hit_index_high": _numbers(found.index_high[g, d, s]),
        "peak_hour": pa.array(found.peak_hour[g, d, s], mask=found.peak_hour[g, d, s] < 0),
        "is_longest_wait": is_longest,
        "is_flagged": is_flagged,
        "excess_amount_e4": excess,
        "place_no": place,
        "input_mark": [mark] * len(g),
    }
    return pa.table(columns).cast(SCHEMAS[OUTPUT])


def _numbers(values: FloatArray) -> pa.Array:
    return pa.array(np.round(values, 6) + 0.0, mask=np.isnan(values))
