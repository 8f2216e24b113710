"""The three core results in polars, lazily, as an analyst would write them on one machine.

The rules are those of the models; where a rule changes there, it changes here.
"""

from pathlib import Path
from typing import Any

import polars as pl
from polars import col

KEY = ["order_id", "line_no", "schedule_no"]
DEMAND_TYPES = ["STANDARD", "RUSH", "CONSIGNMENT", "DROPSHIP"]

Tables = dict[str, pl.DataFrame]


def read(folder: Path, names: list[str]) -> Tables:
    """Read the exported tables."""
    return {name: pl.read_parquet(folder / f"{name}.parquet") for name in names}


def write(frame: pl.DataFrame, path: Path) -> None:
    """Write a result."""
    frame.write_parquet(path)


def order_line_service(tables: Tables, facts: dict[str, Any]) -> pl.DataFrame:
    """Judge every order line on the first promise, in the order of the input lines."""
    countable, cancelled = col("countable_base_qty"), col("seller_cancelled_base_qty")
    limit, first, last = col("due_first_limit"), col("first_arrived"), col("last_arrived")
    by_due = col("by_due_qty").fill_null(0)
    # Percents are ten thousandths, so a hundred is a million; the one is rounding of units.
    enough = countable * (1_000_000 - col("under_pct") - 1)
    too_much = countable * (1_000_000 + col("over_pct") + 1)
    in_full = (by_due * 1_000_000 >= enough) & (by_due * 1_000_000 <= too_much)
    complete = (by_due + cancelled) * 1_000_000 >= enough
    whole = (last < limit) & (col("undelivered").fill_null(0) == 0) & complete
    in_time = pl.when("is_partial_allowed").then(first < limit).otherwise(whole)
    not_early = col("due_first_start").is_null() | (first >= col("due_first_start"))
    by_seller = (countable > 0) & (cancelled >= countable)
    # What the seller cancelled before promising anything fails on the date asked for.
    unpromised = col("due_first_date").is_null() & by_seller
    due_date = pl.when(unpromised).then("due_req_date").otherwise("due_first_date")
    due_limit = pl.when(unpromised).then("due_req_limit").otherwise("due_first_limit")
    counts = col("is_service_relevant") & (countable > 0)
    judged = counts & (col("unquantified").fill_null(0) == 0) & due_date.is_not_null()
    judged = judged & pl.lit(facts["has_events"])
    end = pl.lit(facts["as_of"]).str.to_datetime("%Y-%m-%d") + pl.duration(days=1)
    on_time = (not_early & in_time).fill_null(False)
    lines = tables["order_line"].lazy()
    return (
        lines.join(_fulfilment(tables), on=KEY, how="left", maintain_order="left")
        .select(
            *KEY,
            due_date.alias("due_first_date"),
            counts.alias("counts"),
            (counts & (due_limit <= end).fill_null(False)).alias("is_due_first"),
            pl.when(judged).then(by_due).alias("delivered_by_due_first_base_qty"),
            pl.when(judged).then(in_full).alias("is_in_full_first"),
            pl.when(judged).then(on_time).alias("is_on_time_first"),
            pl.when(judged).then(in_full & on_time & ~by_seller).alias("is_otif_first"),
        )
        .collect()
    )


def customer_month(tables: Tables) -> pl.DataFrame:
    """Orders, order lines and invoiced net amount of an entity in a month."""
    keys = ["entity_id", "activity_month"]
    is_demand = col("order_type").is_in(DEMAND_TYPES)
    headers, lines, invoices = (
        tables[name].lazy() for name in ("order_header", "order_line", "invoice_line")
    )
    orders = headers.group_by("entity_id", _month("ordered_date")).agg(
        is_demand.sum().cast(pl.Int64).alias("orders_count")
    )
    placed = lines.filter(is_demand).group_by("entity_id", _month("ordered_date"))
    invoiced = (
        invoices.filter(col("entity_id").is_not_null())
        .group_by("entity_id", _month("posting_date"))
        .agg(col("net_amount_group").sum())
    )
    lines_placed = placed.agg(pl.len().cast(pl.Int64).alias("order_lines_count"))
    return _joined([orders, lines_placed, invoiced], keys).collect()


