"""Attributes: what is missing is missing, and never a zero by accident."""

import numpy as np
import pytest

from dagster_project.segmentation.attributes import ATTRIBUTES, MEASURES, Window
from dagster_project.segmentation.scores import UNIT


def window(**measures):
    """Two customers, four months; amounts in whole currency units."""
    found = {name: np.zeros((2, 4), dtype=np.int64) for name in MEASURES}
    for name, values in measures.items():
        scale = UNIT if name.endswith("_group") else 1
        found[name] = np.array(values, dtype=np.int64) * scale
    return Window(found)


def measure(name, **measures):
    values, missing = ATTRIBUTES[name](window(**measures))
    return [None if m else v / UNIT for v, m in zip(values, missing, strict=True)]


INVOICED = {
    "invoice_lines_count": [[1, 1, 1, 1], [0, 0, 0, 0]],
    "net_amount_group": [[100, 0, 200, 100], [0, 0, 0, 0]],
}


def test_customer_without_invoices_has_no_revenue_but_a_company_without_has_none_to_tell():
    assert measure("net_revenue", **INVOICED) == [400, 0]
    assert measure("net_revenue", orders_count=[[1, 0, 0, 0], [1, 1, 1, 1]]) == [None, None]


def test_margin_is_missing_where_no_cost_is_known():
    costs = {
        "costed_lines_count": [[0] * 4, [1, 0, 0, 0]],
        "margin_group": [[0] * 4, [30, 0, 0, 0]],
    }
    lines = {"invoice_lines_count": [[1] * 4, [1, 0, 0, 0]]}
    assert measure("gross_margin", **costs, **lines) == [None, 30]
    assert measure("gross_margin", **INVOICED) == [None, None]


def test_margin_rate_needs_positive_revenue():
    found = measure(
        "margin_rate",
        net_amount_group=[[100, 0, 0, 0], [-50, 0, 0, 0]],
        margin_group=[[25, 0, 0, 0], [10, 0, 0, 0]],
        invoice_lines_count=[[1, 0, 0, 0], [1, 0, 0, 0]],
        costed_lines_count=[[1, 0, 0, 0], [1, 0, 0, 0]],
    )
    assert found == [0.25, None]


def test_growth_compares_the_newer_half_with_the_older():
    assert measure("revenue_growth", **INVOICED) == [0.5, None]


@pytest.mark.parametrize(("name", "points"), [("order_count", 7), ("active_months", 3)])
def test_orders_and_months_with_orders_are_counted(name, points):
    assert measure(name, orders_count=[[2, 0, 4, 1], [0] * 4]) == [points, 0]


def test_credits_are_a_share_of_what_was_charged():
    found = measure(
        "credit_rate",
        net_amount_group=[[75, 0, 0, 0], [-5, 0, 0, 0]],
        credit_amount_group=[[-25, 0, 0, 0], [-5, 0, 0, 0]],
    )
    assert found == [0.25, None]
