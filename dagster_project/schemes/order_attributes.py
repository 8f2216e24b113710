"""Attributes that orders tell and the score does not use: where, how soon, how densely.

A place is a name and not a number: it divides customers and does not rank them, so it has a
coverage and bits but neither stability nor inflation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from dagster_project.schemes.catalogue import COVERAGE_LIMIT, information_gain, quantile_class
from dagster_project.schemes.network_codes import DropLimits, network_codes, requested_wait

NO_LIMITS = DropLimits(0.0, float("inf"))


@dataclass(frozen=True)
class OrderAttribute:
    """One attribute: a name or a number by entity."""

    attribute_id: str
    values: Mapping[str, str | float]
    is_place: bool


@dataclass(frozen=True)
class OrderFacts:
    """What such an attribute is worth; bits are None while nobody knows the target."""

    attribute_id: str
    coverage: float
    information_gain: float | None
    is_chosen: bool
    reason: str


def order_attributes(orders: pa.Table, sites: pa.Table) -> list[OrderAttribute]:
    """Measure zone, lead time and drop density.

    Args:
        orders: Those that count, as ``demand_orders`` returns them.
        sites: ``site_id`` and ``country``.
    """
    zones = network_codes(orders, sites, 1, NO_LIMITS)
    counts = orders.group_by("entity_id").aggregate(
        [("order_id", "count"), ("ship_to_site_id", "count_distinct")]
    )
    columns = ("entity_id", "order_id_count", "ship_to_site_id_count_distinct")
    density = {
        entity: drops / places
        for entity, drops, places in zip(*(counts[c].to_pylist() for c in columns), strict=True)
        if places
    }
    return [
        OrderAttribute("delivery_zone", {e: c.rsplit("_", 1)[0] for e, c in zones.items()}, True),
        OrderAttribute("drop_density", density, False),
        OrderAttribute("lead_time_need", requested_wait(orders), False),
    ]


def judge_order_attribute(
    one: OrderAttribute, entities: Sequence[str], target: Sequence[object] | None
) -> OrderFacts:
    """Judge an attribute by its coverage and by what it says of the target.

    Args:
        one: The attribute.
        entities: Customers that are judged.
        target: Class of each in the following window, if that has passed.
    """
    known = [name in one.values for name in entities]
    coverage = sum(known) / len(entities) if entities else 0.0
    if one.is_place:
        classes = [str(one.values.get(name, "missing")) for name in entities]
    else:
        classes = quantile_class(
            np.array([float(one.values.get(name, np.nan)) for name in entities], dtype=np.float64)
        )
    is_chosen = coverage >= COVERAGE_LIMIT
    reason = (
        "keeps the limit of coverage"
        if is_chosen
        else (f"coverage {coverage:.0%} is below {COVERAGE_LIMIT:.0%}")
    )
    return OrderFacts(
        one.attribute_id,
        coverage,
        information_gain(classes, target) if target else None,
        is_chosen,
        f"{reason}; divides, does not rank" if one.is_place else reason,
    )
