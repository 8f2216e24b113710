"""What it costs to serve customers: activity rates and customer profitability.

Full activity-based costing (Kaplan, Dakota Office Products, HBS 9-102-021): the cost of resources
goes to activities by effort, that of activities to customers by the driver that causes it.
"""

import numpy as np
from numpy.typing import ArrayLike

from dagster_project.value.ratios import FloatArray


def activity_rates(
    resource_cost: ArrayLike, effort: ArrayLike, driver_volume: ArrayLike
) -> FloatArray:
    """Cost per unit of each activity's driver, shape ``(activities,)``.

    Args:
        resource_cost: Cost of each resource in a period, shape ``(resources,)``.
        effort: Share of each resource that each activity takes, shape ``(resources,
            activities)``; every row adds up to one.
        driver_volume: Units of each activity's driver in the same period.

    Raises:
        ValueError: Shapes do not fit, shares do not add up to one, or an activity has cost and
            no volume, so that its cost would reach nobody.
    """
    cost, shares = np.asarray(resource_cost, dtype=float), np.asarray(effort, dtype=float)
    volume = np.asarray(driver_volume, dtype=float)
    if shares.shape != (cost.size, volume.size):
        raise ValueError(f"effort is {shares.shape}, not {(cost.size, volume.size)}")
    if (shares < 0).any() or (np.abs(shares.sum(axis=1) - 1) > 1e-9).any():
        raise ValueError("The effort of a resource does not add up to one.")
    activity_cost = cost @ shares
    if ((volume < 0) | ((volume == 0) & (activity_cost != 0))).any():
        raise ValueError("An activity has cost and no volume.")
    rates = np.zeros(volume.shape)
    return np.divide(activity_cost, volume, out=rates, where=volume > 0)


def activity_costs(rates: ArrayLike, volumes: ArrayLike) -> FloatArray:
    """Cost of each activity for each customer, shape ``(customers, activities)``.

    Args:
        rates: Cost per unit of driver, shape ``(activities,)``.
        volumes: Units of driver used, shape ``(customers, activities)``.

    Raises:
        ValueError: The numbers of activities differ, or a volume is negative.
    """
    rate, used = np.asarray(rates, dtype=float), np.asarray(volumes, dtype=float)
    if used.ndim != 2 or used.shape[1] != rate.size:
        raise ValueError(f"volumes are {used.shape} for {rate.size} rates")
    if (used < 0).any():
        raise ValueError("A volume is negative.")
    return used * rate


def net_to_serve(
    net_revenue: ArrayLike, goods_cost: ArrayLike, costs: ArrayLike, capital_charge: ArrayLike = 0.0
) -> FloatArray:
    """Net revenue less goods, activities and capital, shape ``(customers,)``.

    An unknown part (NaN) makes the whole unknown.

    Args:
        net_revenue: After discounts and rebates, shape ``(customers,)``.
        goods_cost: Landed cost of the goods sold, shape ``(customers,)``.
        costs: Cost of each activity, shape ``(customers, activities)``.
        capital_charge: Interest on receivables and stock, shape ``(customers,)`` or one number.
    """
    revenue, goods = np.asarray(net_revenue, dtype=float), np.asarray(goods_cost, dtype=float)
    served = np.asarray(costs, dtype=float).sum(axis=1)
    return np.asarray(revenue - goods - served - np.asarray(capital_charge, dtype=float))
