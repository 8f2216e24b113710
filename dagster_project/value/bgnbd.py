"""How often a customer without a contract will buy: the BG/NBD model.

Fader, Hardie & Lee, "Counting Your Customers" the Easy Way, Marketing Science 24(2), 2005. While
alive a customer buys at its own Poisson rate (gamma over customers: r, alpha); after each purchase
it leaves for good with its own probability (beta over customers: a, b). Time is in any unit, the
same everywhere; alpha has that unit, the other parameters have none.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaln, gammaln, hyp2f1

from dagster_project.value.likelihood import distinct_rows, maximise
from dagster_project.value.ratios import FloatArray

_NEAR_ONE = 1e-6


@dataclass(frozen=True)
class BGNBD:
    """A fitted model. ``log_likelihood`` is of the customers that it was fitted on."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float

    @property
    def _a(self) -> float:
        """``a``, kept off one, where the expectations have a removable gap."""
        return 1 + _NEAR_ONE if abs(self.a - 1) < _NEAR_ONE else self.a

    def expected_purchases(self, time: ArrayLike) -> FloatArray:
        """Purchases of a new customer in ``(0, time]``: E[X(t)] of the paper."""
        elapsed = np.asarray(time, dtype=float)
        return self._expected(0.0, self.alpha, elapsed)

    def expected_future_purchases(
        self, time: ArrayLike, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike
    ) -> FloatArray:
        """Purchases in ``(age, age + time]`` given the history: E[Y(t) | x, t_x, T].

        Args:
            time: How far to look ahead; zero or more. Broadcasts with the histories.
            frequency: Repeat purchases x, shape ``(n,)``.
            recency: Time of the last one t_x, zero without a repeat, shape ``(n,)``.
            age: Time since the first purchase T, shape ``(n,)``.

        Raises:
            ValueError: A history is impossible.
        """
        x, last, age_now = checked_histories(frequency, recency, age)
        ahead = self._expected(x, self.alpha + age_now, np.asarray(time, dtype=float))
        return ahead * self.alive(x, last, age_now)

    def alive(self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> FloatArray:
        """Probability that a customer has not left, shape ``(n,)``; one without a repeat purchase.

        Raises:
            ValueError: A history is impossible.
        """
        x, last, age_now = checked_histories(frequency, recency, age)
        repeats = np.maximum(x, 1.0)
        log_odds_left = (
            np.log(self.a)
            - np.log(self.b + repeats - 1)
            + (self.r + x) * (np.log(self.alpha + age_now) - np.log(self.alpha + last))
        )
        return np.where(x > 0, np.exp(-np.logaddexp(0.0, log_odds_left)), 1.0)

    def _expected(self, x: ArrayLike, alpha: ArrayLike, time: FloatArray) -> FloatArray:
        """Purchases of a living customer in the next ``time``.

        The papers' 2F1(r+x, b+x; a+b+x-1; z) is taken by Euler's transformation, which stays small
        where the original grows beyond all bounds. Where a and b grew so large that even that is
        no number, all customers leave with one probability p, and the limit holds: of the gamma
        rate what is expected is (1 - (alpha / (alpha + p time))^(r+x)) / p.
        """
        a, x_all, alpha_all = self._a, np.asarray(x, dtype=float), np.asarray(alpha, dtype=float)
        c = a + self.b + x_all - 1
        z = time / (alpha_all + time)
        with np.errstate(over="ignore", invalid="ignore"):
            left = (1 - z) ** (a - 1) * hyp2f1(c - self.r - x_all, a - 1, c, z)
            limit = (alpha_all / (alpha_all + (a - 1) / c * time)) ** (self.r + x_all)
        return np.asarray(c / (a - 1) * (1 - np.where(np.isfinite(left), left, limit)))


def fit_bgnbd(
    frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, penalty: float = 0.0
) -> BGNBD:
    """Fit the model by maximum likelihood; the order of the customers makes no difference.

    Args:
        frequency: Repeat purchases x of each customer, shape ``(n,)``.
        recency: Time of the last one after the first purchase, shape ``(n,)``, in units of time.
        age: Time from the first purchase to the end of observation, shape ``(n,)``.
        penalty: Weight of the squared logarithms of the parameters. Where all customers leave with
            one probability a and b grow together without end; a small weight holds them.

    Raises:
        ValueError: A history is impossible, nobody bought twice, or there is no maximum.
    """
    x, last, age_now = checked_histories(frequency, recency, age)
    if not (x > 0).any():
        raise ValueError("Nobody bought twice: the model cannot be fitted.")
    scale = float(age_now.max())
    rows, counts = distinct_rows(x, last / scale, age_now / scale)
    x, last, age_now = rows.T

    def log_likelihood(parameters: FloatArray) -> float:
        found = float(counts @ _log_likelihoods(parameters, x, last, age_now))
        return found - penalty * float(np.sum(np.log(parameters) ** 2)) if penalty else found

    fit = maximise(log_likelihood, np.ones(4))
    r, alpha, a, b = (float(p) for p in fit.parameters)
    held = penalty * float(np.sum(np.log(fit.parameters) ** 2))
    # A density of x purchase times: each time carries the unit back.
    back = float(counts @ x * np.log(scale))
    return BGNBD(r, alpha * scale, a, b, fit.log_likelihood + held - back)


def _log_likelihoods(
    parameters: FloatArray, x: FloatArray, last: FloatArray, age: FloatArray
) -> FloatArray:
    """Log-likelihood of each customer; the paper's, in log space."""
    r, alpha, a, b = parameters
    bought = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    stayed = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + age)
    repeats = np.maximum(x, 1.0)
    left = betaln(a + 1, b + repeats - 1) - betaln(a, b) - (r + x) * np.log(alpha + last)
    return bought + np.logaddexp(stayed, np.where(x > 0, left, -np.inf))


def checked_histories(
    frequency: ArrayLike, recency: ArrayLike, age: ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the histories as arrays of one length.

    Raises:
        ValueError: Lengths differ, a value is missing or negative, a frequency is not whole, a
            last purchase lies after the end of observation or without a repeat purchase.
    """
    x, last, age_now = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(v, dtype=float)) for v in (frequency, recency, age))
    )
    faults = {
        "a value is missing": ~(np.isfinite(x) & np.isfinite(last) & np.isfinite(age_now)),
        "a value is negative": (x < 0) | (last < 0) | (age_now < 0),
        "a frequency is not a whole number": x != np.floor(x),
        "a last purchase lies after the end": last > age_now,
        "a last purchase without a repeat purchase": (x == 0) & (last > 0),
        "a repeat purchase without a time": (x > 0) & (age_now == 0),
    }
    found = [f"{name} ({int(rows.sum())} customers)" for name, rows in faults.items() if rows.any()]
    if not len(x):
        found = ["no customers"]
    if found:
        raise ValueError("Impossible histories: " + "; ".join(found) + ".")
    return x, last, age_now
