"""Reads the hours in which orders came and writes which premium services could be kept."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.analytics.inputs import FloatArray
from dagster_project.analytics.tables import Tables
from dagster_project.improvement.feasibility import (
    HOURS,
    break_even_fee,
    reach_share,
    replay,
    resampled,
)
from dagster_project.improvement.outputs import table_of
from dagster_project.improvement.policy import Settings
from dagster_project.improvement.reads import Read
from dagster_project.schemes.closed import Closed, segments_then
from dagster_project.schemes.reads import segment_rows

ORDERS, SITES = "intermediate.int_order__header", "intermediate.int_customer__site"
SERVICES = "policy.premium_service"
ORDER_COLUMNS = ("order_id", "ordered_at", "entity_id", "ship_to_site_id", "known_at")
SITE_COLUMNS = ("site_id", "latitude", "longitude")
SEED = 20260101
Row = Mapping[str, Any]


def feasibility_reads(closed: Closed) -> tuple[Read, ...]:
    """Rows that the table depends on."""
    beliefs = segment_rows(closed)
    bound = (("known_at", closed.known_at), ("ordered_date", closed.end))
    return (
        Read(ORDERS, ORDER_COLUMNS, bound),
        Read(SITES, SITE_COLUMNS),
        Read(beliefs.relation, beliefs.columns, beliefs.until),
        Read(SERVICES, ("service_id", "eligible_segments", "weekdays", "time_zone")),
        Read(SERVICES, ("service_id", "cutoff_hour", "pickup_hour", "open_hour", "close_hour")),
        Read(SERVICES, ("service_id", "orders_per_hour", "site_id", "cost_per_order_group")),
        Read(SERVICES, ("service_id", "transit_hours", "speed_km_h", "circuity", "target")),
    )


def feasibility_table(tables: Tables, closed: Closed, settings: Settings) -> pa.Table:
    """Return service and weekday with what the last months would have come to."""
    orders = tables.read(ORDERS, (*ORDER_COLUMNS, "ordered_date"))
    first = closed.before(settings.feasibility_months - 1)
    day = orders["ordered_date"]
    kept = pc.and_(
        pc.and_(pc.greater_equal(day, pa.scalar(first)), pc.less_equal(day, pa.scalar(closed.end))),
        pc.less_equal(orders["known_at"].cast(pa.timestamp("us")), pa.scalar(closed.known_at)),
    )
    orders = orders.filter(pc.fill_null(kept, False)).sort_by("order_id")
    segments = segments_then(tables, closed)
    codes = {
        (row["scheme_id"], row["entity_id"]): row["segment_code"] for row in segments.to_pylist()
    }
    sites = {
        row["site_id"]: (float(row["latitude"]), float(row["longitude"]))
        for row in tables.read(SITES, SITE_COLUMNS).to_pylist()
        if row["latitude"] is not None and row["longitude"] is not None
    }
    rows: list[dict[str, Any]] = []
    for service in sorted(tables.read(SERVICES).to_pylist(), key=lambda one: one["service_id"]):
        rows += _service(service, orders, codes, sites, closed, first, settings)
    return table_of("premium_feasibility", rows)


def _service(
    service: Row,
    orders: pa.Table,
    codes: Mapping[tuple[str, str], str],
    sites: Mapping[str, tuple[float, float]],
    closed: Closed,
    first: date,
    settings: Settings,
) -> Iterator[dict[str, Any]]:
    wanted = set(service["eligible_segments"].split())
    scheme = service["scheme_id"]
    entities = orders["entity_id"].to_pylist()
    is_eligible = np.array([codes.get((scheme, one)) in wanted for one in entities], dtype=bool)
    reach = _reach(service, orders, is_eligible, sites)
    days, hours = _local(orders, service["time_zone"], first)
    span = (closed.end - first).days + 1
    inside = (days >= 0) & (days < span)
    premium = _counted(days, hours, inside & is_eligible, span)
    others = _counted(days, hours, inside & ~is_eligible, span)
    weekday_of = (np.arange(span) + first.weekday()) % 7 + 1
    capacity = np.zeros(HOURS)
    capacity[service["open_hour"] : service["close_hour"]] = service["orders_per_hour"]
    for weekday in sorted(int(one) for one in service["weekdays"].split()):
        own = weekday_of == weekday
        both = np.stack([premium[own], others[own]], axis=1)
        common = {
            "as_of_month": closed.start,
            "service_id": service["service_id"],
            "iso_weekday": weekday,
            "days_count": int(own.sum()),
            "target": service["target"],
            "reach_share": reach,
        }
        if not both[:, 0].sum():
            yield common | {"is_feasible": False, "null_reason": "no order of an eligible segment"}
            continue
        drawn = resampled(both, settings.feasibility_draws, SEED + weekday)
        args = (capacity, service["cutoff_hour"], service["pickup_hour"])
        found = replay(drawn[:, 0], drawn[:, 1], *args)
        half = replay(drawn[:, 0], drawn[:, 1], capacity / 2, *args[1:])
        expected = None if found.attainment is None else found.attainment * (reach or 1.0)
        peak = found.on_peak()
        yield common | {
            "orders_per_day": float(premium[own].sum(axis=1).mean()),
            "in_time_share": float(found.asked.sum() / drawn[:, 0].sum()),
            "attainment": found.attainment,
            "attainment_on_peak": peak,
            "attainment_at_half_capacity": half.attainment,
            "expected_attainment": expected,
            "displaced_orders_per_day": float(found.displaced.mean()),
            "cost_per_order_group": service["cost_per_order_group"],
            "break_even_fee_group": break_even_fee(service["cost_per_order_group"], expected),
            "is_feasible": peak is not None and peak * (reach or 1.0) >= service["target"],
        }


def _local(orders: pa.Table, zone: str, first: date) -> tuple[np.ndarray, np.ndarray]:
    """Days since the first one and hours, on the clock of the warehouse."""
    moments = pc.assume_timezone(orders["ordered_at"].cast(pa.timestamp("us")), "UTC")
    local = pc.local_timestamp(moments.cast(pa.timestamp("us", zone)))
    minutes = local.cast(pa.int64()).to_numpy() // 3_600_000_000
    start = int(np.datetime64(first, "h").astype(np.int64))
    since = minutes - start
    return since // HOURS, since % HOURS


def _counted(days: np.ndarray, hours: np.ndarray, rows: np.ndarray, span: int) -> FloatArray:
    place = days[rows] * HOURS + hours[rows]
    return np.bincount(place, minlength=span * HOURS).reshape(span, HOURS).astype(np.float64)


def _reach(
    service: Row,
    orders: pa.Table,
    is_eligible: np.ndarray,
    sites: Mapping[str, tuple[float, float]],
) -> float | None:
    """Share of the eligible orders whose place is reached in time; None where it is not known."""
    if not service["site_id"] or service["site_id"] not in sites:
        return None
    names = orders["ship_to_site_id"].filter(pa.array(is_eligible)).to_pylist()
    places = [sites[one] for one in names if one in sites]
    latitude, longitude = zip(*places, strict=True) if places else ((), ())
    return reach_share(
        latitude,
        longitude,
        sites[service["site_id"]],
        service["transit_hours"],
        service["speed_km_h"],
        service["circuity"],
    )
