"""Claims about service against their definition and what was measured.

A claim is supported where the service reached it in enough of the last months. A claim that says
"up to" or "typically" is soft: it is judged by the median of the months.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

SOFT = re.compile(
    r"\b(up to|typically|usually|on average|as a rule|nearly|almost)\b", re.IGNORECASE
)
SUPPORTED, STRONGER, NOT_MEASURED, EXPIRED = (
    *("SUPPORTED", "STRONGER_THAN_DEFINED", "NOT_MEASURED", "EXPIRED"),
)
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Verdict:
    """What is to be said of a claim.

    ``months_met`` of ``months_measured`` reached the claim; ``p50`` and ``p10`` of the months.
    """

    verdict: str
    months_measured: int
    months_met: int
    p50: float | None
    p10: float | None
    why: str


def is_soft(text: str) -> bool:
    """Does a claim promise less than its figure says?"""
    return SOFT.search(text) is not None


def in_force(row: Row, on: date) -> bool:
    """Does a definition hold on a day? ``valid_to`` is the first day on which it does not."""
    return row["valid_from"] <= on and (row["valid_to"] is None or on < row["valid_to"])


def needs_review(claim: Row, definition: Row | None, newest_version: int | None) -> bool:
    """Was the definition or its metric changed while the claim could be read?"""
    if definition is None:
        return False
    is_newer = definition["valid_from"] > claim["first_seen"]
    return is_newer or definition["metric_version"] != newest_version


def judge(
    claim: Row,
    definition: Row | None,
    values: Sequence[float],
    promised: float | None,
    on: date,
    months_met_needed: int,
) -> Verdict:
    """Return the verdict on a claim.

    Args:
        claim: Row of ``marketing_claim.csv``.
        definition: Its definition in force, None where there is none.
        values: Measured in the last months, in the order of time; months without a value left out.
        promised: What the tier is promised, None where nothing is.
        on: Last day of the closed month.
        months_met_needed: Months that have to reach the claim.
    """
    target = float(claim["claimed_target"])
    measured = np.asarray(values, dtype=np.float64)
    p50 = float(np.median(measured)) if len(measured) else None
    p10 = float(np.percentile(measured, 10)) if len(measured) else None
    met = int((measured >= target - 1e-12).sum())

    def verdict(word: str, why: str) -> Verdict:
        return Verdict(word, len(measured), met, p50, p10, why)

    if claim["last_seen"] is not None and claim["last_seen"] < on:
        return verdict(EXPIRED, "the claim is no longer read")
    if definition is None:
        return verdict(EXPIRED, "no definition of it is in force")
    if p50 is None:
        return verdict(NOT_MEASURED, "no month could be measured")
    if is_soft(claim["claim_text"]):
        if p50 >= target:
            return verdict(SUPPORTED, "a soft claim, reached in half of the months")
        return verdict(STRONGER, "a soft claim, not reached in half of the months")
    if promised is not None and target > promised + 1e-12:
        return verdict(STRONGER, "more than the tier is promised")
    if met >= months_met_needed:
        return verdict(SUPPORTED, f"reached in {met} of {len(measured)} months")
    return verdict(STRONGER, f"reached in {met} of {len(measured)} months")
