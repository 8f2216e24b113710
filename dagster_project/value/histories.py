"""What is known of each customer when a month is closed: rhythm, margin, contract.

Read from monthly aggregates, with what was known of them then, so that the days of a month do not
change it. Nothing is fitted here.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from dagster_project.analytics.inputs import (
    DAYS_PER_MONTH,
    BoolArray,
    FloatArray,
    days,
    month_start,
    months,
    numbers,
    ranked_names,
)
from dagster_project.analytics.tables import Tables
from dagster_project.value.policy import ValueRules


@dataclass(frozen=True)
class Histories:
    """Customers ordered by name; arrays of shape (n,).

    Attributes:
        entity_id: Segmentation entities that are not excluded.
        orders: Demand orders so far.
        frequency: Orders after the first; NaN without an order.
        recency: Months from the first to the last order.
        age: Months from the first order to the end of the closed month.
        margin: Margin per order in group currency; NaN where no cost of goods is known.
    """

    entity_id: list[str]
    orders: FloatArray
    frequency: FloatArray
    recency: FloatArray
    age: FloatArray
    margin: FloatArray
    net_year: FloatArray
    """Net amount of the last twelve months."""
    margin_rate: FloatArray
    """Margin over net amount of the last twelve months; NaN where it has no meaning."""


@dataclass(frozen=True)
class Contracts:
    """Contracts in force at the end of the closed month, ordered; arrays of shape (c,).

    Attributes:
        owner: Place of the entity in ``Histories.entity_id``.
        annual_value: Value per year in group currency; NaN where unknown.
        months_left: Whole months left, at most the horizon.
        renewal: Probability that it is renewed or goes on.
    """

    owner: np.ndarray
    annual_value: FloatArray
    months_left: FloatArray
    renewal: FloatArray


COLUMNS = (
    "entity_id",
    "activity_month",
    "known_month",
    "first_order_date",
    "last_order_date",
    "orders_count",
    "net_amount_group",
    "margin_group",
    "costed_lines_count",
)


def read_histories(tables: Tables, month: int) -> Histories:
    """Return the history of each entity up to the end of a month.

    Args:
        tables: The warehouse.
        month: Last month that counts; see ``closed_month``.
    """
    known = tables.read("intermediate.int_segment__entity", ("entity_id", "is_excluded"))
    known = known.filter(pc.invert(known["is_excluded"])).sort_by("entity_id")
    names = known["entity_id"].to_pylist()
    place = {name: at for at, name in enumerate(names)}
    table = tables.read("intermediate.int_customer__month", COLUMNS)
    entities, entity = ranked_names(table["entity_id"])
    at = np.array([place.get(name, -1) for name in entities], dtype=np.int64)[entity]
    active = months(table["activity_month"])
    chosen = (active <= month) & (months(table["known_month"]) <= month) & (at >= 0)
    at, active = at[chosen], active[chosen]
    n = len(names)

    def total(name: str, among: BoolArray | None = None) -> FloatArray:
        # Ten-thousandths are whole numbers: their sum does not depend on the order of rows.
        units = np.rint(numbers(table[name])[chosen] * 10_000)
        keep = slice(None) if among is None else among
        return np.bincount(at[keep], units[keep], n) / 10_000

    orders = total("orders_count")
    first = np.full(n, np.inf)
    first_days = days(table["first_order_date"])[chosen].astype(np.float64)
    has_order = numbers(table["orders_count"])[chosen] > 0
    np.minimum.at(first, at[has_order], first_days[has_order])
    last = np.full(n, -np.inf)
    last_days = days(table["last_order_date"])[chosen].astype(np.float64)
    np.maximum.at(last, at[has_order], last_days[has_order])
    end = float(month_start(month + 1).astype(np.int64))
    has = orders > 0
    year = active > month - 12
    net, margin = total("net_amount_group", year), total("margin_group", year)
    costed = total("costed_lines_count") > 0
    return Histories(
        names,
        orders,
        np.where(has, orders - 1, np.nan),
        # A single order has no time between two.
        np.where(orders > 1, _ratio(last - first, DAYS_PER_MONTH, has), np.where(has, 0.0, np.nan)),
        np.where(has, _ratio(end - first, DAYS_PER_MONTH, has), np.nan),
        _ratio(total("margin_group"), np.maximum(orders, 1), has & costed),
        net,
        _ratio(margin, np.where(net > 0, net, 1), (net > 0) & costed),
    )


def read_contracts(
    tables: Tables, histories: Histories, month: int, rules: ValueRules
) -> Contracts:
    """Return the contracts in force on the day after a month.

    Args:
        tables: The warehouse.
        histories: Names the entities.
        month: The closed month.
        rules: Horizon and probabilities.
    """
    table = tables.read("intermediate.int_value__contract").sort_by(
        [("entity_id", "ascending"), ("contract_id", "ascending")]
    )
    place = {name: at for at, name in enumerate(histories.entity_id)}
    owner = np.array([place.get(n, -1) for n in table["entity_id"].to_pylist()], dtype=np.int64)
    today = month_start(month + 1)
    start, end = days(table["start_date"]), days(table["end_date"])
    is_open = table["end_date"].is_null().to_numpy()
    rate_days = days(table["rate_month"])
    no_rate = table["rate_month"].is_null().to_numpy()
    of_month = rate_days == month_start(month).astype(np.int64)
    now = today.astype(np.int64)
    chosen = (owner >= 0) & (start <= now) & (is_open | (end > now)) & (no_rate | of_month)
    left = np.floor((end - now) / DAYS_PER_MONTH)
    left = np.where(is_open, rules.horizon_months, np.clip(left, 0, rules.horizon_months))
    auto = table["is_auto_renew"].to_numpy().astype(bool)
    renewal = np.select(
        [auto, is_open],
        [rules.renewal_probability_auto, rules.renewal_probability_open],
        rules.renewal_probability_fixed,
    )
    return Contracts(
        owner[chosen],
        numbers(table["annual_value_group"])[chosen],
        left[chosen],
        renewal[chosen],
    )


def _ratio(top: FloatArray, bottom: float | FloatArray, where: BoolArray) -> FloatArray:
    result = np.full(len(top), np.nan)
    return np.divide(top, bottom, out=result, where=where)
