"""The catalogue of attributes: what can be measured over a trailing window of months.

Add an attribute by adding a function to ``ATTRIBUTES``; policy then refers to it by name. Each
function takes a window and returns values in ten-thousandths with a mask of missing ones. How an
attribute counts is policy, not code.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dagster_project.segmentation.scores import UNIT, BoolArray, IntArray

MEASURES = (
    "orders_count",
    "order_lines_count",
    "net_amount_group",
    "margin_group",
    "credit_amount_group",
    "invoice_lines_count",
    "costed_lines_count",
)
"""Additive columns of ``int_customer__month``; the amounts are kept in ten-thousandths."""


@dataclass(frozen=True)
class Window:
    """Measures by entity (rows) and month (columns, oldest first)."""

    measures: dict[str, IntArray]

    def total(self, measure: str) -> IntArray:
        return self.measures[measure].sum(axis=1)

    def halves(self, measure: str) -> tuple[IntArray, IntArray]:
        """Sum of the older and of the newer half."""
        values = self.measures[measure]
        middle = values.shape[1] // 2
        return values[:, :middle].sum(axis=1), values[:, middle:].sum(axis=1)


Measured = tuple[IntArray, BoolArray]


def _none_missing(values: IntArray) -> Measured:
    return values, np.zeros(len(values), dtype=bool)


def net_revenue(window: Window) -> Measured:
    """Invoiced net less credits. Missing for everyone while no invoice is known at all."""
    values = window.total("net_amount_group")
    has_feed = bool(window.measures["invoice_lines_count"].any())
    return values, np.full(len(values), not has_feed)


def gross_margin(window: Window) -> Measured:
    """Net less cost, of lines whose cost is known. Missing where there are lines and none is."""
    costed, lines = window.total("costed_lines_count"), window.total("invoice_lines_count")
    missing = (lines > 0) & (costed == 0) if costed.any() else np.ones(len(lines), dtype=bool)
    return window.total("margin_group"), missing


def margin_rate(window: Window) -> Measured:
    """Margin as a share of revenue. Missing without positive revenue."""
    margin, missing = gross_margin(window)
    revenue = window.total("net_amount_group")
    missing = missing | (revenue <= 0)
    return _ratio(margin, np.where(missing, 1, revenue)), missing


def order_count(window: Window) -> Measured:
    """Orders placed, whatever became of them."""
    return _none_missing(window.total("orders_count") * UNIT)


def order_line_count(window: Window) -> Measured:
    """Order lines placed."""
    return _none_missing(window.total("order_lines_count") * UNIT)


def active_months(window: Window) -> Measured:
    """Months of the window with an order: how regular a customer is."""
    return _none_missing((window.measures["orders_count"] > 0).sum(axis=1).astype(np.int64) * UNIT)


def credit_rate(window: Window) -> Measured:
    """Credits as a share of what was charged. Missing without a charge."""
    credit = -window.total("credit_amount_group")
    charged = window.total("net_amount_group") + credit
    missing = charged <= 0
    return _ratio(credit, np.where(missing, 1, charged)), missing


def revenue_growth(window: Window) -> Measured:
    """Newer half less older half over both, -1 to 1. Missing without revenue in the older half."""
    older, newer = window.halves("net_amount_group")
    missing = (older <= 0) | (newer < 0)
    return _ratio(newer - older, np.where(missing, 1, newer + older)), missing


def _ratio(numerator: IntArray, denominator: IntArray) -> IntArray:
    return np.rint(numerator / denominator * UNIT).astype(np.int64)


ATTRIBUTES: dict[str, Callable[[Window], Measured]] = {
    function.__name__: function
    for function in (
        net_revenue,
        gross_margin,
        margin_rate,
        order_count,
        order_line_count,
        active_months,
        credit_rate,
        revenue_growth,
    )
}
