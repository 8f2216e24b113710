"""Reads demand and supply of closed months and splits what stayed open between the two."""

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.analytics.inputs import (
    fingerprint,
    kept,
    month_start,
    months,
    numbers,
    ranked_names,
)
from dagster_project.analytics.tables import Tables
from dagster_project.service.outputs import SCHEMAS
from dagster_project.service.replay import IntArray, Split, planned_demand, split

INPUTS = ("int_service__demand_month", "int_service__stock_event", "int_product__article")
OUTPUT = "demand_execution_split"
PLAN_MONTHS = 12
"""Where nobody delivers a plan, the mean of so many months stands for it."""
MICRO = 1_000_000
DEMAND = "intermediate.int_service__demand_month"
EVENTS = "intermediate.int_service__stock_event"
DEMAND_COLUMNS = ("product_id", "site_id", "ordered_month", "demand_base_qty")
EVENT_COLUMNS = ("event_kind", "product_id", "site_id", "from_date", "base_qty")
FAMILY_COLUMNS = ("product_id", "product_family")
NO_FAMILY = "(no family)"


def split_table(tables: Tables, last: int) -> pa.Table:
    """Return the split of all months up to the last closed one, by site and family of articles.

    Only articles and sites that somebody ordered from suppliers are replayed: of the others nobody
    knows what was planned to come in.

    Args:
        tables: The warehouse.
        last: Last closed month, ``year * 12 + month - 1``.
    """
    first_day, last_day = _days(last)
    mark = fingerprint(
        last,
        PLAN_MONTHS,
        tables.digest(DEMAND, DEMAND_COLUMNS, {"ordered_month": first_day}),
        tables.digest(EVENTS, EVENT_COLUMNS, {"from_date": last_day}),
        tables.digest("intermediate.int_product__article", FAMILY_COLUMNS),
    )
    earlier = kept(tables, f"analytics.{OUTPUT}", mark)
    if earlier is not None:
        return earlier
    return _made(tables, last, mark)


def _days(last: int) -> tuple[date, date]:
    """First and last day of a month."""
    first = month_start(last).astype(object)
    return first, (month_start(last + 1) - 1).astype(object)


def _made(tables: Tables, last: int, mark: str) -> pa.Table:
    schema = SCHEMAS[OUTPUT]
    events = tables.read(EVENTS, EVENT_COLUMNS)
    demand = tables.read(DEMAND, DEMAND_COLUMNS)
    names, first, rows = _series(events, demand, last)
    if not len(names) or first > last:
        return schema.empty_table()
    sums = {kind: _sums(one, len(names), last - first + 1) for kind, one in rows.items()}
    opening = sums["OPENING"].sum(axis=1)
    plan = planned_demand(sums["DEMAND"], PLAN_MONTHS)
    found = split(opening, plan, sums["DEMAND"], sums["PO_LINE"], sums["RECEIPT"])
    return _rows(tables, names, first, sums["DEMAND"], plan, found, mark)


def _keys(table: pa.Table) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(table["site_id"], table["product_id"], "\x1f")


def _series(
    events: pa.Table, demand: pa.Table, last: int
) -> tuple[list[str], int, dict[str, tuple[IntArray, IntArray, IntArray]]]:
    """Names of the series, the first month, and series, month and micro-units of each kind of row.

    What lies before the first month after the opening count is in that count.
    """
    ordered = events.filter(pc.equal(events["event_kind"], "PO_LINE"))
    names = [str(one) for one in ranked_names(_keys(ordered))[0]] if ordered.num_rows else []
    opened = events.filter(pc.equal(events["event_kind"], "OPENING"))
    if opened.num_rows:
        first = int(months(opened["from_date"]).max()) + 1
    elif demand.num_rows:
        first = int(months(demand["ordered_month"]).min())
    else:
        first = last + 1
    known = pa.array(names, pa.string())

    def of(table: pa.Table, month: str, quantity: str) -> tuple[IntArray, IntArray, IntArray]:
        place = pc.index_in(_keys(table), value_set=known)
        at = pc.fill_null(place, -1).to_numpy().astype(np.int64)
        when = months(table[month]) - first
        micro = np.rint(np.nan_to_num(numbers(table[quantity])) * MICRO).astype(np.int64)
        return at, when, micro

    found = {
        kind: of(events.filter(pc.equal(events["event_kind"], kind)), "from_date", "base_qty")
        for kind in ("PO_LINE", "RECEIPT", "OPENING")
    }
    at, when, micro = found["OPENING"]
    found["OPENING"] = (at, np.zeros_like(when), micro)
    return names, first, found | {"DEMAND": of(demand, "ordered_month", "demand_base_qty")}


def _sums(rows: tuple[IntArray, IntArray, IntArray], series: int, periods: int) -> IntArray:
    at, when, micro = rows
    keep = (at >= 0) & (when >= 0) & (when < periods)
    total = np.zeros(series * periods, dtype=np.int64)
    np.add.at(total, at[keep] * periods + when[keep], micro[keep])
    return total.reshape(series, periods)


def _rows(
    tables: Tables,
    names: list[str],
    first: int,
    demand: IntArray,
    plan: IntArray,
    found: Split,
    mark: str,
) -> pa.Table:
    """Sums over the articles of a family; they keep the identity."""
    article = tables.read("intermediate.int_product__article", FAMILY_COLUMNS)
    family = dict(
        zip(article["product_id"].to_pylist(), article["product_family"].to_pylist(), strict=True)
    )
    parts = [name.split("\x1f") for name in names]
    groups = [(site, family.get(product) or NO_FAMILY) for site, product in parts]
    keys = sorted(set(groups))
    place = np.array([keys.index(one) for one in groups], dtype=np.int64)
    periods = demand.shape[1]

    def total(values: IntArray) -> IntArray:
        sums = np.zeros((len(keys), periods), dtype=np.int64)
        np.add.at(sums, place, values)
        return sums.ravel()

    month = [month_start(first + k).astype(object) for k in range(periods)]
    columns: dict[str, Any] = {
        "site_id": np.repeat([site for site, _ in keys], periods).tolist(),
        "product_family": np.repeat([name for _, name in keys], periods).tolist(),
        "demand_month": month * len(keys),
        "series_count": np.repeat(np.bincount(place), periods),
        "demand_micro": total(demand),
        "planned_micro": total(plan),
        "f00_micro": total(found.f00),
        "f10_micro": total(found.f10),
        "f01_micro": total(found.f01),
        "f11_micro": total(found.f11),
        "twice_demand_micro": total(found.twice_demand),
        "twice_execution_micro": total(found.twice_execution),
        "twice_bias_micro": total(found.twice_bias),
        "twice_noise_micro": total(found.twice_noise),
        "input_mark": [mark] * (len(keys) * periods),
    }
    return pa.table(columns).cast(SCHEMAS[OUTPUT])
