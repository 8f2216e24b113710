"""How much a purchase of a customer brings: the Gamma-Gamma model, on margin.

Fader & Hardie, "The Gamma-Gamma Model of Monetary Value", brucehardie.com note 025, 2013. The
margin of a purchase varies around the customer's own mean (gamma, shape p), the means vary over
customers (gamma: q, v). It holds only where mean margin and frequency do not go together;
``independence`` measures that and is part of every fit.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln

from dagster_project.value.likelihood import distinct_rows, maximise
from dagster_project.value.ratios import BoolArray, FloatArray, Measured, unexplained

CORRELATION_LIMIT = 0.3
"""Beyond it the model's assumption does not hold and values are not to be used."""


@dataclass(frozen=True)
class Independence:
    """Do customers who buy often also buy big? Pearson's correlation over repeat customers."""

    correlation: float
    customers: int
    limit: float = CORRELATION_LIMIT

    @property
    def holds(self) -> bool:
        """Small enough; an unknown correlation proves nothing and does not hold."""
        return abs(self.correlation) < self.limit


@dataclass(frozen=True)
class GammaGamma:
    """A fitted model; ``v`` is in units of margin. ``log_likelihood`` is of its own customers."""

    p: float
    q: float
    v: float
    log_likelihood: float
    independence: Independence
    customers: int
    """Customers that the fit is from."""
    left_out: int
    """Repeat customers whose mean margin is not positive, which the model knows nothing of."""

    def expected_margin(self, frequency: ArrayLike, mean_margin: ArrayLike) -> Measured:
        """Margin of a future purchase: E(M | p, q, v, x, z), in units of margin.

        A customer without a repeat purchase has the mean of all. One whose mean margin is not
        positive has none, with the reason.

        Args:
            frequency: Repeat purchases, shape ``(n,)``.
            mean_margin: Mean margin of a repeat purchase, shape ``(n,)``; not read without one.
        """
        x, mean = _arrays(frequency, mean_margin)
        spend = np.where(x > 0, x * mean, 0.0)
        weight = self.p * x + self.q - 1
        reasons = np.full(x.shape, None, dtype=object)
        reasons[weight <= 0] = "margins vary too much for a mean of all customers"
        reasons[(x > 0) & ~(mean > 0)] = "mean margin is not positive"
        has_value = unexplained(reasons)
        values = np.full(x.shape, np.nan)
        np.divide(self.p * (self.v + spend), weight, out=values, where=has_value)
        return Measured(values, reasons)


def independence(frequency: ArrayLike, mean_margin: ArrayLike) -> Independence:
    """Correlate frequency and mean margin over repeat customers with a positive mean margin.

    Args:
        frequency: Repeat purchases, shape ``(n,)``.
        mean_margin: Mean margin of a repeat purchase, shape ``(n,)``.
    """
    x, mean = _arrays(frequency, mean_margin)
    used = _usable(x, mean)
    rows = distinct_rows(x[used], mean[used])
    return _independence(*rows)


def fit_gamma_gamma(frequency: ArrayLike, mean_margin: ArrayLike) -> GammaGamma:
    """Fit by maximum likelihood on repeat customers with a positive mean margin.

    Args:
        frequency: Repeat purchases, shape ``(n,)``.
        mean_margin: Mean margin of a repeat purchase, shape ``(n,)``, in units of money.

    Raises:
        ValueError: Fewer than three such customers, or no maximum.
    """
    x, mean = _arrays(frequency, mean_margin)
    used = _usable(x, mean)
    if used.sum() < 3:
        raise ValueError("Fewer than three repeat customers have a positive mean margin.")
    scale = float(np.median(mean[used]))
    rows, counts = distinct_rows(x[used], mean[used] / scale)

    def log_likelihood(parameters: FloatArray) -> float:
        return float(counts @ _log_likelihoods(parameters, rows[:, 0], rows[:, 1]))

    fit = maximise(log_likelihood, np.ones(3))
    p, q, v = (float(value) for value in fit.parameters)
    return GammaGamma(
        p,
        q,
        v * scale,
        fit.log_likelihood - float(counts.sum()) * np.log(scale),
        _independence(rows, counts),
        int(used.sum()),
        int(((x > 0) & ~used).sum()),
    )


def _log_likelihoods(parameters: FloatArray, x: FloatArray, mean: FloatArray) -> FloatArray:
    """Log-likelihood of each customer, from the margins' mean alone."""
    p, q, v = parameters
    return (
        gammaln(p * x + q)
        - gammaln(p * x)
        - gammaln(q)
        + q * np.log(v)
        + (p * x - 1) * np.log(mean)
        + p * x * np.log(x)
        - (p * x + q) * np.log(v + x * mean)
    )


def _independence(rows: FloatArray, counts: FloatArray) -> Independence:
    total = counts.sum()
    centred = rows - (counts @ rows / total if total else 0.0)
    spread = np.sqrt(counts @ centred**2)
    together = float(counts @ (centred[:, 0] * centred[:, 1]))
    both = float(spread[0] * spread[1])
    return Independence(together / both if both > 0 else float("nan"), int(total))


def _usable(x: FloatArray, mean: FloatArray) -> BoolArray:
    return (x > 0) & np.isfinite(mean) & (mean > 0)


def _arrays(frequency: ArrayLike, mean_margin: ArrayLike) -> tuple[FloatArray, FloatArray]:
    x = np.atleast_1d(np.asarray(frequency, dtype=float))
    mean = np.atleast_1d(np.asarray(mean_margin, dtype=float))
    if x.shape != mean.shape:
        raise ValueError(f"{x.size} frequencies and {mean.size} mean margins")
    if (~np.isfinite(x) | (x < 0)).any():
        raise ValueError("A frequency is missing or negative.")
    return x, mean
