"""The three core results in plain pandas, as an analyst would write them on one machine.

The rules are those of the models; where a rule changes there, it changes here. Speed is not
sought beyond what pandas offers: merges, group-bys and an as-of merge.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

KEY = ["order_id", "line_no", "schedule_no"]
DEMAND_TYPES = ["STANDARD", "RUSH", "CONSIGNMENT", "DROPSHIP"]

Tables = dict[str, pd.DataFrame]


def read(folder: Path, names: list[str]) -> Tables:
    """Read the exported tables."""
    return {name: pd.read_parquet(folder / f"{name}.parquet") for name in names}


def write(frame: pd.DataFrame, path: Path) -> None:
    """Write a result."""
    frame.to_parquet(path, index=False)


def order_line_service(tables: Tables, facts: dict[str, Any]) -> pd.DataFrame:
    """Judge every order line on the first promise, in the order of the input lines."""
    lines = tables["order_line"].merge(_fulfilment(tables), on=KEY, how="left")
    for name in ("by_due_qty", "undelivered", "unquantified"):
        lines[name] = lines[name].fillna(0).astype("int64")
    countable, by_due = lines["countable_base_qty"], lines["by_due_qty"]
    # Percents are ten thousandths, so a hundred is a million; the one is rounding of units.
    enough = countable * (1_000_000 - lines["under_pct"] - 1)
    too_much = countable * (1_000_000 + lines["over_pct"] + 1)
    in_full = (by_due * 1_000_000 >= enough) & (by_due * 1_000_000 <= too_much)
    complete = (by_due + lines["seller_cancelled_base_qty"]) * 1_000_000 >= enough
    limit = lines["due_first_limit"]
    whole = (lines["last_arrived"] < limit) & (lines["undelivered"] == 0) & complete
    in_time = whole.mask(lines["is_partial_allowed"], lines["first_arrived"] < limit)
    not_early = lines["due_first_start"].isna() | (
        lines["first_arrived"] >= lines["due_first_start"]
    )
    on_time = not_early & in_time
    by_seller = (countable > 0) & (lines["seller_cancelled_base_qty"] >= countable)
    # What the seller cancelled before promising anything fails on the date asked for.
    unpromised = lines["due_first_date"].isna() & by_seller
    due_date = lines["due_first_date"].mask(unpromised, lines["due_req_date"])
    due_limit = limit.mask(unpromised, lines["due_req_limit"])
    counts = lines["is_service_relevant"] & (countable > 0)
    judged = counts & (lines["unquantified"] == 0) & due_date.notna() & facts["has_events"]
    end = pd.Timestamp(facts["as_of"]) + pd.Timedelta(days=1)
    return lines[KEY].assign(
        due_first_date=due_date,
        counts=counts,
        is_due_first=counts & (due_limit <= end),
        delivered_by_due_first_base_qty=by_due.astype("Int64").where(judged),
        is_in_full_first=in_full.astype("boolean").where(judged),
        is_on_time_first=on_time.astype("boolean").where(judged),
        is_otif_first=(in_full & on_time & ~by_seller).astype("boolean").where(judged),
    )


def customer_month(tables: Tables) -> pd.DataFrame:
    """Orders, order lines and invoiced net amount of an entity in a month."""
    headers, lines = tables["order_header"], tables["order_line"]
    lines = lines[lines["order_type"].isin(DEMAND_TYPES)]
    invoices = tables["invoice_line"].dropna(subset=["entity_id"])
    orders = headers["order_type"].isin(DEMAND_TYPES).astype("int64")
    parts = {
        "orders_count": orders.groupby(_entity_month(headers, "ordered_date")).sum(),
        "order_lines_count": lines.groupby(_entity_month(lines, "ordered_date")).size(),
        "net_amount_group": invoices.groupby(_entity_month(invoices, "posting_date"))[
            "net_amount_group"
        ].sum(),
    }
    return _joined(parts, ["entity_id", "activity_month"])


def segment_kpi(tables: Tables, service: pd.DataFrame, facts: dict[str, Any]) -> pd.DataFrame:
    """Orders, lines, net amounts and OTIF counts of a segment in a month."""
    lines, invoices, assignment = (
        tables["order_line"],
        tables["invoice_line"],
        tables["assignment"].sort_values("valid_from"),
    )
    at_order = _segment_on(assignment, lines["entity_id"], lines["ordered_date"])
    at_event = _segment_on(assignment, invoices["entity_id"], invoices["posting_date"])
    ordered = lines.groupby([at_order, _month(lines["ordered_date"])])
    invoiced = invoices.groupby([at_event, _month(invoices["posting_date"])])
    fallback = lines["due_req_date"].fillna(lines["due_last_date"]).fillna(lines["ordered_date"])
    undated = service["due_first_date"].isna() & (fallback <= pd.Timestamp(facts["as_of"]))
    served = service["is_due_first"] | (undated & service["counts"])
    due_month = _month(service["due_first_date"].fillna(fallback))
    otif = service["is_otif_first"][served].groupby([at_order[served], due_month[served]])
    parts = {
        "orders_count": ordered["order_id"].nunique(),
        "order_lines_count": ordered.size(),
        "ordered_net_amount_group": ordered["net_amount_group"].sum(),
        "net_amount_group": invoiced["net_amount_group"].sum(),
    }
    denominator = otif.count()
    judged = denominator[denominator > 0]
    numerator = otif.sum()[denominator > 0]
    result = _joined(parts | {"has": judged}, ["segment_key", "activity_month"])
    keys = pd.MultiIndex.from_frame(result[["segment_key", "activity_month"]])
    result["otif_first_numerator"] = numerator.reindex(keys).astype("Int64").array
    result["otif_first_denominator"] = judged.reindex(keys).astype("Int64").array
    return result.drop(columns="has")


def _fulfilment(tables: Tables) -> pd.DataFrame:
    """What was delivered of each order line, and how much of it by the first promise."""
    shipped, split = tables["shipment_line"], tables["schedule_split"]
    shares = split.merge(
        shipped[["shipment_id", "shipment_line_no", "delivered_at", "delivered_date"]],
        on=["shipment_id", "shipment_line_no"],
    )
    columns = [*KEY, "shipped_base_qty", "delivered_at", "delivered_date"]
    direct = shipped.loc[shipped["schedule_no"].notna(), columns]
    pieces = pd.concat([direct, shares[columns]]) if len(shares) else direct
    pieces = pieces.astype({"line_no": "int64", "schedule_no": "int64"})
    lines = tables["order_line"][[*KEY, "due_test", "due_first_limit"]]
    pieces = pieces.merge(lines, on=KEY)
    # A delivery is compared in the time in which its window is written: local day or UTC.
    is_day = pieces["due_test"] == "DAY"
    arrived = pieces["delivered_at"].mask(is_day, pieces["delivered_date"])
    quantity = pieces["shipped_base_qty"].fillna(0).astype("int64")
    pieces = pieces[KEY].assign(
        by_due_qty=quantity.where(arrived < pieces["due_first_limit"], 0),
        undelivered=pieces["delivered_at"].isna().astype("int64"),
        unquantified=pieces["shipped_base_qty"].isna().astype("int64"),
        first_arrived=arrived,
        last_arrived=arrived,
    )
    how = dict.fromkeys(("by_due_qty", "undelivered", "unquantified"), "sum")
    how |= {"first_arrived": "min", "last_arrived": "max"}
    return pieces.groupby(KEY, sort=False).agg(how).reset_index()


def _segment_on(assignment: pd.DataFrame, entity: pd.Series, date: pd.Series) -> pd.Series:
    """Return the segment of each entity on its date; unknown is -1, no entity -2."""
    asked = pd.DataFrame({"entity_id": entity.fillna(""), "on": date}).sort_values("on")
    found = pd.merge_asof(
        asked.reset_index(), assignment, left_on="on", right_on="valid_from", by="entity_id"
    ).set_index("index")
    is_valid = found["on"] < found["valid_to"]
    segment = found["segment_key"].where(is_valid, "-1").fillna("-1")
    segment = segment.mask(found["entity_id"] == "", "-2")
    return segment.reindex(entity.index).rename("segment_key")


def _month(date: pd.Series) -> pd.Series:
    months = date.to_numpy().astype("datetime64[M]").astype("datetime64[us]")
    return pd.Series(months, index=date.index, name="activity_month")


def _entity_month(frame: pd.DataFrame, column: str) -> list[pd.Series]:
    return [frame["entity_id"], _month(frame[column])]


def _joined(parts: dict[str, pd.Series], keys: list[str]) -> pd.DataFrame:
    """Put series with the same two keys side by side; what is missing is nought."""
    joined = pd.concat(parts, axis=1).rename_axis(keys)
    return joined.fillna(0).astype(np.int64).reset_index()
