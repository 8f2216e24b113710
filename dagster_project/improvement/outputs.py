"""The tables that the judgements of improvement write: their columns and types.

Add a table here, to ``_analyses`` of ``run.py`` and to ``_analytics__tables.yml``.
"""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pyarrow as pa

TEXT, WHOLE, NUMBER, FLAG = pa.string(), pa.int64(), pa.float64(), pa.bool_()
DAY, MONEY = pa.date32(), pa.decimal128(18, 4)
DECIMALS = 9
"""Numbers are kept to so many decimals."""

SCHEMAS: Mapping[str, pa.Schema] = {
    "internal_agreement": pa.schema(
        [
            ("agreement_id", TEXT),
            ("agreement_version", WHOLE),
            ("status", TEXT),
            ("supplier_function", TEXT),
            ("customer_function", TEXT),
            ("segment_key", TEXT),
            ("metric_id", TEXT),
            ("basis", TEXT),
            ("target", NUMBER),
            ("commitment", TEXT),
            ("signed_date", DAY),
            ("attained_month", DAY),
            ("value", NUMBER),
            ("outcome", TEXT),
            ("is_counted", FLAG),
            ("excused_by", TEXT),
            ("excused_by_month", DAY),
            ("feasible_p50", NUMBER),
            ("feasible_p90", NUMBER),
        ]
    ),
    "claim_gap": pa.schema(
        [
            ("as_of_month", DAY),
            ("claim_id", TEXT),
            ("claim_text", TEXT),
            ("channel", TEXT),
            ("asset", TEXT),
            ("segment_key", TEXT),
            ("definition_id", TEXT),
            ("definition_hash", TEXT),
            ("metric_id", TEXT),
            ("metric_version", WHOLE),
            ("claimed_target", NUMBER),
            ("promised_target", NUMBER),
            ("is_soft", FLAG),
            ("months_measured", WHOLE),
            ("months_met", WHOLE),
            ("measured_p50", NUMBER),
            ("measured_p10", NUMBER),
            ("verdict", TEXT),
            ("verdict_reason", TEXT),
            ("is_review_due", FLAG),
            ("owner", TEXT),
        ]
    ),
    "contract_compliance": pa.schema(
        [
            ("as_of_month", DAY),
            ("contract_id", TEXT),
            ("term_no", WHOLE),
            ("customer_id", TEXT),
            ("element", TEXT),
            ("basis", TEXT),
            ("measure_window", TEXT),
            ("target", NUMBER),
            ("penalty_type", TEXT),
            ("cap_amount", NUMBER),
            ("currency", TEXT),
            ("contract_end_date", DAY),
            ("renewal_due_days", WHOLE),
            ("period_month", DAY),
            ("segment_key", TEXT),
            ("value", NUMBER),
            ("measured_count", WHOLE),
            ("excluded_count", WHOLE),
            ("headroom", NUMBER),
            ("is_met", FLAG),
            ("breaches_count", WHOLE),
            ("cured_count", WHOLE),
            ("penalty_exposure", NUMBER),
            ("penalty_accrued", NUMBER),
            ("tier_value", NUMBER),
            ("tier_target", NUMBER),
            ("against_tier", TEXT),
            ("null_reason", TEXT),
        ]
    ),
    "competitive_position": pa.schema(
        [
            ("as_of_month", DAY),
            ("element", TEXT),
            ("segment_key", TEXT),
            ("market", TEXT),
            ("promised_value", NUMBER),
            ("measured_value", NUMBER),
            ("market_median", NUMBER),
            ("market_best", NUMBER),
            ("competitors_count", WHOLE),
            ("offers_counted", WHOLE),
            ("offers_grey", WHOLE),
            ("promise_position", TEXT),
            ("measured_position", TEXT),
            ("gap_value", NUMBER),
            ("importance", NUMBER),
            ("is_alert", FLAG),
        ]
    ),
    "benchmark_position": pa.schema(
        [
            ("as_of_month", DAY),
            ("benchmark_id", TEXT),
            ("source", TEXT),
            ("study", TEXT),
            ("published_year", WHOLE),
            ("label", TEXT),
            ("metric_id", TEXT),
            ("own_form", TEXT),
            ("peer_median", NUMBER),
            ("own_value", NUMBER),
            ("own_joint_value", NUMBER),
            ("own_product_value", NUMBER),
            ("lines_count", WHOLE),
            ("year_start_date", DAY),
            ("year_end_date", DAY),
            ("position", TEXT),
            ("peer_percentile", NUMBER),
            ("comparability", NUMBER),
            ("weakness", TEXT),
            ("is_grey", FLAG),
            ("null_reason", TEXT),
        ]
    ),
    "perceived_quality": pa.schema(
        [
            ("segment_key", TEXT),
            ("wave_start_date", DAY),
            ("dimension", TEXT),
            ("answers_count", WHOLE),
            ("entities_count", WHOLE),
            ("items_count", WHOLE),
            ("replaced_answers_count", WHOLE),
            ("tired_entities_count", WHOLE),
            ("response_rate", NUMBER),
            ("respondents_sales_difference", NUMBER),
            ("respondents_orders_difference", NUMBER),
            ("is_nonresponse_biased", FLAG),
            ("value", NUMBER),
            ("lower", NUMBER),
            ("upper", NUMBER),
            ("weighted_value", NUMBER),
            ("cronbach_alpha", NUMBER),
            ("is_reliable", FLAG),
            ("is_hidden", FLAG),
            ("null_reason", TEXT),
        ]
    ),
    "perceived_theme": pa.schema(
        [
            ("segment_key", TEXT),
            ("wave_start_date", DAY),
            ("source", TEXT),
            ("theme", TEXT),
            ("texts_count", WHOLE),
            ("mentions_count", WHOLE),
            ("entities_count", WHOLE),
            ("mention_share", NUMBER),
            ("mean_mood", NUMBER),
            ("is_hidden", FLAG),
            ("null_reason", TEXT),
        ]
    ),
    "perception_vs_measured": pa.schema(
        [
            ("as_of_month", DAY),
            ("survey_type", TEXT),
            ("entity_id", TEXT),
            ("segment_key", TEXT),
            ("answers_count", WHOLE),
            ("lines_count", WHOLE),
            ("perceived_value", NUMBER),
            ("measured_value", NUMBER),
            ("expected_value", NUMBER),
            ("distance", NUMBER),
            ("slope", NUMBER),
            ("rank_correlation", NUMBER),
            ("verdict", TEXT),
            ("last_interview_date", DAY),
            ("is_to_interview", FLAG),
            ("null_reason", TEXT),
        ]
    ),
    "corrective_action": pa.schema(
        [
            ("as_of_month", DAY),
            ("action_id", TEXT),
            ("segment_key", TEXT),
            ("metric_id", TEXT),
            ("opened_month", DAY),
            ("opened_by", TEXT),
            ("level", WHOLE),
            ("status", TEXT),
            ("effective_month", DAY),
            ("ended_month", DAY),
            ("value_at_opening", NUMBER),
            ("target_at_opening", NUMBER),
            ("mean_before", NUMBER),
            ("mean_after", NUMBER),
            ("is_shift", FLAG),
            ("difference_in_differences", NUMBER),
            ("is_regression_to_the_mean", FLAG),
            ("is_overdue", FLAG),
            ("owner", TEXT),
            ("root_cause", TEXT),
            ("due_date", DAY),
            ("expected_effect", NUMBER),
            ("budget_group", MONEY),
            ("evidence", TEXT),
        ]
    ),
    "functional_scorecard": pa.schema(
        [
            ("function_code", TEXT),
            ("segment_key", TEXT),
            ("metric_id", TEXT),
            ("basis", TEXT),
            ("period_month", DAY),
            ("value", NUMBER),
            ("target", NUMBER),
            ("red", NUMBER),
            ("weight", NUMBER),
            ("score", NUMBER),
            ("contribution", NUMBER),
            ("lines_count", WHOLE),
            ("is_grey", FLAG),
            ("change_value", NUMBER),
            ("xmr_signal", TEXT),
            ("counter_metric_id", TEXT),
            ("counter_function", TEXT),
            ("counter_value", NUMBER),
        ]
    ),
    "premium_feasibility": pa.schema(
        [
            ("as_of_month", DAY),
            ("service_id", TEXT),
            ("site_id", TEXT),
            ("iso_weekday", WHOLE),
            ("days_count", WHOLE),
            ("closed_days_count", WHOLE),
            ("orders_per_day", NUMBER),
            ("orders_on_peak_day", NUMBER),
            ("eligible_share", NUMBER),
            ("in_time_share", NUMBER),
            ("reach_share", NUMBER),
            ("feasible_share", NUMBER),
            ("attainment", NUMBER),
            ("attainment_last_hour", NUMBER),
            ("attainment_on_peak", NUMBER),
            ("attainment_at_half_capacity", NUMBER),
            ("expected_attainment", NUMBER),
            ("capacity_left_per_hour", NUMBER),
            ("displaced_orders_per_day", NUMBER),
            ("displaced_lower_tiers_per_day", NUMBER),
            ("displaced_by_segment", TEXT),
            ("cost_per_order_group", NUMBER),
            ("break_even_fee_group", NUMBER),
            ("target", NUMBER),
            ("is_feasible", FLAG),
            ("null_reason", TEXT),
        ]
    ),
    "adjustment_proposal": pa.schema(
        [
            ("as_of_month", DAY),
            ("proposal_id", TEXT),
            ("proposal_type", TEXT),
            ("scheme_id", TEXT),
            ("from_version", TEXT),
            ("to_version", TEXT),
            ("request_id", TEXT),
            ("segment_key", TEXT),
            ("element", TEXT),
            ("direction", TEXT),
            ("target", NUMBER),
            ("new_target", NUMBER),
            ("capability_p10", NUMBER),
            ("capability_p50", NUMBER),
            ("expected_value", NUMBER),
            ("attainment_gap", NUMBER),
            ("expectation_gap", NUMBER),
            ("competitor_gap", NUMBER),
            ("shift_index", NUMBER),
            ("cluster_stability", NUMBER),
            ("sustainability", TEXT),
            ("lever", TEXT),
            ("is_blocked_by_contract", FLAG),
            ("entities_count", WHOLE),
            ("months_met_before", WHOLE),
            ("months_met_after", WHOLE),
            ("entities_moved_count", WHOLE),
            ("revenue_moved_group", NUMBER),
            ("saving_per_quarter_group", NUMBER),
            ("reason", TEXT),
            ("priority_no", WHOLE),
        ]
    ),
    "experiment_result": pa.schema(
        [
            ("as_of_month", DAY),
            ("experiment_id", TEXT),
            ("request_id", TEXT),
            ("segment_key", TEXT),
            ("region", TEXT),
            ("metric_id", TEXT),
            ("basis", TEXT),
            ("start_month", DAY),
            ("end_month", DAY),
            ("status", TEXT),
            ("owner", TEXT),
            ("months_before", WHOLE),
            ("months_after", WHOLE),
            ("pilot_before", NUMBER),
            ("pilot_after", NUMBER),
            ("control_before", NUMBER),
            ("control_after", NUMBER),
            ("effect", NUMBER),
            ("lower", NUMBER),
            ("upper", NUMBER),
            ("expected_effect", NUMBER),
            ("verdict", TEXT),
            ("null_reason", TEXT),
        ]
    ),
    "improvement_mark": pa.schema([("analysis", TEXT), ("input_mark", TEXT)]),
}


def table_of(name: str, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Return rows as a table of ``SCHEMAS``; a column that is left out is null.

    Raises:
        KeyError: A row has a column that the table has not.
    """
    schema = SCHEMAS[name]
    table = list(rows)
    for row in table:
        if unknown := set(row) - set(schema.names):
            raise KeyError(f"table {name} has no {', '.join(sorted(unknown))}")
    arrays = [
        pa.array([_value(row.get(field.name), field.type) for row in table], field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _value(value: Any, data_type: pa.DataType) -> Any:
    if value is None:
        return None
    if data_type == MONEY:
        return Decimal(str(value)).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    if data_type == NUMBER:
        # A negative zero and a last digit of noise say nothing.
        return round(float(value), DECIMALS) + 0.0 if value == value else None
    if data_type == WHOLE:
        return int(value)
    return bool(value) if data_type == FLAG else value
