"""Terms of contracts, measured as the contract says: its date, level, cure and exclusions.

A penalty is what the contract charges for a period; a cap holds for a calendar quarter, in the
order of its periods.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from dagster_project.analytics.inputs import BoolArray, FloatArray, IntArray

ELEMENTS = {
    "OTIF": "otif",
    "ON_TIME": "on_time",
    "IN_FULL": "in_full",
    "LINE_FILL": "in_full",
    "LINE_FILL_RATE": "in_full",
    "FILL_RATE": "fill",
    "UNIT_FILL": "fill",
    "UNIT_FILL_RATE": "fill",
}
"""Element of a term, and what of a line it asks for; others are not measured by line."""
RANGE = re.compile(r"(\d{4}-\d{2}-\d{2})\s*(?:/|\.\.|to)\s*(\d{4}-\d{2}-\d{2})")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
RENEWAL_DAYS = (30, 60, 90)


@dataclass(frozen=True)
class Lines:
    """Order lines of one contract on the date of one term; arrays of shape (n,).

    ``due``: day from 1970-01-01; ``order``: place of the order; ``is_kept``: what the term asks
    for; ``ordered``, ``filled``: base units; ``amount``: net in group currency; ``cured_after``:
    days from the due day until everything was there, negative where it never was.
    """

    due: IntArray
    order: IntArray
    is_kept: BoolArray
    ordered: FloatArray
    filled: FloatArray
    amount: FloatArray
    cured_after: IntArray


@dataclass(frozen=True)
class Term:
    """What a term says; ``target`` is a share, ``cap`` and ``penalty`` are in its currency."""

    element: str
    window: str
    target: float
    penalty_type: str
    penalty: float
    cap: float | None
    cure_days: int | None
    exclusions: str | None


@dataclass
class Period:
    """What a term did in a month or quarter.

    ``breaches``: lines or orders that failed, or 1 where the period as a whole did; ``cured``: of
    them made good in time; ``exposure``: penalty before the cap, ``accrued``: after it.
    """

    start: date
    value: float
    measured: int
    excluded: int
    breaches: int
    cured: int
    exposure: float
    accrued: float = 0.0


def excluded_days(text: str | None) -> list[tuple[int, int]]:
    """Return first and last day of what a contract excludes, as days from 1970-01-01.

    The text is free; days and ranges of days in it count, such as ``2026-02-01/2026-02-14``.
    """
    rest, found = text or "", []
    for first, last in RANGE.findall(rest):
        found.append((_day(first), _day(last)))
    for one in DAY.findall(RANGE.sub(" ", rest)):
        found.append((_day(one), _day(one)))
    return sorted(found)


def _day(text: str) -> int:
    return int(np.datetime64(text, "D").astype(np.int64))


def periods_of(term: Term, lines: Lines) -> list[Period]:
    """Return how a term was kept in each month, or quarter where it is measured by quarter.

    Raises:
        KeyError: The element is none that a line can be judged by.
    """
    by_units = ELEMENTS[term.element.upper()] == "fill"
    is_out = np.zeros(len(lines.due), dtype=bool)
    for first, last in excluded_days(term.exclusions):
        is_out |= (lines.due >= first) & (lines.due <= last)
    months = lines.due.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    starts = months // 3 * 3 if term.window == "QUARTER" else months
    names, place = np.unique(starts, return_inverse=True)
    excluded = np.bincount(place[is_out], minlength=len(names))
    place, inside = place[~is_out], ~is_out
    amounts = np.bincount(place, lines.amount[inside], len(names))
    is_kept, is_cured = lines.is_kept[inside], _is_cured(term, lines)[inside]
    if term.window == "ORDER":
        place, is_kept, is_cured = _by_order(place, lines.order[inside], is_kept, is_cured)
    measured = np.bincount(place, minlength=len(names))
    kept = np.bincount(place, is_kept, len(names))
    cured = np.bincount(place, ~is_kept & is_cured, len(names))
    above, below = kept, measured
    if by_units and term.window != "ORDER":
        ordered = lines.ordered[inside]
        above = np.bincount(place, np.minimum(lines.filled[inside], ordered), len(names))
        below = np.bincount(place, ordered, len(names))
    found: list[Period] = []
    for k in np.flatnonzero(measured):
        value = float(above[k] / below[k])
        breaches, made_good = int(measured[k] - kept[k]), int(cured[k])
        if term.window in ("MONTH", "QUARTER"):
            breaches, made_good = int(value < term.target - 1e-12), 0
        exposure = _exposure(term, value, breaches - made_good, float(amounts[k]))
        start = np.datetime64(int(names[k]), "M").astype("datetime64[D]").astype(date)
        counts = (int(measured[k]), int(excluded[k]), breaches, made_good)
        found.append(Period(start, value, *counts, exposure))
    _cap(term, found)
    return found


def _by_order(
    place: IntArray, order: IntArray, is_kept: BoolArray, is_cured: BoolArray
) -> tuple[IntArray, BoolArray, BoolArray]:
    """Return period, kept and cured of the orders of lines.

    An order fails with one line, and is made good with the last of those that failed.
    """
    width = order.max(initial=0) + 1
    orders, own = np.unique(place * width + order, return_inverse=True)
    failed = np.bincount(own, ~is_kept) > 0
    return orders // width, ~failed, np.bincount(own, ~is_kept & ~is_cured) == 0


def _exposure(term: Term, value: float, breaches: int, amount: float) -> float:
    """Return what a period costs before the cap; ``amount``: net value of its lines."""
    short = max(term.target - value, 0.0)
    if term.penalty_type == "PER_BREACH":
        return term.penalty * breaches
    if short > 1e-12 and term.penalty_type == "PCT":
        return term.penalty / 100 * amount
    if short > 1e-12 and term.penalty_type == "TIERED":
        return term.penalty * float(np.ceil(np.round(short * 100, 9)))
    return 0.0


def _is_cured(term: Term, lines: Lines) -> BoolArray:
    if not term.cure_days:
        return np.zeros(len(lines.due), dtype=bool)
    return (lines.cured_after >= 0) & (lines.cured_after <= term.cure_days)


def _cap(term: Term, periods: Sequence[Period]) -> None:
    """Charge each period what the cap of its quarter leaves."""
    spent: dict[tuple[int, int], float] = {}
    for one in periods:
        quarter = (one.start.year, (one.start.month - 1) // 3)
        left = np.inf if term.cap is None else max(term.cap - spent.get(quarter, 0.0), 0.0)
        one.accrued = float(min(one.exposure, left))
        spent[quarter] = spent.get(quarter, 0.0) + one.accrued


def against_tier(target: float, tier_target: float | None) -> str | None:
    """Say whether a term promises more than the tier: STRONGER, EQUAL or WEAKER."""
    if tier_target is None:
        return None
    if abs(target - tier_target) < 1e-9:
        return "EQUAL"
    return "STRONGER" if target > tier_target else "WEAKER"


def renewal_within(end: date | None, on: date) -> int | None:
    """Return 30, 60 or 90 where a contract ends within so many days of a day, else None."""
    if end is None or end < on:
        return None
    left = (end - on).days
    return next((days for days in RENEWAL_DAYS if left <= days), None)


def term_of(row: Mapping[str, Any]) -> Term:
    """Return a row of ``stg_crm__contract_sla_term`` as a term; percent becomes a share."""
    target = float(row["target"])
    if str(row["unit"]).lower() in ("percent", "pct", "%"):
        target /= 100
    return Term(
        str(row["element"]).upper(),
        row["measure_window"],
        target,
        row["penalty_type"],
        float(row["penalty_value"] or 0),
        None if row["cap_amount"] is None else float(row["cap_amount"]),
        row["cure_days"],
        row["exclusions"],
    )
