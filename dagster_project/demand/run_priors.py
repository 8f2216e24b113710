"""Fits what customers of a kind do, for customers who have done nothing yet.

Every group of analogues, from the finest to all customers, gets the prior of its order frequency
and of its order sizes; groups too small are left out, and the model that reads the table backs off
to their parents. Called by ``run``.
"""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.analytics.inputs import (
    DAYS_PER_MONTH,
    IntArray,
    closed_month,
    days,
    fingerprint,
    kept,
    month_start,
    months,
    numbers,
    ranked_names,
)
from dagster_project.analytics.tables import Tables
from dagster_project.demand.series import FloatArray

INPUTS = ("int_demand__analogue", "int_customer__month", "int_order__header", "segment_scheme")
OUTPUTS = ("demand_prior",)

LEVELS = ("group_fine", "group_middle", "group_coarse", "group_all")
"""Columns that name the group of an entity, finest first; the last holds all."""
LEAST_DAYS = 90
"""Days that an analogue was watched at least; a younger one is new itself."""
DEMAND_TYPES = ("STANDARD", "RUSH", "CONSIGNMENT", "DROPSHIP")

SCHEMA = pa.schema(
    [
        ("group_level", pa.int64()),
        ("group_name", pa.string()),
        ("analogues_count", pa.int64()),
        ("alpha", pa.float64()),
        ("beta_months", pa.float64()),
        ("sized_orders_count", pa.int64()),
        ("size_log_mean", pa.float64()),
        ("size_within_variance", pa.float64()),
        ("size_between_variance", pa.float64()),
        ("training_month", pa.date32()),
        ("input_mark", pa.string()),
    ]
)


def run_priors(tables: Tables, as_of: str) -> dict[str, Any]:
    """Fit the priors on what was known when the last month was closed.

    Args:
        tables: The warehouse.
        as_of: Last day that the data cover, ``YYYY-MM-DD``.

    Returns:
        Rows of the output and whether they had to be fitted.
    """
    schemes = tables.read("policy.segment_scheme").to_pylist()
    lag = max((int(s["record_lag_days"]) for s in schemes if s["status"] == "ACTIVE"), default=0)
    month = closed_month(as_of, lag)
    names, groups, orders, watched = read_analogues(tables, month)
    owner, sizes = read_sizes(tables, names, month)
    mark = fingerprint(groups, orders, watched, owner, sizes, int(month))
    earlier = kept(tables, "analytics.demand_prior", mark)
    if earlier is not None:
        return {"demand_prior": earlier.num_rows, "is_prior_fit_new": False}
    rows = [
        prior | {"training_month": month_start(month).astype(object), "input_mark": mark}
        for level in range(len(LEVELS))
        for prior in _priors(level, groups[:, level], orders, watched, owner, sizes)
    ]
    tables.write("analytics.demand_prior", pa.Table.from_pylist(rows, schema=SCHEMA))
    return {"demand_prior": len(rows), "is_prior_fit_new": True}


def read_analogues(tables: Tables, month: int) -> tuple[list[str], Any, FloatArray, FloatArray]:
    """Return the customers who are no longer new, ordered by name.

    Args:
        tables: The warehouse.
        month: Last month that counts, with what was known of it then; see ``closed_month``.

    Returns:
        Names (g), groups by level of shape (g, levels), orders of each and months it was watched.
    """
    activity = tables.read(
        "intermediate.int_customer__month",
        ("entity_id", "activity_month", "known_month", "orders_count"),
    )
    active, known = months(activity["activity_month"]), months(activity["known_month"])
    chosen = (active <= month) & (known <= month)
    entities, entity = ranked_names(activity["entity_id"])
    ordered = np.bincount(entity[chosen], numbers(activity["orders_count"])[chosen], len(entities))
    orders_of = dict(zip(entities.tolist(), ordered.tolist(), strict=True))
    # Nobody was watched before the data begin.
    first = month_start(int(active.min()) if len(active) else month).astype(np.int64)
    table = tables.read("intermediate.int_demand__analogue").sort_by("entity_id")
    start = np.maximum(days(table["start_date"]), first)
    watched = month_start(month + 1).astype(np.int64) - start
    known_kind = (watched >= LEAST_DAYS) & ~table["is_excluded"].to_numpy().astype(bool)
    table = table.filter(pa.array(known_kind))
    names = table["entity_id"].to_pylist()
    groups = np.array([table[level].to_pylist() for level in LEVELS], dtype=object).T
    orders = np.array([orders_of.get(name, 0.0) for name in names])
    return (
        names,
        groups.reshape(len(names), len(LEVELS)),
        orders,
        (watched[known_kind] / DAYS_PER_MONTH),
    )


def read_sizes(tables: Tables, names: list[str], month: int) -> tuple[IntArray, FloatArray]:
    """Return owner (place in ``names``) and value in group currency of each order that has one."""
    columns = ("entity_id", "ordered_date", "order_type", "total_net", "fx_rate_to_group")
    table = tables.read("intermediate.int_order__header", columns)
    types, kind = ranked_names(table["order_type"])
    value = np.round(numbers(table["total_net"]) * numbers(table["fx_rate_to_group"]), 4)
    chosen = np.isin(types.astype(str), DEMAND_TYPES)[kind] & (value > 0)
    chosen &= days(table["ordered_date"]) < month_start(month + 1).astype(np.int64)
    found = pc.fill_null(table["entity_id"], "")
    entities, entity = ranked_names(found)
    place = {name: at for at, name in enumerate(names)}
    owner = np.array([place.get(name, -1) for name in entities], dtype=np.int64)[entity]
    chosen &= owner >= 0
    order = np.lexsort((value[chosen], owner[chosen]))
    return owner[chosen][order], value[chosen][order]


def _priors(
    level: int,
    group: Any,
    orders: FloatArray,
    watched: FloatArray,
    owner: IntArray,
    sizes: FloatArray,
) -> list[dict[str, Any]]:
    # scipy takes a second to import and is needed only for a fit.
    from dagster_project.demand.new_customer import MIN_ANALOGUES, fit_gamma, fit_sizes

    found = []
    for name in sorted(set(group.tolist())):
        members = group == name
        # The last level takes what is left, however little that is.
        enough = members.sum() >= MIN_ANALOGUES or level == len(LEVELS) - 1
        if not enough or orders[members].sum() <= 0:
            continue
        prior = fit_gamma(orders[members], watched[members])
        own = members[owner]
        size = fit_sizes(owner[own], sizes[own]) if own.any() else None
        found.append(
            {
                "group_level": level,
                "group_name": name,
                "analogues_count": int(members.sum()),
                "alpha": round(prior.alpha, 8),
                "beta_months": round(prior.beta, 8),
                "sized_orders_count": int(own.sum()),
                "size_log_mean": round(size.log_mean, 8) if size else None,
                "size_within_variance": round(size.within, 8) if size else None,
                "size_between_variance": round(size.between, 8) if size else None,
            }
        )
    return found
