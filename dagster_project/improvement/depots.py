"""The warehouses that ship, their orders of some months by the hour, and the days they work.

What a premium service makes of them stands in ``feasibility_table``.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dagster_project.analytics.inputs import BoolArray, FloatArray, IntArray
from dagster_project.analytics.tables import Tables
from dagster_project.improvement.feasibility import HOURS, reach_share
from dagster_project.improvement.reads import Read
from dagster_project.schemes.closed import Closed

ORDERS, SITES = "intermediate.int_order__header", "intermediate.int_customer__site"
DAYS = "staging.stg_erp__working_calendar"
GOODS = ("has_hazmat", "has_cold_chain")
ORDER_COLUMNS = (
    *("order_id", "ordered_at", "entity_id", "ship_to_site_id", "known_at"),
    *("ship_from_site_id", "is_from_several_sites", *GOODS),
)
SITE_COLUMNS = ("site_id", "latitude", "longitude", "tz_name", "receiving_calendar_id")
DAY_COLUMNS = ("calendar_id", "calendar_date", "is_working")
UNKNOWN_SITE = "(unknown)"
Row = Mapping[str, Any]


def depot_reads(closed: Closed) -> tuple[Read, ...]:
    """Rows that the warehouses depend on."""
    bound = (("known_at", closed.known_at), ("ordered_date", closed.end))
    return (
        Read(ORDERS, ORDER_COLUMNS, bound),
        Read(SITES, SITE_COLUMNS),
        Read(DAYS, DAY_COLUMNS, (("calendar_date", closed.end),)),
    )


@dataclass
class Depot:
    """A place that ships, and its orders of the window; arrays of shape (orders,).

    ``is_working``: days of its calendar; empty where it has none.
    """

    site_id: str
    entities: NDArray[np.object_]
    ship_to: NDArray[np.object_]
    goods: dict[str, BoolArray]
    is_from_one_place: BoolArray
    moments: pa.ChunkedArray
    place: tuple[float, float] | None
    time_zone: str | None
    is_working: Mapping[date, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Window:
    """The days that are replayed, both included."""

    first: date
    last: date

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=k) for k in range((self.last - self.first).days + 1)]


def depots_of(
    tables: Tables, closed: Closed, window: Window, places: Mapping[str, Row]
) -> Iterator[Depot]:
    """Yield the warehouses with orders in a window, by name."""
    orders = tables.read(ORDERS, (*ORDER_COLUMNS, "ordered_date"))
    day, known = orders["ordered_date"], orders["known_at"].cast(pa.timestamp("us"))
    inside = pc.and_(pc.greater_equal(day, window.first), pc.less_equal(day, window.last))
    kept = pc.and_(inside, pc.less_equal(known, pa.scalar(closed.known_at)))
    orders = orders.filter(pc.fill_null(kept, False)).sort_by("order_id")
    calendars: dict[str, dict[date, bool]] = {}
    for row in tables.read(DAYS, DAY_COLUMNS).to_pylist():
        calendars.setdefault(row["calendar_id"], {})[row["calendar_date"]] = row["is_working"]
    named = pc.fill_null(orders["ship_from_site_id"], UNKNOWN_SITE)
    for site in sorted(pc.unique(named).to_pylist()):
        own = orders.filter(pc.equal(named, site))
        known_place = places.get(site, {})
        yield Depot(
            site,
            np.array(own["entity_id"].to_pylist(), dtype=object),
            np.array(own["ship_to_site_id"].to_pylist(), dtype=object),
            {name: _flags(own[name]) for name in GOODS},
            ~_flags(own["is_from_several_sites"]),
            own["ordered_at"],
            _place_of(known_place),
            known_place.get("tz_name"),
            calendars.get(known_place.get("receiving_calendar_id") or "", {}),
        )


def _flags(column: pa.ChunkedArray) -> BoolArray:
    return np.asarray(pc.fill_null(column, False).to_numpy(), dtype=bool)


def _place_of(site: Row) -> tuple[float, float] | None:
    if site.get("latitude") is None or site.get("longitude") is None:
        return None
    return float(site["latitude"]), float(site["longitude"])


def open_days(service: Row, depot: Depot, weekdays: set[int], window: Window) -> BoolArray:
    """Days on which goods are picked: those of the calendar, and those of an own shift.

    Without a calendar the days of the service are open.
    """
    is_own = service["works_on"] == "OWN_SHIFT"
    found = []
    for day in window.days:
        is_of_service = day.isoweekday() in weekdays
        works = depot.is_working.get(day)
        found.append(bool(is_of_service if works is None else works or (is_own and is_of_service)))
    return np.array(found, dtype=bool)


def by_hour(depot: Depot, service: Row, window: Window) -> Callable[[BoolArray], FloatArray]:
    """Return a function from orders (a mask) to their number by day and hour of the warehouse."""
    zone = depot.time_zone or service["time_zone"]
    moments = pc.assume_timezone(depot.moments.cast(pa.timestamp("us")), "UTC")
    local = pc.local_timestamp(moments.cast(pa.timestamp("us", zone)))
    hours: IntArray = local.cast(pa.int64()).to_numpy() // 3_600_000_000
    since = hours - int(np.datetime64(window.first, "h").astype(np.int64))
    span = len(window.days) * HOURS

    def counted(rows: BoolArray) -> FloatArray:
        kept = since[rows & (since >= 0) & (since < span)]
        return np.bincount(kept, minlength=span).reshape(-1, HOURS).astype(np.float64)

    return counted


def reach_of(
    service: Row, depot: Depot, is_premium: BoolArray, places: Mapping[str, Row]
) -> float | None:
    """Share of the orders whose place is reached in time; None where it is not known."""
    found = [_place_of(places.get(one) or {}) for one in depot.ship_to[is_premium]]
    known = [place for place in found if place is not None]
    if depot.place is None or not known:
        return None
    latitude, longitude = zip(*known, strict=True)
    return reach_share(
        latitude,
        longitude,
        depot.place,
        service["transit_hours"],
        service["speed_km_h"],
        service["circuity"],
    )
