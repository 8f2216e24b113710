"""Reads the hours in which orders came and writes which premium services could be kept."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from dagster_project.analytics.inputs import FloatArray
from dagster_project.analytics.tables import Tables
from dagster_project.improvement.depots import (
    SITE_COLUMNS,
    SITES,
    Depot,
    Row,
    Window,
    by_hour,
    depot_reads,
    depots_of,
    open_days,
    reach_of,
)
from dagster_project.improvement.feasibility import (
    HOURS,
    Outcome,
    break_even_fee,
    carried,
    incremental_cost,
    replay,
    resampled,
)
from dagster_project.improvement.outputs import table_of
from dagster_project.improvement.policy import Settings
from dagster_project.improvement.reads import Read
from dagster_project.schemes.closed import Closed, segments_then
from dagster_project.schemes.reads import segment_rows

SERVICES, SEGMENTS = "policy.premium_service", "policy.segment"
SEGMENT_COLUMNS = ("scheme_id", "segment_code", "tier_rank")
EVERY_SITE, NO_SEGMENT = "*", "-1"
SEED = 20260101
Ranks = Mapping[str, int | None]


def feasibility_reads(closed: Closed) -> tuple[Read, ...]:
    """Rows that the table depends on."""
    beliefs = segment_rows(closed)
    return (
        *depot_reads(closed),
        Read(beliefs.relation, beliefs.columns, beliefs.until),
        Read(SEGMENTS, SEGMENT_COLUMNS),
        Read(SERVICES, ("service_id", "site_id", "eligible_segments", "excluded_goods")),
        Read(SERVICES, ("service_id", "site_id", "weekdays", "works_on", "time_zone")),
        Read(SERVICES, ("service_id", "site_id", "cutoff_hour", "pickup_hour", "open_hour")),
        Read(SERVICES, ("service_id", "site_id", "close_hour", "orders_per_hour", "transit_hours")),
        Read(SERVICES, ("service_id", "site_id", "speed_km_h", "circuity", "target", "scheme_id")),
        Read(SERVICES, ("service_id", "site_id", "cost_per_order_group", "cost_per_day_group")),
    )


def feasibility_table(tables: Tables, closed: Closed, settings: Settings) -> pa.Table:
    """Return service, warehouse and weekday with what the last months would have come to."""
    window = Window(closed.before(settings.feasibility_months - 1), closed.end)
    places = {row["site_id"]: row for row in tables.read(SITES, SITE_COLUMNS).to_pylist()}
    depots = list(depots_of(tables, closed, window, places))
    segments = segments_then(tables, closed).to_pylist()
    ranks: dict[str, dict[str, int | None]] = {}
    for row in tables.read(SEGMENTS, SEGMENT_COLUMNS).to_pylist():
        ranks.setdefault(row["scheme_id"], {})[row["segment_code"]] = row["tier_rank"]
    rows: list[dict[str, Any]] = []
    services = tables.read(SERVICES).to_pylist()
    for service_id in sorted({one["service_id"] for one in services}):
        by_site = {one["site_id"]: one for one in services if one["service_id"] == service_id}
        for depot in depots:
            service = by_site.get(depot.site_id, by_site.get(EVERY_SITE))
            if service is None:
                continue
            scheme = service["scheme_id"]
            codes = {
                row["entity_id"]: row["segment_code"]
                for row in segments
                if row["scheme_id"] == scheme
            }
            common = {"as_of_month": closed.start, "service_id": service_id}
            for row in _judged(
                service, depot, codes, ranks.get(scheme, {}), places, window, settings
            ):
                rows.append(common | row)
    return table_of("premium_feasibility", rows)


def _judged(
    service: Row,
    depot: Depot,
    codes: Mapping[str, str],
    ranks: Ranks,
    places: Mapping[str, Row],
    window: Window,
    settings: Settings,
) -> Iterator[dict[str, Any]]:
    wanted = set(service["eligible_segments"].split())
    segments = np.array([codes.get(one, NO_SEGMENT) for one in depot.entities], dtype=object)
    is_of_tier = np.isin(segments.astype(str), sorted(wanted))
    is_premium = is_of_tier & depot.is_from_one_place
    for word in (service["excluded_goods"] or "").split():
        is_premium &= ~depot.goods[f"has_{word.lower()}"]
    reach = reach_of(service, depot, is_premium, places)
    weekdays = {int(one) for one in service["weekdays"].split()}
    is_open = open_days(service, depot, weekdays, window)
    came = by_hour(depot, service, window)
    kinds = sorted(set(segments))
    counted = [came(is_premium), *(came((segments == kind) & ~is_premium) for kind in kinds)]
    arrivals = np.stack([carried(one, is_open, service["close_hour"]) for one in counted], axis=1)
    weekday_of = np.array([day.isoweekday() for day in window.days])
    capacity = np.zeros(HOURS)
    capacity[service["open_hour"] : service["close_hour"]] = service["orders_per_hour"]
    for weekday in sorted(weekdays):
        own = arrivals[weekday_of[is_open] == weekday]
        common = {
            "site_id": depot.site_id,
            "iso_weekday": weekday,
            "days_count": len(own),
            "closed_days_count": int((~is_open[weekday_of == weekday]).sum()),
            "eligible_share": float(is_premium.sum() / is_of_tier.sum())
            if is_of_tier.any()
            else None,
            "reach_share": reach,
            "target": service["target"],
        }
        if not own[:, 0].sum():
            why = "no order that the service takes" if len(own) else "never open on this day"
            yield common | {"is_feasible": False, "null_reason": why}
            continue
        days = resampled(own, settings.feasibility_draws, SEED + weekday)
        yield common | _figures(service, days, own, capacity, common, kinds, ranks)


def _figures(
    service: Row,
    drawn: FloatArray,
    real: FloatArray,
    capacity: FloatArray,
    shares: Row,
    kinds: list[str],
    ranks: Ranks,
) -> dict[str, Any]:
    """What drawn days come to; days of shape (days, 1 + kinds, hours), the service first."""
    premium, others = drawn[:, 0], drawn[:, 1:].swapaxes(0, 1)
    hours = (service["cutoff_hour"], service["pickup_hour"])
    found = replay(premium, others, capacity, *hours)
    reach = 1.0 if shares["reach_share"] is None else shares["reach_share"]
    in_time = float(found.asked.sum() / premium.sum())
    expected = None if found.attainment is None else found.attainment * reach
    peak = found.on_peak()
    cost = incremental_cost(
        service["cost_per_order_group"], service["cost_per_day_group"], float(found.asked.mean())
    )
    return {
        "orders_per_day": float(real[:, 0].sum(axis=1).mean()),
        "orders_on_peak_day": found.peak_orders,
        "in_time_share": in_time,
        "feasible_share": shares["eligible_share"] * in_time * reach,
        "attainment": found.attainment,
        "attainment_last_hour": found.last_hour_attainment,
        "attainment_on_peak": peak,
        "attainment_at_half_capacity": replay(premium, others, capacity / 2, *hours).attainment,
        "expected_attainment": expected,
        "capacity_left_per_hour": float(found.spare.mean() / _hours_open(capacity, hours[1])),
        **_displaced(found, kinds, ranks, service),
        "cost_per_order_group": cost,
        "break_even_fee_group": break_even_fee(cost, expected),
        "is_feasible": peak is not None and peak * reach >= service["target"],
        "null_reason": "no order by the cut-off" if found.attainment is None else None,
    }


def _hours_open(capacity: FloatArray, pickup: int) -> int:
    return max(int((capacity[:pickup] > 0).sum()), 1)


def _displaced(found: Outcome, kinds: list[str], ranks: Ranks, service: Row) -> dict[str, Any]:
    """Orders of others that wait, by segment; those of tiers below the service beside them."""
    by_kind = dict(zip(kinds, found.displaced.mean(axis=1).tolist(), strict=True))
    tier = {kind: ranks.get(kind) or 0 for kind in kinds}
    lowest = max(ranks.get(one) or 0 for one in service["eligible_segments"].split())
    ranked = sorted(kinds, key=lambda kind: (not tier[kind], tier[kind], kind))
    said = [f"{kind} {by_kind[kind]:.2f}" for kind in ranked if round(by_kind[kind], 2) > 0]
    return {
        "displaced_orders_per_day": sum(by_kind.values()),
        "displaced_lower_tiers_per_day": sum(by_kind[one] for one in kinds if tier[one] > lowest),
        "displaced_by_segment": ", ".join(said) or None,
    }
