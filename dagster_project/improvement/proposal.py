"""Proposals to change what a tier is promised, by explicit rules, with what they would change.

RAISE: nine of ten months did more than the target by a margin, and customers expect more than it,
or the market offers more of what they find important.
LOWER: the tier gets more than its customers expect, and does not pay for it; never below what its
customers expect, what the next tier is promised, or what a contract promises.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RAISE, LOWER = "RAISE", "LOWER"
UNSUSTAINABLE = "UNSUSTAINABLE"


@dataclass(frozen=True)
class Evidence:
    """What is known of the promise of a tier; shares from 0 to 1.

    Attributes:
        target: What is promised.
        values: Of the last months, in the order of time.
        expected: Mean of what customers expect, None where nobody asked.
        verdict: Whether the tier pays for its service, None where it is not known.
        next_target: Promise of the next lower tier, None for the lowest.
        contract_target: Highest promise of a contract in the tier, None without one.
        entities: Customers of the tier.
        extra_cost: What serving a customer of the tier costs more than one of the next, per quarter
            in group currency; None where it is not known.
        market: Median of the market where it offers more of what customers find important, else
            None.
    """

    target: float
    values: Sequence[float]
    expected: float | None
    verdict: str | None
    next_target: float | None
    contract_target: float | None
    entities: int
    extra_cost: float | None
    market: float | None = None


@dataclass(frozen=True)
class Proposal:
    """A proposal and its simulated impact.

    ``months_met_before`` and ``months_met_after``: months of the evidence that reached the old and
    the new target. ``saving``: cost per quarter in group currency, negative where it costs more; it
    is the part of the extra cost that lies between the old and the new target.
    """

    direction: str
    new_target: float
    is_blocked: bool
    months_met_before: int
    months_met_after: int
    saving: float | None
    why: str


def propose(found: Evidence, months: int, margin: float) -> Proposal | None:
    """Return the proposal that the evidence asks for, or None.

    Args:
        found: The evidence.
        months: Least months of evidence.
        margin: Share above the target that is more than chance.
    """
    if len(found.values) < months:
        return None
    capable = float(np.percentile(np.asarray(found.values, dtype=np.float64), 10))
    wanted_by = {"more is done and more is expected": found.expected}
    wanted_by |= {"more is done and the market offers more": found.market}
    for why, wanted in wanted_by.items():
        is_wanted = wanted is not None and wanted > found.target + 1e-12
        if wanted is not None and is_wanted and capable > found.target + margin:
            new = _rounded(min(capable, wanted))
            if new > found.target:
                return _with_impact(found, RAISE, new, False, why)
    if found.expected is None:
        return None
    is_over = min(found.target, capable) > found.expected + 1e-12
    if is_over and found.verdict == UNSUSTAINABLE:
        wanted = _rounded(max(found.expected, found.next_target or 0.0))
        floor = max(wanted, found.contract_target or 0.0)
        why = "more is done than expected, and it does not pay"
        if floor < found.target - 1e-12:
            return _with_impact(found, LOWER, floor, False, why)
        if wanted < found.target - 1e-12:
            return _with_impact(found, LOWER, wanted, True, f"{why}; a contract stands in the way")
    return None


def _rounded(share: float) -> float:
    """Half a point is as fine as a promise is."""
    return round(round(share * 200) / 200, 9)


def _with_impact(
    found: Evidence, direction: str, new: float, is_blocked: bool, why: str
) -> Proposal:
    values = np.asarray(found.values, dtype=np.float64)
    saving = None
    if found.extra_cost is not None and found.next_target is not None:
        step = found.target - found.next_target
        if step > 1e-12:
            saving = found.extra_cost * found.entities * (found.target - new) / step
    return Proposal(
        direction,
        new,
        is_blocked,
        int((values >= found.target - 1e-12).sum()),
        int((values >= new - 1e-12).sum()),
        saving,
        why,
    )