def segment_kpi(tables: Tables, service: pl.DataFrame, facts: dict[str, Any]) -> pl.DataFrame:
    """Orders, lines, net amounts and OTIF counts of a segment in a month."""
    keys = ["segment_key", "activity_month"]
    lines = pl.concat(
        [tables["order_line"], service.drop(*KEY).rename({"due_first_date": "counted_date"})],
        how="horizontal",
    )
    placed = _with_segment(lines.lazy(), tables, "ordered_date")
    invoices = _with_segment(tables["invoice_line"].lazy(), tables, "posting_date")
    as_of = pl.lit(facts["as_of"]).str.to_datetime("%Y-%m-%d")
    fallback = pl.coalesce("due_req_date", "due_last_date", "ordered_date")
    undated = col("counted_date").is_null() & (fallback <= as_of)
    ordered = placed.group_by("segment_key", _month("ordered_date")).agg(
        col("order_id").n_unique().cast(pl.Int64).alias("orders_count"),
        pl.len().cast(pl.Int64).alias("order_lines_count"),
        col("net_amount_group").sum().alias("ordered_net_amount_group"),
    )
    invoiced = invoices.group_by("segment_key", _month("posting_date")).agg(
        col("net_amount_group").sum()
    )
    served = (
        placed.filter(col("is_due_first") | (undated & col("counts")))
        .with_columns(pl.coalesce("counted_date", fallback).alias("due_date"))
        .group_by("segment_key", _month("due_date"))
        .agg(
            col("is_otif_first").sum().cast(pl.Int64).alias("otif_first_numerator"),
            col("is_otif_first").count().cast(pl.Int64).alias("otif_first_denominator"),
        )
        .filter(col("otif_first_denominator") > 0)
    )
    counted = _joined([ordered, invoiced, served.select(keys)], keys)
    return counted.join(served, on=keys, how="left").collect()


def _fulfilment(tables: Tables) -> pl.LazyFrame:
    """What was delivered of each order line, and how much of it by the first promise."""
    shipped, split = tables["shipment_line"].lazy(), tables["schedule_split"].lazy()
    lines = tables["order_line"].lazy().select(*KEY, "due_test", "due_first_limit")
    columns = [*KEY, "shipped_base_qty", "delivered_at", "delivered_date"]
    shares = split.join(
        shipped.drop(*KEY, "shipped_base_qty"), on=["shipment_id", "shipment_line_no"]
    )
    direct = shipped.filter(col("schedule_no").is_not_null())
    pieces = pl.concat([direct.select(columns), shares.select(columns)])
    # A delivery is compared in the time in which its window is written: local day or UTC.
    arrived = pl.when(col("due_test") == "DAY").then("delivered_date").otherwise("delivered_at")
    is_by_due = col("arrived") < col("due_first_limit")
    return (
        pieces.join(lines, on=KEY)
        .with_columns(arrived.alias("arrived"))
        .group_by(KEY)
        .agg(
            col("shipped_base_qty").filter(is_by_due).sum().alias("by_due_qty"),
            col("delivered_at").null_count().alias("undelivered"),
            col("shipped_base_qty").null_count().alias("unquantified"),
            col("arrived").min().alias("first_arrived"),
            col("arrived").max().alias("last_arrived"),
        )
    )


def _with_segment(frame: pl.LazyFrame, tables: Tables, date: str) -> pl.LazyFrame:
    """Add the segment of each row's entity on its date; unknown is -1, no entity -2."""
    assignment = tables["assignment"].lazy().sort("valid_from")
    is_valid = col("segment_key").is_not_null() & (col(date) < col("valid_to"))
    return (
        frame.sort(date)
        .join_asof(
            assignment,
            left_on=date,
            right_on="valid_from",
            by="entity_id",
            check_sortedness=False,
        )
        .with_columns(
            pl.when(col("entity_id").is_null())
            .then(pl.lit("-2"))
            .when(is_valid)
            .then("segment_key")
            .otherwise(pl.lit("-1"))
            .alias("segment_key")
        )
    )


def _month(date: str) -> pl.Expr:
    return col(date).dt.truncate("1mo").alias("activity_month")


def _joined(parts: list[pl.LazyFrame], keys: list[str]) -> pl.LazyFrame:
    """Put frames with the same keys side by side; what is missing is nought."""
    joined = parts[0]
    for part in parts[1:]:
        joined = joined.join(part, on=keys, how="full", coalesce=True)
    return joined.with_columns(pl.exclude(keys).fill_null(0))
