"""Reads promises, what was done, expected, offered elsewhere and paid, and writes what should be
promised instead, beside what ``definition_table`` says of the tiers themselves.
"""

import itertools
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from dagster_project.analytics.tables import Tables
from dagster_project.improvement.competition_table import ASKED, PROMISE_COLUMNS, PROMISES
from dagster_project.improvement.contract import ELEMENTS, term_of
from dagster_project.improvement.contract_table import CONTRACT_COLUMNS, CONTRACTS, TERMS
from dagster_project.improvement.definition_table import definition_reads, definition_rows
from dagster_project.improvement.outputs import table_of
from dagster_project.improvement.policy import Settings
from dagster_project.improvement.proposal import Evidence, Proposal, propose
from dagster_project.improvement.reads import Read
from dagster_project.improvement.values import Key, Series, closed_months, last_values
from dagster_project.schemes.answers import known_answers
from dagster_project.schemes.closed import Closed, segments_then

SUSTAINABILITY = "analytics.tier_sustainability"
SUSTAINABILITY_COLUMNS = (
    *("fiscal_quarter", "segment_key", "verdict", "incremental_cost_to_serve_group"),
    "lever",
)
MARKET = "analytics.competitive_position"
MARKET_COLUMNS = ("element", "segment_key", "market", "market_median", "is_alert")
PURPOSES = "policy.scheme_purpose"
PURPOSE_COLUMNS = ("scheme_id", "version")
ENTITIES = "intermediate.int_customer__segmentation_entity"
SAME = {"OTIF": "otif", "UNIT_FILL_RATE": "fill", "LINE_FILL_RATE": "in_full"}
"""What of a line a contract asks for that promises the same element."""


def proposal_reads(closed: Closed) -> tuple[Read, ...]:
    """Rows that the table depends on, besides those of contracts, competition and surveys."""
    return (
        *definition_reads(closed),
        Read(MARKET, MARKET_COLUMNS),
        Read(PURPOSES, PURPOSE_COLUMNS),
        Read(SUSTAINABILITY, SUSTAINABILITY_COLUMNS),
        Read(ENTITIES, ("customer_id", "entity_id")),
    )


def proposal_table(
    tables: Tables, closed: Closed, settings: Settings, series: Mapping[Key, Series]
) -> pa.Table:
    """Return the proposals as of the closed month, ranked where no contract stands in the way."""
    months = closed_months(closed, settings.proposal_months)
    belief = segments_then(tables, closed).to_pylist()
    entities = Counter(f"{row['scheme_id']}:{row['segment_code']}" for row in belief)
    segment_of = {
        row["entity_id"]: f"{row['scheme_id']}:{row['segment_code']}"
        for row in sorted(belief, key=lambda one: one["scheme_id"], reverse=True)
    }
    expected = _expected(tables, closed, segment_of)
    pays = _sustainability(tables)
    contracts = _contract_targets(tables, closed, segment_of)
    promises = _promises(tables, closed)
    ranks = _ranks(tables)
    market = _market(tables)
    rows: list[dict[str, Any]] = []
    for (segment, element), promise in sorted(promises.items()):
        target = float(promise["target"])
        if target > 1:
            continue
        below = ranks.get(segment)
        lower = promises.get((below, element)) if below else None
        verdict, cost, lever = pays.get(segment, (None, None, None))
        found = Evidence(
            target,
            last_values(series.get((element, promise["basis"], segment)), months),
            expected.get((segment, ASKED.get(element, ""))),
            verdict,
            float(lower["target"]) if lower else None,
            contracts.get((segment, element)),
            entities.get(segment, 0),
            cost,
            market.get((segment, element)),
        )
        proposal = propose(found, settings.proposal_months, settings.proposal_margin)
        if proposal:
            row = _row(segment, element, found, proposal, closed)
            rows.append(row | {"lever": lever if proposal.direction == "LOWER" else None})
    rows += definition_rows(tables, closed, {key: cost for key, (_, cost, _) in pays.items()})
    versions = _versions(tables)
    for row in rows:
        before = versions.get(row["scheme_id"])
        row["from_version"], row["to_version"] = before, next_version(before)
        row["request_id"] = f"{row['segment_key']}|{row['element']}|{row['to_version']}"
    _rank(rows)
    return table_of("adjustment_proposal", rows)


def _row(
    segment: str, element: str, found: Evidence, proposal: Proposal, closed: Closed
) -> dict[str, Any]:
    values = np.asarray(found.values, dtype=np.float64)
    return {
        "as_of_month": closed.start,
        "proposal_id": f"{closed.start:%Y-%m}|{segment}|{element}",
        "proposal_type": "SLA_TARGET",
        "scheme_id": segment.partition(":")[0],
        "segment_key": segment,
        "element": element,
        "direction": proposal.direction,
        "target": found.target,
        "new_target": proposal.new_target,
        "capability_p10": float(np.percentile(values, 10)),
        "capability_p50": float(np.median(values)),
        "expected_value": found.expected,
        "attainment_gap": float(np.median(values)) - found.target,
        "expectation_gap": None if found.expected is None else found.expected - found.target,
        "competitor_gap": None if found.market is None else found.market - found.target,
        "sustainability": found.verdict,
        "is_blocked_by_contract": proposal.is_blocked,
        "entities_count": found.entities,
        "entities_moved_count": 0,
        "revenue_moved_group": 0.0,
        "months_met_before": proposal.months_met_before,
        "months_met_after": proposal.months_met_after,
        "saving_per_quarter_group": proposal.saving,
        "reason": proposal.why,
    }


