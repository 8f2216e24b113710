"""Which schemes there are, how they cross, and which one tells apart what a purpose is about.

Codes of all active schemes in the closed month as tables of ``outputs.py``. The measures are in
``crosswalk.py`` and ``fitness.py``, the codes in ``demand_codes.py`` and ``network_codes.py``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.analytics.tables import Tables
from dagster_project.demand.policy import parse_limits
from dagster_project.schemes.closed import Closed, closed_history, segments_then
from dagster_project.schemes.crosswalk import ABSENT, cross
from dagster_project.schemes.demand_codes import (
    DemandRows,
    demand_codes,
    demand_rows,
    forecast_error,
)
from dagster_project.schemes.fitness import fitness_of, fittest
from dagster_project.schemes.network_codes import (
    DropLimits,
    demand_orders,
    freight_per_order,
    network_codes,
    requested_wait,
)
from dagster_project.schemes.outputs import table_of
from dagster_project.schemes.policy import PurposeRow, Settings
from dagster_project.schemes.signoff import signoff_state
from dagster_project.segmentation.policy import EXCLUDED
from dagster_project.segmentation.scores import UNIT

Codes = Mapping[str, str]
Outcome = Mapping[str, float]

OUTCOMES = {
    "DEMAND_PLANNING": "error of a plain forecast, share of what was ordered",
    "SERVICE_DIFFERENTIATION": "days from order to the day asked for",
    "NETWORK_DESIGN": "freight per order, group currency",
}
"""What each purpose is judged by."""


@dataclass(frozen=True)
class Standing:
    """Codes of each scheme, outcome of each purpose, and revenue, all by entity."""

    codes: Mapping[str, Codes]
    outcomes: Mapping[str, Outcome]
    revenue: Mapping[str, float]
    entities: tuple[str, ...]


def standing(
    tables: Tables, closed: Closed, settings: Settings, schemes: list[PurposeRow]
) -> Standing:
    """Read what the fit of the active schemes is judged on.

    Args:
        tables: The warehouse.
        closed: The closed month.
        settings: Of the analyses.
        schemes: All schemes with their purpose.
    """
    history = closed_history(tables, closed)
    active = [one for one in schemes if one.status == "ACTIVE"]
    window = settings.outcome_window_months
    orders = recent_orders(tables, closed, settings)
    rows = demand_rows(tables.read("intermediate.int_demand__series", SERIES_COLUMNS))
    rows = rows.until(closed.month - settings.demand_lag_months)
    kept = [not flag for flag in history.entities.is_excluded]
    entities = tuple(
        name for name, keep in zip(history.entities.entity_id, kept, strict=True) if keep
    )
    codes = {}
    for one in active:
        found = _codes(tables, closed, settings, one, orders, rows)
        codes[one.scheme_id] = {name: found[name] for name in entities if name in found}
    charges = tables.read("intermediate.int_shipment__freight_charge", CHARGE_COLUMNS)
    last = closed.month - settings.demand_lag_months
    outcomes = {
        "DEMAND_PLANNING": forecast_error(rows, last, settings.forecast_months),
        "SERVICE_DIFFERENTIATION": requested_wait(orders),
        "NETWORK_DESIGN": freight_per_order(orders, charges, closed.known_at),
    }
    activity = history.activity
    recent = activity.activity_month > closed.month - window
    sums = np.bincount(
        activity.entity[recent],
        activity.measures["net_amount_group"][recent],
        len(history.entities),
    )
    revenue = dict(zip(history.entities.entity_id, (sums / UNIT).tolist(), strict=True))
    return Standing(codes, outcomes, revenue, entities)


def recent_orders(tables: Tables, closed: Closed, settings: Settings) -> pa.Table:
    """Return the demand orders of the window that ends with the closed month."""
    orders = tables.read("intermediate.int_order__header", ORDER_COLUMNS)
    first = closed.before(settings.outcome_window_months - 1)
    return demand_orders(orders, first, closed.end, closed.known_at)


def shipping_places(tables: Tables) -> int:
    """Return how many distribution centres there are."""
    sites = tables.read("intermediate.int_customer__site", ["site_type"])
    return int(pc.sum(pc.equal(sites["site_type"], "DC")).as_py() or 0)


ORDER_COLUMNS = (
    "order_id",
    "entity_id",
    "ship_to_site_id",
    "order_type",
    "ordered_date",
    "ordered_at",
    "requested_at",
    "reject_reason",
    "known_at",
)
SERIES_COLUMNS = (
    "entity_id",
    "product_family",
    "demand_month",
    "demand_base_qty",
    "demand_amount_group",
    "is_current_spell",
)
CHARGE_COLUMNS = ("order_id", "amount_group", "known_at")


def _codes(
    tables: Tables,
    closed: Closed,
    settings: Settings,
    scheme: PurposeRow,
    orders: pa.Table,
    rows: DemandRows,
) -> Codes:
    if scheme.coding == "DEMAND_CLASS_BY_VOLUME":
        limits = parse_limits(tables.read("policy.demand_class_rule").to_pylist())
        # Classes of the months before those whose forecast is judged.
        before = rows.until(closed.month - settings.demand_lag_months - settings.forecast_months)
        shares = (settings.volume_class_a_share, settings.volume_class_b_share)
        return demand_codes(before, limits, settings.outcome_window_months, *shares)
    if scheme.coding == "ZONE_BY_DROPS":
        sites = tables.read("intermediate.int_customer__site", ["site_id", "country"])
        limits_of_drops = DropLimits(settings.drop_low_per_month, settings.drop_high_per_month)
        return network_codes(orders, sites, settings.outcome_window_months, limits_of_drops)
    found = segments_then(tables, closed)
    found = found.filter(pc.equal(found["scheme_id"], scheme.scheme_id))
    names, codes = found["entity_id"].to_pylist(), found["segment_code"].to_pylist()
    return {name: code for name, code in zip(names, codes, strict=True) if code != EXCLUDED}


def crosswalk_table(found: Standing, closed: Closed) -> pa.Table:
    """Return each pair of schemes segment by segment; row sums are the customers of a segment.

    A customer without a code in one of the two counts as ``none``; agreement is judged on those
    who have both.
    """
    rows: list[dict[str, Any]] = []
    names = sorted(found.codes)
    for k, first in enumerate(names):
        for second in names[k + 1 :]:
            rows += _pair(found, first, second)
    return table_of("scheme_crosswalk", rows, as_of_month=closed.start)


def _pair(found: Standing, first: str, second: str) -> list[dict[str, Any]]:
    a, b = found.codes[first], found.codes[second]
    both = sorted(a.keys() & b.keys())
    agreement = cross({name: a[name] for name in both}, {name: b[name] for name in both})
    cells: dict[tuple[str, str], list[str]] = {}
    for name in found.entities:
        if name in a or name in b:
            cells.setdefault((a.get(name, ABSENT), b.get(name, ABSENT)), []).append(name)
    return [
        {
            "scheme_a": first,
            "segment_a": left,
            "scheme_b": second,
            "segment_b": right,
            "entities_count": len(names),
            "net_revenue_group": sum(found.revenue.get(name, 0.0) for name in names),
            "cramers_v": agreement.cramers_v,
            "adjusted_rand": agreement.adjusted_rand if both else None,
        }
        for (left, right), names in sorted(cells.items())
    ]


def fitness_table(
    found: Standing,
    closed: Closed,
    schemes: list[PurposeRow],
    signoffs: Sequence[Mapping[str, Any]],
) -> pa.Table:
    """Return how much of each purpose's outcome lies between the segments of each active scheme."""
    rows: list[dict[str, Any]] = []
    active = [one for one in schemes if one.status == "ACTIVE"]
    for purpose, outcome in OUTCOMES.items():
        judged = {
            one.scheme_id: fitness_of(found.codes[one.scheme_id], found.outcomes[purpose])
            for one in active
        }
        best = fittest(judged)
        for one in active:
            result = judged[one.scheme_id]
            rows.append(
                {
                    "purpose": purpose,
                    "outcome": outcome,
                    "scheme_id": one.scheme_id,
                    "is_made_for_it": one.purpose == purpose,
                    "owner": one.owner,
                    "consumer": one.consumer,
                    "finding": one.finding,
                    "signoff": signoff_state(one, signoffs),
                    "eta_squared": result.eta_squared,
                    "eta_squared_adjusted": result.adjusted,
                    "entities_count": result.entities,
                    "segments_count": result.segments,
                    "is_fittest": one.scheme_id == best,
                    "null_reason": result.why_none or None,
                }
            )
    return table_of("purpose_fitness", rows, as_of_month=closed.start)
