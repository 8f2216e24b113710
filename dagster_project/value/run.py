"""Runs customer lifetime value on the warehouse: histories and contracts in, one value each.

The only module of the package that knows table names, with ``histories``. Add an input by adding it
to ``INPUTS``; the models of the methods are in the modules beside.
"""

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from dagster_project.analytics.inputs import (
    BoolArray,
    FloatArray,
    closed_month,
    fingerprint,
    kept,
    month_start,
)
from dagster_project.analytics.tables import Tables
from dagster_project.value.histories import Contracts, Histories, read_contracts, read_histories
from dagster_project.value.policy import ValueRules, parse_rules

INPUTS = (
    "int_customer__month",
    "int_segment__entity",
    "int_value__contract",
    "segment_scheme",
    "customer_value_rule",
)
"""dbt models and seeds that must stand before."""

OUTPUTS = ("customer_value",)
"""Tables of schema ``analytics`` that are written."""

WEAK_PENALTY = 0.1
"""Tried where the likelihood alone has no maximum; it moves no parameter that the data hold."""
PURCHASES = "BG_NBD_GAMMA_GAMMA"
CONTRACT = "CONTRACT"

SCHEMA = pa.schema(
    [
        ("entity_id", pa.string()),
        ("method", pa.string()),
        ("valued_month", pa.date32()),
        ("orders_count", pa.int64()),
        ("recency_months", pa.float64()),
        ("age_months", pa.float64()),
        ("margin_per_order_group", pa.float64()),
        ("p_alive", pa.float64()),
        ("expected_orders", pa.float64()),
        ("expected_margin_per_order_group", pa.float64()),
        ("renewal_probability", pa.float64()),
        ("clv_group", pa.float64()),
        ("null_reason", pa.string()),
        ("horizon_months", pa.int64()),
        ("monthly_discount", pa.float64()),
        ("frequency_margin_correlation", pa.float64()),
        ("fitted_customers_count", pa.int64()),
        ("is_fit_held", pa.bool_()),
        ("input_mark", pa.string()),
    ]
)


@dataclass
class Valued:
    """What is worked out per customer, arrays of shape (n,); NaN or None where nothing is."""

    p_alive: FloatArray
    expected_orders: FloatArray
    expected_margin: FloatArray
    renewal: FloatArray
    value: FloatArray
    reason: Any
    correlation: float = float("nan")
    fitted: int = 0
    is_held: bool = False
    """The likelihood alone had no maximum."""

    @classmethod
    def nothing(cls, n: int) -> "Valued":
        """Nothing known of n customers."""
        a, b, c, d, e = (np.full(n, np.nan) for _ in range(5))
        return cls(a, b, c, d, e, np.full(n, None, dtype=object))


def run_value(tables: Tables, as_of: str) -> dict[str, Any]:
    """Value all customers at the end of the last closed month.

    Args:
        tables: The warehouse.
        as_of: Last day that the data cover, ``YYYY-MM-DD``.

    Returns:
        Rows, customers by method, correlation of frequency and margin, and seconds.

    Raises:
        UsageError: A policy seed is not usable.
    """
    started = time.perf_counter()
    rules = parse_rules(tables.read("policy.customer_value_rule").to_pylist())
    schemes = tables.read("policy.segment_scheme").to_pylist()
    lag = max((int(s["record_lag_days"]) for s in schemes if s["status"] == "ACTIVE"), default=0)
    month = closed_month(as_of, lag)
    histories = read_histories(tables, month)
    contracts = read_contracts(tables, histories, month, rules)
    mark = fingerprint(
        month, rules, *histories.__dict__.values(), *contracts.__dict__.values(), SCHEMA.names
    )
    table = kept(tables, "analytics.customer_value", mark)
    is_new = table is None
    if table is None:
        table = value_table(histories, contracts, rules, month, mark)
        tables.write("analytics.customer_value", table)
    methods = table["method"].to_pylist()
    return {
        "customer_value": table.num_rows,
        "is_value_fit_new": is_new,
        "customers_by_method": {name: methods.count(name) for name in (CONTRACT, PURCHASES)},
        "customers_with_value": table.num_rows - table["clv_group"].null_count,
        "seconds": round(time.perf_counter() - started, 3),
    }


