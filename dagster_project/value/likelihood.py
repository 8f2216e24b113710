"""Maximum likelihood for models with a few positive parameters."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from dagster_project.value.ratios import FloatArray

_MAX_RESTARTS = 10
_MAX_STEPS = 4_000
"""Four parameters settle within a thousand steps; where there is no top the search never ends."""

_GAIN = 1e-8


@dataclass(frozen=True)
class Fit:
    """Where the likelihood is highest."""

    parameters: FloatArray
    log_likelihood: float


def distinct_rows(*columns: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the distinct rows, sorted, and how often each occurs.

    Customers with the same history have the same likelihood. Sorting makes the sum, and so the
    fit, independent of the order in which customers arrive, to the last bit.
    """
    rows, counts = np.unique(np.column_stack(columns), axis=0, return_counts=True)
    return rows, counts.astype(float)


def maximise(log_likelihood: Callable[[FloatArray], float], start: FloatArray) -> Fit:
    """Find the positive parameters of the highest likelihood, in log space.

    Nelder-Mead needs no gradient and is deterministic; it is restarted from where it stopped until
    that gains nothing, since a simplex can collapse before it reaches the top.

    Args:
        log_likelihood: Of a vector of positive parameters.
        start: Where to begin, positive.

    Raises:
        ValueError: The likelihood has no maximum that can be found.
    """

    def loss(logs: FloatArray) -> float:
        value = log_likelihood(np.exp(np.clip(logs, -30.0, 30.0)))
        return -value if np.isfinite(value) else np.inf

    options = {"xatol": 1e-8, "fatol": 1e-9, "maxiter": _MAX_STEPS, "maxfev": _MAX_STEPS}
    logs, best = np.log(start), np.inf
    for _ in range(_MAX_RESTARTS):
        found = minimize(loss, logs, method="Nelder-Mead", options=options)
        logs, gain, best = found.x, best - found.fun, found.fun
        if gain < _GAIN or not found.success:
            break
    if not found.success or not np.isfinite(best) or np.abs(logs).max() > 15.0:
        raise ValueError("The likelihood has no maximum: the customers are too few or too alike.")
    return Fit(np.exp(logs), -float(best))
