"""Reads claims, definitions and what was measured, and writes the gap between them."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from dagster_project.analytics.tables import Tables
from dagster_project.improvement.claims import in_force, is_soft, judge, needs_review
from dagster_project.improvement.outputs import table_of
from dagster_project.improvement.policy import Settings
from dagster_project.improvement.reads import Read
from dagster_project.improvement.values import EVERYBODY, Key, Series, closed_months, last_values
from dagster_project.metrics.registry import Metric
from dagster_project.schemes.closed import Closed

DEFINITIONS, CLAIMS = "policy.service_definition", "policy.marketing_claim"
HASHED = ("definition_text", "metric_id", "metric_version", "basis", "inclusions", "exclusions")


def claim_reads() -> tuple[Read, ...]:
    """Policy that the table depends on, besides attainment."""
    return (
        Read(DEFINITIONS, ("definition_id", *HASHED, "valid_from", "valid_to")),
        Read(CLAIMS, ("claim_id", "claim_text", "segment_code", "definition_id", "claimed_target")),
        Read(CLAIMS, ("claim_id", "channel", "asset", "first_seen", "last_seen", "owner")),
    )


def definition_hash(row: Mapping[str, Any]) -> str:
    """Return sha256 (hex) of what a definition says; another text has another hash."""
    text = json.dumps([str(row[name] or "") for name in HASHED])
    return hashlib.sha256(text.encode()).hexdigest()


def claim_table(
    tables: Tables,
    closed: Closed,
    settings: Settings,
    series: Mapping[Key, Series],
    metrics: Mapping[str, Metric],
) -> pa.Table:
    """Return each claim with its verdict as of the closed month."""
    definitions = {
        row["definition_id"]: row
        for row in sorted(tables.read(DEFINITIONS).to_pylist(), key=lambda one: one["valid_from"])
        if in_force(row, closed.end)
    }
    months = closed_months(closed, settings.claim_months)
    rows: list[dict[str, Any]] = []
    for claim in sorted(tables.read(CLAIMS).to_pylist(), key=lambda one: one["claim_id"]):
        own = definitions.get(claim["definition_id"])
        segment, measured = EVERYBODY, None
        if own is not None:
            if claim["segment_code"] != EVERYBODY:
                segment = f"{own['scheme_id']}:{claim['segment_code']}"
            measured = series.get((own["metric_id"], own["basis"], segment))
        recent = [month for month in months if measured and month in measured.promised]
        promised = measured.promised[recent[-1]] if measured and recent else None
        newest = metrics[own["metric_id"]].version if own and own["metric_id"] in metrics else None
        found = judge(
            claim,
            own,
            last_values(measured, months),
            promised,
            closed.end,
            settings.claim_months_met,
        )
        rows.append(
            {
                "as_of_month": closed.start,
                "claim_id": claim["claim_id"],
                "claim_text": claim["claim_text"],
                "channel": claim["channel"],
                "asset": claim["asset"],
                "segment_key": segment,
                "definition_id": claim["definition_id"],
                "definition_hash": definition_hash(own) if own else None,
                "metric_id": own["metric_id"] if own else None,
                "metric_version": own["metric_version"] if own else None,
                "claimed_target": claim["claimed_target"],
                "promised_target": promised,
                "is_soft": is_soft(claim["claim_text"]),
                "months_measured": found.months_measured,
                "months_met": found.months_met,
                "measured_p50": found.p50,
                "measured_p10": found.p10,
                "verdict": found.verdict,
                "verdict_reason": found.why,
                "is_review_due": needs_review(claim, own, newest),
                "owner": claim["owner"],
            }
        )
    return table_of("claim_gap", rows)
