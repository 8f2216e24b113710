"""Demand of a customer without a history: what customers like it do, corrected by what it did.

Order counts are Poisson with a rate that differs by customer, Gamma(alpha, beta) within a group of
analogues (empirical Bayes; Robbins 1956, the negative binomial marginal as in Greenwood and Yule
1920). Order sizes are log-normal, their mean shrunken to the group's. A group of too few customers
hands over to its parent. Every estimate says from which group it is and how far to believe it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

from dagster_project.demand.series import FloatArray, IntArray
from dagster_project.errors import UsageError

MIN_ANALOGUES = 20
"""Below this a group says more about its few members than about the next one."""
LARGEST_LOG = np.log(1e8)
"""Counts that vary less than Poisson push alpha and beta to infinity: all customers are alike."""


@dataclass(frozen=True)
class GammaPrior:
    """Rate of a customer of the group: Gamma with this shape and rate, mean ``alpha / beta``."""

    alpha: float
    beta: float


@dataclass(frozen=True)
class RateEstimate:
    """Orders per period of each new customer, all of shape (m,).

    Attributes:
        rate: Expected orders per period.
        confidence: Weight of the customer's own periods, n / (n + beta), 0 to 1.
        alpha, beta: Prior of the group that was used.
        level: Which level of the hierarchy it came from; 0 is the finest.
        analogues: Customers of that group.
    """

    rate: FloatArray
    confidence: FloatArray
    alpha: FloatArray
    beta: FloatArray
    level: IntArray
    analogues: IntArray


def fit_gamma(orders: FloatArray, periods: FloatArray) -> GammaPrior:
    """Fit the prior of a group by maximum likelihood.

    Args:
        orders: Orders of each analogue, shape (g,).
        periods: Periods each was watched, above zero, shape (g,).

    Raises:
        UsageError: Nobody was watched, or nobody ordered: then there is no rate to fit.
    """
    if len(orders) == 0 or (periods <= 0).any() or (orders < 0).any() or orders.sum() <= 0:
        raise UsageError(
            "The analogue group has no rate.",
            f"{len(orders)} customers with {orders.sum():g} orders in {periods.sum():g} periods.",
            "Use its parent group.",
        )
    # Mean and shape are nearly independent, so the search is quick and does not wander.
    mean = orders.sum() / periods.sum()
    # Sorted, because sums of doubles depend on their order and the result must not.
    order = np.lexsort((periods, orders))
    orders, periods = orders[order], periods[order]

    def loss(at: FloatArray) -> tuple[float, FloatArray]:
        alpha, mu = np.exp(at)
        beta = alpha / mu
        share = np.log(beta / (beta + periods))
        value = gammaln(alpha + orders) - gammaln(alpha) + alpha * share
        value += orders * np.log(periods / (beta + periods))
        by_alpha = digamma(alpha + orders) - digamma(alpha) + share
        by_beta = alpha / beta - (alpha + orders) / (beta + periods)
        slope = [
            (by_alpha + by_beta / mu).sum() * alpha,
            (-by_beta * alpha / mu**2).sum() * mu,
        ]
        return -float(value.sum()), -np.array(slope)

    bounds = [(-10.0, LARGEST_LOG), (np.log(mean) - 5, np.log(mean) + 5)]
    starts = [np.array([np.log(shape), np.log(mean)]) for shape in (0.3, 1.0, 10.0)]
    options = {"ftol": 1e-14, "gtol": 1e-10, "maxiter": 500}
    fits = [
        minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
        for start in starts
    ]
    alpha, mu = np.exp(min(fits, key=lambda found: float(found.fun)).x)
    return GammaPrior(float(alpha), float(alpha / mu))


def posterior(
    prior: GammaPrior, orders: FloatArray, periods: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return rate ``(alpha + x) / (beta + n)`` and confidence ``n / (n + beta)``."""
    return (prior.alpha + orders) / (prior.beta + periods), periods / (periods + prior.beta)