def value_table(
    histories: Histories, contracts: Contracts, rules: ValueRules, month: int, mark: str
) -> pa.Table:
    """Return the values of all customers as the table that is kept."""
    # A contract that ends within a month has nothing left; its customer is valued without one.
    runs = contracts.months_left >= 1
    has_contract = np.zeros(len(histories.entity_id), dtype=bool)
    has_contract[contracts.owner[runs]] = True
    found = _by_purchases(histories, ~has_contract, rules)
    _by_contract(found, histories, contracts, runs, rules)
    n = len(histories.entity_id)
    return pa.table(
        {
            "entity_id": pa.array(histories.entity_id, pa.string()),
            "method": pa.array(np.where(has_contract, CONTRACT, PURCHASES).astype(object)),
            "valued_month": pa.array([month_start(month).astype(object)] * n, pa.date32()),
            "orders_count": pa.array(histories.orders.astype(np.int64)),
            "recency_months": _column(histories.recency, 6),
            "age_months": _column(histories.age, 6),
            "margin_per_order_group": _column(histories.margin, 4),
            "p_alive": _column(found.p_alive, 6),
            "expected_orders": _column(found.expected_orders, 6),
            "expected_margin_per_order_group": _column(found.expected_margin, 4),
            "renewal_probability": _column(found.renewal, 6),
            "clv_group": _column(found.value, 4),
            "null_reason": pa.array(found.reason, pa.string()),
            "horizon_months": pa.array([rules.horizon_months] * n, pa.int64()),
            "monthly_discount": pa.array([rules.monthly_discount] * n, pa.float64()),
            "frequency_margin_correlation": _column(np.full(n, found.correlation), 6),
            "fitted_customers_count": pa.array([found.fitted] * n, pa.int64()),
            "is_fit_held": pa.array([found.is_held] * n, pa.bool_()),
            "input_mark": pa.array([mark] * n, pa.string()),
        }
    ).cast(SCHEMA)


def _by_purchases(histories: Histories, free: BoolArray, rules: ValueRules) -> Valued:
    """Value customers without a contract by how often they buy and what an order brings."""
    found = Valued.nothing(len(histories.entity_id))
    ordered = histories.orders > 0
    used = free & ordered
    found.reason[free & ~ordered] = "no order yet"
    if used.sum() < rules.min_customers:
        found.reason[used] = f"fewer than {rules.min_customers} customers without a contract"
        return found
    # scipy takes a second to import and is needed only for a fit.
    from dagster_project.value.bgnbd import fit_bgnbd
    from dagster_project.value.gamma_gamma import fit_gamma_gamma
    from dagster_project.value.lifetime_value import lifetime_value

    x, last, age = (v[used] for v in (histories.frequency, histories.recency, histories.age))
    try:
        purchases = fit_bgnbd(x, last, age)
    except ValueError:
        try:
            purchases = fit_bgnbd(x, last, age, WEAK_PENALTY)
        except ValueError as error:
            found.reason[used] = f"order frequency cannot be fitted: {error}"
            return found
        found.is_held = True
    found.p_alive[used] = purchases.alive(x, last, age)
    found.expected_orders[used] = purchases.expected_future_purchases(
        float(rules.horizon_months), x, last, age
    )
    margin = histories.margin[used]
    known = np.isfinite(margin)
    reasons = np.full(len(x), "no cost of goods is known", dtype=object)
    values = np.full(len(x), np.nan)
    try:
        margins = fit_gamma_gamma(x[known], margin[known])
    except ValueError as error:
        reasons[known] = f"margin per order cannot be fitted: {error}"
    else:
        tested = replace(margins.independence, limit=rules.max_correlation)
        found.correlation, found.fitted = tested.correlation, margins.customers
        measured = lifetime_value(
            purchases,
            replace(margins, independence=tested),
            *(v[known] for v in (x, last, age, margin)),
            months=rules.horizon_months,
            monthly_discount=rules.monthly_discount,
            month_length=1.0,
        )
        values[known], reasons[known] = measured.values, measured.reasons
        expected = np.full(len(x), np.nan)
        expected[known] = margins.expected_margin(x[known], margin[known]).values
        found.expected_margin[used] = expected
    found.value[used], found.reason[used] = values, reasons
    return found


def _by_contract(
    found: Valued,
    histories: Histories,
    contracts: Contracts,
    runs: BoolArray,
    rules: ValueRules,
) -> None:
    """Value customers with a contract by the margin that is left of it times its renewal."""
    if not runs.any():
        return
    from dagster_project.value.lifetime_value import contract_value

    owner, left, renewal = (
        v[runs] for v in (contracts.owner, contracts.months_left, contracts.renewal)
    )
    rate = histories.margin_rate[owner]
    margin = contracts.annual_value[runs] / 12 * left * rate
    measured = contract_value(margin, left, renewal, monthly_discount=rules.monthly_discount)
    reasons = measured.reasons.copy()
    reasons[np.isnan(rate)] = "no margin of the last twelve months is known"
    bad = np.isnan(measured.values)
    n = len(histories.entity_id)
    total = np.bincount(owner, np.where(bad, 0.0, measured.values), n)
    has = np.zeros(n, dtype=bool)
    has[owner] = True
    is_bad = np.zeros(n, dtype=bool)
    is_bad[owner[bad]] = True
    found.value[has] = np.where(is_bad, np.nan, total)[has]
    found.reason[owner[bad]] = reasons[bad]
    weight = np.bincount(owner, minlength=n)
    found.renewal[has] = (np.bincount(owner, renewal, n) / np.maximum(weight, 1))[has]


def _column(values: FloatArray, decimals: int) -> pa.Array:
    rounded = np.round(values, decimals) + 0.0
    return pa.array(rounded, mask=~np.isfinite(rounded))