def next_version(version: str | None) -> str:
    """Return the version of a scheme that follows: a number goes up by one, a word gets `.1`."""
    if version is None:
        return "1"
    return str(int(version) + 1) if version.isdigit() else f"{version}.1"


def _rank(rows: list[dict[str, Any]]) -> None:
    """Those that no contract blocks, the one that moves most money first."""

    def weight(row: dict[str, Any]) -> tuple[float, float, str]:
        money = abs(row["saving_per_quarter_group"] or 0.0)
        return (-money, -abs(row["new_target"] - row["target"]), row["proposal_id"])

    free = sorted((row for row in rows if not row["is_blocked_by_contract"]), key=weight)
    for place, row in enumerate(free, start=1):
        row["priority_no"] = place


def _market(tables: Tables) -> dict[tuple[str, str], float]:
    """Highest median of a market that offers more of what customers find important."""
    found: dict[tuple[str, str], float] = {}
    for row in tables.read(MARKET, MARKET_COLUMNS).to_pylist():
        if row["is_alert"] and row["market_median"] is not None:
            key = (row["segment_key"], row["element"])
            found[key] = max(found.get(key, 0.0), float(row["market_median"]))
    return found


def _versions(tables: Tables) -> dict[str, str]:
    rows = tables.read(PURPOSES, PURPOSE_COLUMNS).to_pylist()
    return {row["scheme_id"]: str(row["version"]) for row in rows}


def _expected(
    tables: Tables, closed: Closed, segment_of: Mapping[str, str]
) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in known_answers(tables, closed).to_pylist():
        if row["expectation"] is not None and row["entity_id"] in segment_of:
            found[segment_of[row["entity_id"]], row["item_id"]].append(float(row["expectation"]))
    return {key: float(np.mean(values)) for key, values in found.items()}


def _sustainability(tables: Tables) -> dict[str, tuple[str, float | None, str | None]]:
    """Verdict of the last quarter of each tier, its extra cost per customer, and the lever."""
    if not tables.has(SUSTAINABILITY):
        return {}
    rows = tables.read(SUSTAINABILITY, SUSTAINABILITY_COLUMNS).sort_by("fiscal_quarter")
    found: dict[str, tuple[str, float | None, str | None]] = {}
    for row in rows.to_pylist():
        cost = row["incremental_cost_to_serve_group"]
        found[row["segment_key"]] = (
            row["verdict"],
            None if cost is None else float(cost),
            row["lever"],
        )
    return found


def _promises(tables: Tables, closed: Closed) -> dict[tuple[str, str], dict[str, Any]]:
    """General promises of the tiers on the last day of the month."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in tables.read(PROMISES, PROMISE_COLUMNS).to_pylist():
        is_general = not row["product_class"] and not row["customer_id"]
        ends = row["valid_to"]
        holds = row["valid_from"] <= closed.end and (ends is None or closed.end < ends)
        if is_general and holds and row["element"] in SAME:
            found[f"{row['scheme_id']}:{row['segment_code']}", row["element"]] = row
    return found


def _ranks(tables: Tables) -> dict[str, str]:
    """Next lower tier of each tier."""
    tiers: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in tables.read("policy.segment").to_pylist():
        if row["kind"] == "TIER":
            tiers[row["scheme_id"]].append((int(row["tier_rank"]), row["segment_code"]))
    found: dict[str, str] = {}
    for scheme, ranked in tiers.items():
        codes = [code for _, code in sorted(ranked)]
        pairs = itertools.pairwise(codes)
        found |= {f"{scheme}:{better}": f"{scheme}:{worse}" for better, worse in pairs}
    return found


def _contract_targets(
    tables: Tables, closed: Closed, segment_of: Mapping[str, str]
) -> dict[tuple[str, str], float]:
    """Highest target of a contract in force in each segment."""
    entity_of = {
        row["customer_id"]: row["entity_id"]
        for row in tables.read(ENTITIES, ("customer_id", "entity_id")).to_pylist()
    }
    newest: dict[str, dict[str, Any]] = {}
    for row in tables.read(CONTRACTS, CONTRACT_COLUMNS).sort_by("version").to_pylist():
        newest[row["contract_id"]] = row
    elements = {what: element for element, what in SAME.items()}
    found: dict[tuple[str, str], float] = {}
    for row in tables.read(TERMS).to_pylist():
        contract, term = newest.get(row["contract_id"]), term_of(row)
        element = elements.get(ELEMENTS.get(term.element, ""))
        if contract is None or element is None:
            continue
        ends = [contract["end_date"]] if not contract["is_auto_renew"] else []
        ends = [day for day in [*ends, row["valid_to"]] if day is not None]
        segment = segment_of.get(entity_of.get(contract["customer_id"], ""))
        if segment and row["valid_from"] <= closed.end and all(closed.end < day for day in ends):
            key = (segment, element)
            found[key] = max(found.get(key, 0.0), term.target)
    return found
