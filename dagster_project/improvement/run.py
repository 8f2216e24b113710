"""Runs the judgements of improvement on the warehouse, up to the last closed month.

The only module of the package that names tables that it writes. A judgement is made again only when
the rows that it reads changed, so a day that closes no month makes none. Add a judgement by adding
it to ``_analyses`` and its tables to ``outputs.py``.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa

from dagster_project.analytics.inputs import fingerprint
from dagster_project.analytics.tables import Tables
from dagster_project.improvement import agreement_table as agreements
from dagster_project.improvement import benchmark_table as benchmarks
from dagster_project.improvement import claim_table as claims
from dagster_project.improvement import competition_table as competition
from dagster_project.improvement import contract_table as contracts
from dagster_project.improvement import corrective_table as corrective
from dagster_project.improvement import experiment_table as experiments
from dagster_project.improvement import feasibility_table as feasibility
from dagster_project.improvement import perception_table as perceptions
from dagster_project.improvement import proposal_table as proposals
from dagster_project.improvement import scorecard_table as scorecards
from dagster_project.improvement import survey_table as surveys
from dagster_project.improvement import theme_table as themes
from dagster_project.improvement import values
from dagster_project.improvement.outputs import SCHEMAS
from dagster_project.improvement.policy import Settings, parse_settings
from dagster_project.improvement.reads import Read
from dagster_project.metrics.registry import Metric, parse_metrics
from dagster_project.schemes.closed import Closed, last_closed

POLICY = (
    *("metric_definition", "improvement_setting", "segment_scheme", "segment"),
    *("service_definition", "marketing_claim", "service_promise", "benchmark"),
    *("kpi_assignment", "premium_service", "survey_theme"),
    *("segment_threshold", "scheme_attribute", "scheme_purpose"),
)

INPUTS = (
    "mart_service_attainment",
    "mart_service_attainment_cut",
    "fct_order_line_service",
    "mart_segment_kpi_monthly",
    "int_customer__month",
    "int_customer__segmentation_entity",
    "int_customer__site",
    "int_order__header",
    "int_product__article",
    "int_scheme__answer",
    "int_improvement__interview",
    "stg_crm__contract",
    "stg_crm__contract_sla_term",
    "stg_crm__competitor_offer",
    "stg_decisions__internal_agreement",
    "stg_decisions__agreement_round",
    "stg_decisions__agreement_signature",
    "stg_decisions__corrective_act",
    "stg_decisions__experiment",
    "stg_erp__working_calendar",
    *POLICY,
)
"""dbt models and seeds that must stand before."""

READS = ("tier_sustainability",)
"""Tables of schema ``analytics`` that must stand before."""

OUTPUTS = tuple(name for name in SCHEMAS if name != "improvement_mark")
"""Tables of schema ``analytics`` that are written, or kept where nothing changed."""

MARKS = "analytics.improvement_mark"


@dataclass(frozen=True)
class Analysis:
    """One judgement: its table, what it reads, and what makes it."""

    output: str
    reads: tuple[Read, ...]
    make: Callable[[], pa.Table]


class Known:
    """What several judgements share, read when the first of them needs it."""

    def __init__(self, tables: Tables, as_of: str) -> None:
        self.tables = tables
        self.closed: Closed = last_closed(tables, as_of)

    @cached_property
    def settings(self) -> Settings:
        return parse_settings(self.tables.read("policy.improvement_setting").to_pylist())

    @cached_property
    def metrics(self) -> dict[str, Metric]:
        return parse_metrics(self.tables.read("policy.metric_definition").to_pylist())

    @cached_property
    def series(self) -> dict[values.Key, values.Series]:
        return values.attained_series(self.tables, self.closed)


def run_improvement(tables: Tables, as_of: str) -> dict[str, Any]:
    """Judge agreements, claims, contracts and the rest as of the last closed month.

    Args:
        tables: The warehouse.
        as_of: Last day that the data cover, ``YYYY-MM-DD``.

    Returns:
        Rows of the tables that were made anew, names of those that were kept, and seconds.

    Raises:
        UsageError: A policy seed is not usable.
    """
    started = time.perf_counter()
    known = Known(tables, as_of)
    before = _known_marks(tables)
    marks: dict[str, str] = {}
    summary: dict[str, Any] = {"as_of_month": known.closed.start.isoformat(), "kept": []}
    digests: dict[Read, str] = {}
    for one in _analyses(known):
        mark = _mark(known, one.reads, digests)
        marks[one.output] = mark
        if before.get(one.output) == mark and tables.has(f"analytics.{one.output}"):
            summary["kept"].append(one.output)
            continue
        table = one.make()
        tables.write(f"analytics.{one.output}", table)
        summary[one.output] = table.num_rows
    if marks != before:
        columns = {"analysis": list(marks), "input_mark": list(marks.values())}
        tables.write(MARKS, pa.table(columns, SCHEMAS["improvement_mark"]))
    return summary | {"seconds": round(time.perf_counter() - started, 3)}


def _known_marks(tables: Tables) -> Mapping[str, str]:
    if not tables.has(MARKS):
        return {}
    rows = tables.read(MARKS)
    return dict(zip(rows["analysis"].to_pylist(), rows["input_mark"].to_pylist(), strict=True))


def _mark(known: Known, reads: tuple[Read, ...], digests: dict[Read, str]) -> str:
    for one in reads:
        if one not in digests:
            digests[one] = one.mark(known.tables)
    return fingerprint(known.closed.month, *(digests[one] for one in reads))


def _analyses(known: Known) -> list[Analysis]:
    tables, closed = known.tables, known.closed
    attainment = Read(values.ATTAINMENT, values.COLUMNS, (("due_month", closed.start),))
    policy = (
        Read("policy.improvement_setting", ("setting_name", "setting_value")),
        Read("policy.metric_definition", ("metric_id", "version", "direction", "unit")),
    )
    return [
        Analysis(
            "internal_agreement",
            (attainment, *policy, *agreements.agreement_reads()),
            lambda: agreements.agreement_table(
                tables, closed, known.settings, known.series, known.metrics
            ),
        ),
        Analysis(
            "claim_gap",
            (attainment, *policy, *claims.claim_reads()),
            lambda: claims.claim_table(tables, closed, known.settings, known.series, known.metrics),
        ),
        Analysis(
            "contract_compliance",
            contracts.contract_reads(closed),
            lambda: contracts.contract_table(tables, closed, known.series),
        ),
        Analysis(
            "competitive_position",
            (attainment, *policy, *competition.competition_reads(closed)),
            lambda: competition.competition_table(tables, closed, known.settings, known.series),
        ),
        Analysis(
            "benchmark_position",
            benchmarks.benchmark_reads(closed),
            lambda: benchmarks.benchmark_table(tables, closed),
        ),
        Analysis(
            "perceived_quality",
            (*policy, *surveys.survey_reads(closed)),
            lambda: surveys.survey_table(tables, closed, known.settings),
        ),
        Analysis(
            "perceived_theme",
            (*policy, *surveys.survey_reads(closed), *themes.theme_reads(closed)),
            lambda: themes.theme_table(tables, closed, known.settings),
        ),
        Analysis(
            "perception_vs_measured",
            (
                *(*policy, *surveys.survey_reads(closed), *themes.note_reads(closed)),
                *perceptions.perception_reads(closed),
            ),
            lambda: perceptions.perception_table(tables, closed, known.settings),
        ),
        Analysis(
            "corrective_action",
            (attainment, *policy, *corrective.corrective_reads()),
            lambda: corrective.corrective_table(tables, closed, known.settings, known.series),
        ),
        Analysis(
            "experiment_result",
            (attainment, *policy, *experiments.experiment_reads(closed)),
            lambda: experiments.experiment_table(
                tables, closed, known.settings, known.series, known.metrics
            ),
        ),
        Analysis(
            "functional_scorecard",
            (attainment, *policy, *scorecards.scorecard_reads(closed)),
            lambda: scorecards.scorecard_table(tables, closed, known.settings, known.series),
        ),
        Analysis(
            "premium_feasibility",
            (*policy, *feasibility.feasibility_reads(closed)),
            lambda: feasibility.feasibility_table(tables, closed, known.settings),
        ),
        Analysis(
            "adjustment_proposal",
            (
                *(attainment, *policy, *proposals.proposal_reads(closed)),
                *competition.competition_reads(closed),
                *surveys.survey_reads(closed),
                *contracts.term_reads(),
            ),
            lambda: proposals.proposal_table(tables, closed, known.settings, known.series),
        ),
    ]
