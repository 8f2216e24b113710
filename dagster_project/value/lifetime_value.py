"""Customer lifetime value: discounted future margin, one way per kind of customer.

Without a contract: expected purchases (BG/NBD) times expected margin of a purchase (Gamma-Gamma),
Fader, Hardie & Lee, RFM and CLV, Journal of Marketing Research 42(4), 2005. With a contract: what
is left of it times the probability of renewal. Discounting is monthly, at the end of each month.
"""

import numpy as np
from numpy.typing import ArrayLike

from dagster_project.value.bgnbd import BGNBD, checked_histories
from dagster_project.value.gamma_gamma import GammaGamma
from dagster_project.value.ratios import FloatArray, Measured, unexplained


def lifetime_value(
    purchases: BGNBD,
    margins: GammaGamma,
    frequency: ArrayLike,
    recency: ArrayLike,
    age: ArrayLike,
    mean_margin: ArrayLike,
    *,
    months: int,
    monthly_discount: float,
    month_length: float,
) -> Measured:
    """Discounted margin of the next months of customers without a contract.

    Where frequency and margin go together the product of the two models means nothing: every
    value is then missing, with the correlation as the reason.

    Args:
        purchases: How often they buy.
        margins: What a purchase brings.
        frequency: Repeat purchases, shape ``(n,)``.
        recency: Time of the last one, in the unit of ``purchases``, shape ``(n,)``.
        age: Time since the first purchase, in the same unit, shape ``(n,)``.
        mean_margin: Mean margin of a repeat purchase, shape ``(n,)``.
        months: How far to look ahead, one or more.
        monthly_discount: Share that money loses per month, such as 0.01.
        month_length: Length of a month in the unit of ``purchases``.

    Raises:
        ValueError: A history is impossible, or the horizon, discount or length is.
    """
    if month_length <= 0:
        raise ValueError("A month has no length.")
    factors = discount_factors(months, monthly_discount)
    x, last, age_now = checked_histories(frequency, recency, age)
    margin = margins.expected_margin(x, mean_margin)
    ends = np.arange(months + 1) * month_length
    until = purchases.expected_future_purchases(
        ends[None, :], x[:, None], last[:, None], age_now[:, None]
    )
    values = margin.values * (np.diff(until, axis=1) @ factors)
    reasons = margin.reasons.copy()
    if not margins.independence.holds:
        found = margins.independence.correlation
        reasons[:] = f"frequency and margin go together (correlation {found:.2f})"
        values = np.full(x.shape, np.nan)
    return Measured(values, reasons)


def contract_value(
    remaining_value: ArrayLike,
    months_left: ArrayLike,
    renewal_probability: ArrayLike,
    *,
    monthly_discount: float,
) -> Measured:
    """Remaining contract value times renewal probability, discounted, shape ``(n,)``.

    The remaining margin comes in equal parts at the end of each month that is left. A contract
    that has ended has no remaining value: the customer is to be valued without one.

    Args:
        remaining_value: Margin of what is left of the contract, in units of money.
        months_left: Whole months until it ends.
        renewal_probability: Between 0 and 1; NaN where nobody knows.
        monthly_discount: Share that money loses per month.

    Raises:
        ValueError: A probability is outside 0 to 1, a number of months is negative or not whole.
    """
    value, left, renewal = (
        np.atleast_1d(np.asarray(v, dtype=float))
        for v in (remaining_value, months_left, renewal_probability)
    )
    if ((renewal < 0) | (renewal > 1)).any():
        raise ValueError("A renewal probability is not between 0 and 1.")
    if ((left < 0) | (left != np.floor(left))).any():
        raise ValueError("Months left are negative or not whole.")
    reasons = np.full(value.shape, None, dtype=object)
    reasons[np.isnan(renewal)] = "renewal probability is unknown"
    reasons[np.isnan(value)] = "remaining contract value is unknown"
    reasons[left == 0] = "contract has ended"
    until = np.concatenate(
        [[0.0], np.cumsum(discount_factors(int(left.max(initial=1)) or 1, monthly_discount))]
    )
    mean_factor = until[left.astype(int)] / np.maximum(left, 1.0)
    has_value = unexplained(reasons)
    return Measured(np.where(has_value, value * renewal * mean_factor, np.nan), reasons)


def discount_factors(months: int, monthly_discount: float) -> FloatArray:
    """What one unit of money at the end of month 1, 2, … is worth today, shape ``(months,)``.

    Raises:
        ValueError: No month, or a discount of minus one or less.
    """
    if months < 1:
        raise ValueError("A horizon has at least one month.")
    if not monthly_discount > -1:
        raise ValueError("A discount is more than minus one.")
    return np.asarray((1.0 + monthly_discount) ** -np.arange(1.0, months + 1))
