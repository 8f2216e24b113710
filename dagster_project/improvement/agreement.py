"""Agreements between functions: what was signed, and whether it was kept.

An agreement counts from the day on which both functions have signed the same content. A month in
which it was missed is excused by rule where the other side's own agreement, named in it, was missed
in the same or in one of the months just before.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

CONTENT = (
    *("agreement_id", "agreement_version", "supplier_function", "customer_function"),
    *("segment_key", "metric_id", "basis", "target", "commitment", "valid_from", "valid_to"),
    "excused_by",
)
"""Columns that a signature is for."""
KEPT, BREACHED, EXCUSED, NOT_MEASURED = "KEPT", "BREACHED", "EXCUSED", "NOT_MEASURED"
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Agreement:
    """The newest version of an agreement and how far it has come.

    ``status``: DRAFT, NEGOTIATING (an offer or one signature), SIGNED. ``signed_on``: day of the
    second signature. ``target``: in the unit of the metric.
    """

    agreement_id: str
    version: int
    supplier_function: str
    customer_function: str
    segment_key: str
    metric_id: str
    basis: str
    target: float
    commitment: str
    valid_from: date
    valid_to: date | None
    excused_by: str | None
    status: str
    signed_on: date | None

    def holds_in(self, month: date) -> bool:
        """Was it in force on the first day of a month? Earlier months are nobody's promise."""
        return self.valid_from <= month and (self.valid_to is None or month <= self.valid_to)


def content_hash(content: Row) -> str:
    """Return sha256 (hex) of what a signature is for: ``CONTENT`` as texts, null where left out."""
    kept = {
        name: None if content.get(name) in (None, "") else str(content[name]) for name in CONTENT
    }
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def standing_agreements(
    drafts: Iterable[Row], rounds: Iterable[Row], signatures: Iterable[Row]
) -> list[Agreement]:
    """Return the newest version of each agreement, ordered by its name.

    Args:
        drafts: Decisions ``internal_agreement`` with ``seq``; the last draft of a version counts.
        rounds: Decisions ``agreement_round``.
        signatures: Decisions ``agreement_signature`` with ``role`` and ``decided_at``.
    """
    newest: dict[str, Row] = {}
    for row in sorted(drafts, key=lambda one: (one["agreement_version"], one["seq"])):
        newest[row["agreement_id"]] = row
    offered = {(row["agreement_id"], row["agreement_version"]) for row in rounds}
    signed: dict[tuple[str, int, str], dict[str, date]] = {}
    for row in sorted(signatures, key=lambda one: one["seq"]):
        key = (row["agreement_id"], row["agreement_version"], row["content_hash"])
        signed.setdefault(key, {}).setdefault(row["role"], row["decided_at"].date())
    return [_agreement(newest[name], offered, signed) for name in sorted(newest)]


def _agreement(
    row: Row, offered: set[tuple[str, int]], signed: Mapping[tuple[str, int, str], dict[str, date]]
) -> Agreement:
    version = int(row["agreement_version"])
    by = signed.get((row["agreement_id"], version, row["content_hash"]), {})
    sides = {row["supplier_function"], row["customer_function"]}
    is_signed = sides <= set(by)
    status = "SIGNED" if is_signed else "DRAFT"
    if not is_signed and (by or (row["agreement_id"], version) in offered):
        status = "NEGOTIATING"
    return Agreement(
        row["agreement_id"],
        version,
        row["supplier_function"],
        row["customer_function"],
        row["segment_key"],
        row["metric_id"],
        row["basis"],
        float(row["target"]),
        row["commitment"],
        row["valid_from"],
        row["valid_to"],
        row["excused_by"],
        status,
        max(by[side] for side in sides) if is_signed else None,
    )


def attained(
    agreements: Sequence[Agreement],
    values: Mapping[tuple[str, str, str], Mapping[date, float]],
    is_higher_better: Mapping[str, bool],
    months: Sequence[date],
    excuse_months: int,
) -> list[dict[str, Any]]:
    """Return how each signed agreement did in each month that it held; one row each.

    Args:
        agreements: As ``standing_agreements`` returns them; those not signed are not scored.
        values: By metric, basis and segment: value of each month (first day).
        is_higher_better: By metric.
        months: First days of closed months, in the order of time.
        excuse_months: A breach of the other side so many months ago still excuses.

    Returns:
        agreement_id, month, value, outcome and the month whose breach excuses; ordered by both.
    """
    signed = {one.agreement_id: one for one in agreements if one.status == "SIGNED"}
    found: dict[tuple[str, date], dict[str, Any]] = {}
    for name, one in signed.items():
        series = values.get((one.metric_id, one.basis, one.segment_key), {})
        for month in months:
            if one.holds_in(month):
                value = series.get(month)
                outcome = NOT_MEASURED
                if value is not None:
                    up = is_higher_better.get(one.metric_id, True)
                    is_kept = value >= one.target if up else value <= one.target
                    outcome = KEPT if is_kept else BREACHED
                found[name, month] = {
                    "agreement_id": name,
                    "month": month,
                    "value": value,
                    "outcome": outcome,
                    "excused_by_month": None,
                }
    missed = {key for key, row in found.items() if row["outcome"] == BREACHED}
    for name, month in sorted(missed):
        other = signed[name].excused_by
        near = months[max(months.index(month) - excuse_months, 0) : months.index(month) + 1]
        causes = [one for one in near if other and (other, one) in missed]
        if causes:
            found[name, month] |= {"outcome": EXCUSED, "excused_by_month": causes[-1]}
    return [found[key] for key in sorted(found)]


def capability(values: Sequence[float], is_higher_better: bool) -> tuple[float, float] | None:
    """Return the median of the last months and what nine of ten of them reached; None without any.

    Args:
        values: Of the months, in any order.
        is_higher_better: Then the second is the 10th percentile, else the 90th.
    """
    if not len(values):
        return None
    series = np.asarray(values, dtype=np.float64)
    return float(np.median(series)), float(np.percentile(series, 10 if is_higher_better else 90))
