"""Reads what functions agreed upon and writes how they kept it."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from dagster_project.analytics.tables import Tables
from dagster_project.improvement.agreement import (
    BREACHED,
    KEPT,
    Agreement,
    attained,
    capability,
    standing_agreements,
)
from dagster_project.improvement.outputs import table_of
from dagster_project.improvement.policy import Settings
from dagster_project.improvement.reads import Read
from dagster_project.improvement.values import Key, Series, closed_months, last_values
from dagster_project.metrics.registry import Metric
from dagster_project.schemes.closed import Closed

DRAFTS = "staging.stg_decisions__internal_agreement"
ROUNDS = "staging.stg_decisions__agreement_round"
SIGNATURES = "staging.stg_decisions__agreement_signature"
HISTORY_MONTHS = 24
"""Months for which an agreement is shown."""


def agreement_reads() -> tuple[Read, ...]:
    """Decisions that the table depends on, besides attainment."""
    names = ("seq", "agreement_id", "agreement_version")
    return (
        Read(DRAFTS, (*names, "content_hash")),
        Read(ROUNDS, names),
        Read(SIGNATURES, (*names, "role", "content_hash")),
    )


def agreement_table(
    tables: Tables,
    closed: Closed,
    settings: Settings,
    series: Mapping[Key, Series],
    metrics: Mapping[str, Metric],
) -> pa.Table:
    """Return each agreement with the months in which it was scored; one row where it was not."""
    drafts, rounds, signatures = (
        tables.read(name).to_pylist() for name in (DRAFTS, ROUNDS, SIGNATURES)
    )
    agreements = standing_agreements(drafts, rounds, signatures)
    directions = {name: one.is_higher_better for name, one in metrics.items()}
    values = {key: one.value for key, one in series.items()}
    months = closed_months(closed, HISTORY_MONTHS)
    scored = attained(agreements, values, directions, months, settings.agreement_excuse_months)
    rows: list[dict[str, Any]] = []
    for one in agreements:
        key = (one.metric_id, one.basis, one.segment_key)
        recent = last_values(series.get(key), closed_months(closed, settings.feasibility_months))
        able = capability(recent, directions.get(one.metric_id, True)) or (None, None)
        common = _common(one, closed) | {"feasible_p50": able[0], "feasible_p90": able[1]}
        own = [row for row in scored if row["agreement_id"] == one.agreement_id]
        rows += [
            common
            | {
                "attained_month": row["month"],
                "value": row["value"],
                "outcome": row["outcome"],
                "is_counted": row["outcome"] in (KEPT, BREACHED),
                "excused_by_month": row["excused_by_month"],
            }
            for row in own
        ] or [common | {"is_counted": False}]
    return table_of("internal_agreement", rows)


def _common(one: Agreement, closed: Closed) -> dict[str, Any]:
    has_ended = one.valid_to is not None and one.valid_to < closed.start
    return {
        "agreement_id": one.agreement_id,
        "agreement_version": one.version,
        "status": "EXPIRED" if has_ended and one.status == "SIGNED" else one.status,
        "supplier_function": one.supplier_function,
        "customer_function": one.customer_function,
        "segment_key": one.segment_key,
        "metric_id": one.metric_id,
        "basis": one.basis,
        "target": one.target,
        "commitment": one.commitment,
        "signed_date": one.signed_on,
        "excused_by": one.excused_by,
    }
