"""Runs the analyses of schemes on the warehouse: what was known of the last closed month, judged.

The only module of the package that names tables that it writes. Each analysis is made again only
when the rows that it reads changed; a month that nobody corrects is judged once. Add an analysis
by adding it to ``_analyses`` and its tables to ``outputs.py``.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from dagster_project.analytics.inputs import fingerprint
from dagster_project.analytics.tables import Tables
from dagster_project.schemes import commercial_tables as commercial
from dagster_project.schemes import (
    expectation_tables,
    exposure_tables,
    fit,
    perception_tables,
    worth,
)
from dagster_project.schemes.closed import Closed, closed_history, last_closed
from dagster_project.schemes.outputs import SCHEMAS
from dagster_project.schemes.policy import parse_purposes, parse_settings
from dagster_project.schemes.reads import (
    Read,
    answer_rows,
    commercial_rows,
    entity_rows,
    exposure_rows,
    fit_rows,
    impact_rows,
    month_rows,
    order_rows,
    said_rows,
    segment_rows,
    site_rows,
)
from dagster_project.schemes.signoff import check_signed
from dagster_project.segmentation import asked
from dagster_project.segmentation.run import read_policy

POLICY = (
    "segment_scheme",
    "segment",
    "segment_threshold",
    "scheme_attribute",
    "reclass_rule",
    "scheme_purpose",
    "scheme_setting",
    "demand_class_rule",
    "tier_commercial",
    "expectation_item",
)

INPUTS = (
    "int_customer__month",
    "int_segment__entity",
    "int_demand__series",
    "int_order__header",
    "int_shipment__freight_charge",
    "int_customer__site",
    "int_customer__party",
    "int_segment__contract",
    *asked.INPUTS,
    "int_calendar__fiscal_period",
    "int_calendar__company",
    "int_value__contract",
    "int_scheme__contract",
    "int_scheme__incentive",
    "int_scheme__signoff",
    "int_scheme__answer",
    "int_scheme__complaint",
    *POLICY,
)
"""dbt models and seeds that must stand before."""

READS = ("segment_assignment",)
"""Tables of schema ``analytics`` that must stand before."""

OUTPUTS = tuple(SCHEMAS)
"""Tables of schema ``analytics`` that are written, or kept where nothing changed."""

MARKS = "analytics.scheme_analysis_mark"


@dataclass(frozen=True)
class Analysis:
    """One judgement: what it reads, and what makes its tables, by name without schema."""

    name: str
    outputs: tuple[str, ...]
    reads: tuple[Read, ...]
    make: Callable[[], Mapping[str, pa.Table]]


def run_schemes(tables: Tables, as_of: str) -> dict[str, Any]:
    """Judge the schemes as of the last closed month.

    Args:
        tables: The warehouse.
        as_of: Last day that the data cover, ``YYYY-MM-DD``.

    Returns:
        Rows of the tables that were made anew, names of the analyses that were kept, and seconds.

    Raises:
        UsageError: A policy seed is not usable, or two active schemes serve one purpose.
        RedError: An active scheme lacks a signature that policy asks for.
    """
    started = time.perf_counter()
    closed = last_closed(tables, as_of)
    known = _known_marks(tables)
    marks: dict[str, str] = {}
    summary: dict[str, Any] = {"as_of_month": closed.start.isoformat(), "kept": []}
    digests: dict[Read, str] = {}
    for analysis in _analyses(tables, closed):
        marks[analysis.name] = _mark(tables, closed, analysis.reads, digests)
        there = all(tables.has(f"analytics.{name}") for name in analysis.outputs)
        if there and known.get(analysis.name) == marks[analysis.name]:
            summary["kept"].append(analysis.name)
            continue
        for name, table in analysis.make().items():
            tables.write(f"analytics.{name}", table)
            summary[name] = table.num_rows
    if marks != known:
        columns = {"analysis": list(marks), "input_mark": list(marks.values())}
        tables.write(MARKS, pa.table(columns, SCHEMAS["scheme_analysis_mark"]))
    return summary | {"seconds": round(time.perf_counter() - started, 3)}


def _known_marks(tables: Tables) -> dict[str, str]:
    if not tables.has(MARKS):
        return {}
    rows = tables.read(MARKS)
    return dict(zip(rows["analysis"].to_pylist(), rows["input_mark"].to_pylist(), strict=True))


def _mark(tables: Tables, closed: Closed, reads: Sequence[Read], digests: dict[Read, str]) -> str:
    for one in reads:
        if one not in digests and not tables.has(one.relation):
            # An optional feed that is not there says nothing.
            digests[one] = ""
        elif one not in digests:
            digests[one] = tables.digest(one.relation, one.columns, dict(one.until))
    parts = [digests[one] for one in reads]
    return fingerprint(closed.month, closed.lag_days, closed.initial_load_end, *parts)


def _analyses(tables: Tables, closed: Closed) -> list[Analysis]:
    settings = parse_settings(tables.read("policy.scheme_setting").to_pylist())
    purposes = parse_purposes(tables.read("policy.scheme_purpose").to_pylist())
    signoffs = tables.read("intermediate.int_scheme__signoff").to_pylist()
    check_signed(purposes, signoffs)

    def replays() -> dict[str, pa.Table]:
        history, schemes = closed_history(tables, closed), read_policy(tables)
        orders = fit.recent_orders(tables, closed, settings)
        need, places = fit.requested_wait(orders), fit.shipping_places(tables)
        every = tables.read("intermediate.int_order__header", fit.ORDER_COLUMNS)
        sites = tables.read("intermediate.int_customer__site", ["site_id", "country"])
        return {
            "attribute_selection": worth.attribute_table(history, schemes, closed, every, sites),
            "policy_backtest": worth.backtest_table(history, schemes, closed),
            "granularity_frontier": worth.granularity_table(
                history, schemes, closed, settings, need, places
            ),
        }

    def fits() -> dict[str, pa.Table]:
        found = fit.standing(tables, closed, settings, purposes)
        return {
            "scheme_crosswalk": fit.crosswalk_table(found, closed),
            "purpose_fitness": fit.fitness_table(found, closed, purposes, signoffs),
        }

    def alignment() -> dict[str, pa.Table]:
        schemes = read_policy(tables)
        return {
            "commercial_alignment": commercial.alignment_table(tables, closed, settings, schemes)
        }

    def exposure() -> dict[str, pa.Table]:
        schemes = read_policy(tables)
        table = exposure_tables.exposure_table(tables, closed, settings, schemes)
        return {"visibility_exposure": table}

    def impact() -> dict[str, pa.Table]:
        schemes = read_policy(tables)
        table = perception_tables.impact_table(tables, closed, settings, schemes)
        return {"perception_impact": table}

    def validity() -> dict[str, pa.Table]:
        schemes = read_policy(tables)
        table = expectation_tables.validity_table(tables, closed, settings, schemes)
        return {"expectation_validity": table}

    history_rows = (month_rows(closed), entity_rows(closed))
    orders, sites = order_rows(closed), site_rows()
    return [
        Analysis(
            "replays",
            ("attribute_selection", "policy_backtest", "granularity_frontier"),
            (*history_rows, orders, sites, *said_rows(closed)),
            replays,
        ),
        Analysis(
            "fits",
            ("scheme_crosswalk", "purpose_fitness"),
            (*history_rows, orders, sites, *fit_rows(closed)),
            fits,
        ),
        Analysis("alignment", ("commercial_alignment",), commercial_rows(closed), alignment),
        Analysis("exposure", ("visibility_exposure",), exposure_rows(closed), exposure),
        Analysis("impact", ("perception_impact",), impact_rows(closed), impact),
        Analysis(
            "validity",
            ("expectation_validity",),
            (*history_rows, segment_rows(closed), answer_rows(closed)),
            validity,
        ),
    ]
