"""Codes of the network scheme, and the outcomes that orders give.

A code such as ``DE_DENSE`` says in which country most of a customer's orders are delivered and how
often a place of delivery is served. Outcomes: days between order and the day asked for, and freight
per order.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.segmentation.scores import FloatArray

DEMAND_TYPES = ("STANDARD", "RUSH", "CONSIGNMENT", "DROPSHIP")
"""Orders that are demand; the same as in ``int_customer__month``."""


@dataclass(frozen=True)
class DropLimits:
    """Drops per place and month below which they are rare, and from which they are dense."""

    low: float
    high: float


def demand_orders(orders: pa.Table, first: object, last: object, known_at: object) -> pa.Table:
    """Return the orders that count: demand, accepted, of the days from first to last, known.

    Args:
        orders: Columns of ``int_order__header``.
        first: First day, a date.
        last: Last day.
        known_at: Record time after which nothing counts.
    """
    known = pc.less_equal(orders["known_at"].cast(pa.timestamp("us")), pa.scalar(known_at))
    days = pc.and_(
        pc.greater_equal(orders["ordered_date"], pa.scalar(first)),
        pc.less_equal(orders["ordered_date"], pa.scalar(last)),
    )
    demand = pc.is_in(orders["order_type"], pa.array(DEMAND_TYPES))
    fit = pc.and_(pc.is_null(orders["reject_reason"]), pc.is_valid(orders["entity_id"]))
    return orders.filter(pc.and_(pc.and_(known, days), pc.and_(demand, fit)))


def network_codes(
    orders: pa.Table, sites: pa.Table, months: int, limits: DropLimits
) -> dict[str, str]:
    """Return the code of each entity with a delivery to a known place.

    Args:
        orders: Those that count, with ``entity_id``, ``ship_to_site_id`` and ``order_id``.
        sites: ``site_id`` and ``country``.
        months: Months that the orders span.
        limits: Of the drop profile.

    Returns:
        Code by entity: country with most orders (ties by name), and RARE, REGULAR or DENSE.
    """
    joined = orders.select(["entity_id", "ship_to_site_id", "order_id"]).join(
        sites.select(["site_id", "country"]), "ship_to_site_id", "site_id", join_type="inner"
    )
    if not joined.num_rows:
        return {}
    drops = joined.group_by(["entity_id", "country"]).aggregate(
        [("order_id", "count"), ("ship_to_site_id", "count_distinct")]
    )
    drops = drops.sort_by(
        [("entity_id", "ascending"), ("order_id_count", "descending"), ("country", "ascending")]
    )
    found: dict[str, list[tuple[str, int, int]]] = {}
    columns = ("entity_id", "country", "order_id_count", "ship_to_site_id_count_distinct")
    for entity, country, n, places in zip(
        *(drops[name].to_pylist() for name in columns), strict=True
    ):
        found.setdefault(entity, []).append((country, n, places))
    codes = {}
    for entity, parts in found.items():
        rate = sum(n for _, n, _ in parts) / sum(p for _, _, p in parts) / months
        profile = "RARE" if rate < limits.low else "DENSE" if rate >= limits.high else "REGULAR"
        codes[entity] = f"{parts[0][0]}_{profile}"
    return codes


def requested_wait(orders: pa.Table) -> dict[str, float]:
    """Return the mean days from order to the day asked for, by entity; none where nobody asked."""
    asked = orders.filter(pc.is_valid(orders["requested_at"]))
    wait = pc.subtract(_microseconds(asked["requested_at"]), _microseconds(asked["ordered_at"]))
    hours = pc.divide(wait, 3_600_000_000)
    table = pa.table({"entity_id": asked["entity_id"], "hours": hours})
    # Whole hours add up exactly, in whatever order.
    return _ratio(table, "hours", 24.0)


def freight_per_order(orders: pa.Table, charges: pa.Table, known_at: object) -> dict[str, float]:
    """Return the freight of the orders that were charged, per order, by entity.

    Args:
        orders: Those that count.
        charges: ``order_id``, ``amount_group`` and ``known_at`` of freight charges.
        known_at: Record time after which no charge counts.
    """
    known = pc.less_equal(charges["known_at"].cast(pa.timestamp("us")), pa.scalar(known_at))
    kept = charges.filter(pc.fill_null(pc.and_(known, pc.is_valid(charges["amount_group"])), False))
    cents = pc.round(pc.multiply(kept["amount_group"].cast(pa.float64()), 10_000.0))
    table = pa.table({"order_id": kept["order_id"], "units": cents.cast(pa.int64())})
    billed = table.group_by("order_id").aggregate([("units", "sum")])
    joined = orders.select(["order_id", "entity_id"]).join(billed, "order_id", join_type="inner")
    return _ratio(joined.rename_columns(["order_id", "entity_id", "units"]), "units", 10_000.0)


def _microseconds(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.timestamp("us", column.type.tz)).cast(pa.int64())


def _ratio(table: pa.Table, column: str, unit: float) -> dict[str, float]:
    """Mean of a column of whole numbers by entity, divided by a unit."""
    sums = table.group_by("entity_id").aggregate([(column, "sum"), (column, "count")])
    totals = np.asarray(sums[f"{column}_sum"].to_pylist(), dtype=np.float64)
    counts = np.asarray(sums[f"{column}_count"].to_pylist(), dtype=np.float64)
    means: FloatArray = totals / np.maximum(counts, 1.0) / unit
    return {e: float(m) for e, m in zip(sums["entity_id"].to_pylist(), means, strict=True)}