def estimate_rates(
    groups: NDArray[Any],
    orders: FloatArray,
    periods: FloatArray,
    new_groups: NDArray[Any],
    new_orders: FloatArray,
    new_periods: FloatArray,
    min_analogues: int = MIN_ANALOGUES,
) -> RateEstimate:
    """Estimate the rate of new customers from their analogues, with back-off.

    Args:
        groups: Group of each analogue at each level, finest first, shape (g, levels). The name of
            a group must include those of its parents where names repeat.
        orders, periods: Orders of each analogue and periods it was watched, shape (g,).
        new_groups: The same for new customers, shape (m, levels).
        new_orders, new_periods: What each new customer did so far, zero or more, shape (m,).
        min_analogues: A smaller group hands over to its parent; the last level is all analogues
            together and takes what is left.

    Raises:
        UsageError: The levels differ, or even all analogues together have no rate.
    """
    if groups.ndim != 2 or new_groups.ndim != 2 or groups.shape[1] != new_groups.shape[1]:
        raise UsageError(
            "Analogues and new customers have different levels.",
            f"Found shapes {groups.shape} and {new_groups.shape}.",
            "Give both the same columns, finest first.",
        )
    m, levels = new_groups.shape
    alpha, beta = np.full(m, np.nan), np.full(m, np.nan)
    level, analogues = np.full(m, levels), np.full(m, len(orders))
    for depth in range(levels):
        for name in np.unique(new_groups[np.isnan(alpha), depth]):
            members = groups[:, depth] == name
            if members.sum() < min_analogues or orders[members].sum() <= 0:
                continue
            prior = fit_gamma(orders[members], periods[members])
            taken = np.isnan(alpha) & (new_groups[:, depth] == name)
            alpha[taken], beta[taken] = prior.alpha, prior.beta
            level[taken], analogues[taken] = depth, members.sum()
    rest = np.isnan(alpha)
    if rest.any():
        everyone = fit_gamma(orders, periods)
        alpha[rest], beta[rest] = everyone.alpha, everyone.beta
    rate = (alpha + new_orders) / (beta + new_periods)
    confidence = new_periods / (new_periods + beta)
    return RateEstimate(rate, confidence, alpha, beta, level, analogues)


@dataclass(frozen=True)
class SizePrior:
    """Order sizes of a group: mean of the logs, variance within and between customers."""

    log_mean: float
    within: float
    between: float


def fit_sizes(customer: IntArray, sizes: FloatArray) -> SizePrior:
    """Fit log-normal order sizes of a group by the moments of a one-way layout.

    Args:
        customer: Customer of each order, shape (o,).
        sizes: Size of each order, above zero, shape (o,).

    Raises:
        UsageError: There is no order, or a size is not above zero.
    """
    if len(sizes) == 0 or not (sizes > 0).all():
        raise UsageError(
            "The analogue group has no order sizes.",
            f"Found {len(sizes)} orders, {(sizes <= 0).sum()} of them not above zero.",
            "Use its parent group, and leave returns out.",
        )
    order = np.lexsort((sizes, customer))
    _, of = np.unique(customer[order], return_inverse=True)
    logs = np.log(sizes[order])
    n = np.bincount(of).astype(np.float64)
    means = np.bincount(of, logs) / n
    spare = len(logs) - len(n)
    within = float(((logs - means[of]) ** 2).sum() / spare) if spare > 0 else 0.0
    spread = float(means.var(ddof=1)) if len(n) > 1 else 0.0
    between = max(0.0, spread - within * float((1 / n).mean()))
    return SizePrior(float(means.mean()), within, between)


def expected_size(
    prior: SizePrior, log_sum: FloatArray, orders: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the shrunken mean of the logs and the order size expected from it.

    The mean is the group's with the weight of ``within / between`` orders; the size adds half the
    variance of a log-normal. Customers that do not differ are all given the group's mean.

    Args:
        prior: Sizes of the group.
        log_sum: Sum of the logs of the customer's own orders, shape (m,).
        orders: Their number, shape (m,).
    """
    if prior.between > 0:
        weight = prior.within / prior.between
        with np.errstate(invalid="ignore"):
            own = (weight * prior.log_mean + log_sum) / (weight + orders)
        # No spread within customers: one own order says all, none says the group's mean.
        log_mean = np.where(weight + orders > 0, own, prior.log_mean)
    else:
        log_mean = np.full(len(orders), prior.log_mean)
    return log_mean, np.exp(log_mean + prior.within / 2)
