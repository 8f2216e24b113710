"""The tables that the analyses of schemes write: their columns and types.

Add a table here, to ``OUTPUTS`` of ``run.py`` and to ``_analytics__tables.yml``.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa

TEXT, WHOLE, NUMBER, FLAG = pa.string(), pa.int64(), pa.float64(), pa.bool_()
DAY, MONEY = pa.date32(), pa.decimal128(18, 4)

DECIMALS = 9
"""Numbers are kept to so many decimals."""

SCHEMAS: Mapping[str, pa.Schema] = {
    "attribute_selection": pa.schema(
        [
            ("as_of_month", DAY),
            ("judged_month", DAY),
            ("scheme_id", TEXT),
            ("attribute_id", TEXT),
            ("entities_count", WHOLE),
            ("weight", NUMBER),
            ("coverage", NUMBER),
            ("stability", NUMBER),
            ("shift_index", NUMBER),
            ("shift_limit", NUMBER),
            ("is_shifted", FLAG),
            ("information_gain_bits", NUMBER),
            ("variance_inflation", NUMBER),
            ("tier_change_share", NUMBER),
            ("is_chosen", FLAG),
            ("reason", TEXT),
        ]
    ),
    "scheme_crosswalk": pa.schema(
        [
            ("as_of_month", DAY),
            ("scheme_a", TEXT),
            ("segment_a", TEXT),
            ("scheme_b", TEXT),
            ("segment_b", TEXT),
            ("entities_count", WHOLE),
            ("net_revenue_group", MONEY),
            ("cramers_v", NUMBER),
            ("adjusted_rand", NUMBER),
        ]
    ),
    "purpose_fitness": pa.schema(
        [
            ("as_of_month", DAY),
            ("purpose", TEXT),
            ("outcome", TEXT),
            ("scheme_id", TEXT),
            ("is_made_for_it", FLAG),
            ("owner", TEXT),
            ("consumer", TEXT),
            ("finding", TEXT),
            ("signoff", TEXT),
            ("eta_squared", NUMBER),
            ("eta_squared_adjusted", NUMBER),
            ("entities_count", WHOLE),
            ("segments_count", WHOLE),
            ("is_fittest", FLAG),
            ("null_reason", TEXT),
        ]
    ),
    "policy_backtest": pa.schema(
        [
            ("as_of_month", DAY),
            ("scheme_id", TEXT),
            ("cadence", TEXT),
            ("has_hysteresis", FLAG),
            ("evaluation_month", DAY),
            ("entities_count", WHOLE),
            ("changes_count", WHOLE),
            ("flip_flops_count", WHOLE),
            ("orders_count", WHOLE),
            ("misassignment_tiers", NUMBER),
            ("misassigned_revenue_group", MONEY),
            ("is_censored", FLAG),
            ("policy_churn_per_year", NUMBER),
            ("policy_misassignment_tiers", NUMBER),
            ("policy_flip_flop_share", NUMBER),
            ("policy_changes_per_100_orders", NUMBER),
            ("is_efficient", FLAG),
        ]
    ),
    "granularity_frontier": pa.schema(
        [
            ("as_of_month", DAY),
            ("scheme_id", TEXT),
            ("method", TEXT),
            ("segments_count", WHOLE),
            ("entities_count", WHOLE),
            ("explained", NUMBER),
            ("service_need_explained", NUMBER),
            ("silhouette", NUMBER),
            ("bayesian_criterion", NUMBER),
            ("smallest_jaccard", NUMBER),
            ("is_stable", FLAG),
            ("smallest_share", NUMBER),
            ("is_large_enough", FLAG),
            ("policy_cells_count", WHOLE),
            ("complexity_cost_group", MONEY),
            ("is_knee", FLAG),
            ("is_within_guard_rails", FLAG),
        ]
    ),
    "commercial_alignment": pa.schema(
        [
            ("as_of_month", DAY),
            ("scheme_id", TEXT),
            ("fiscal_quarter", TEXT),
            ("quarter_end_date", DAY),
            ("entity_id", TEXT),
            ("segment_code", TEXT),
            ("contract_class", TEXT),
            ("contract_value_group", MONEY),
            ("contract_end_date", DAY),
            ("sales_plan_class", TEXT),
            ("discount_class", TEXT),
            ("sales_rep_id", TEXT),
            ("incentive_group", MONEY),
            ("incentive_share", NUMBER),
            ("rep_kendall_tau", NUMBER),
            ("is_key_account", FLAG),
            ("has_c1_above_tier", FLAG),
            ("has_c2_below_tier", FLAG),
            ("has_c3_against_tier", FLAG),
            ("has_c4_expiring", FLAG),
            ("has_c5_key_account_low", FLAG),
            ("conflict_codes", TEXT),
        ]
    ),
    "visibility_exposure": pa.schema(
        [
            ("as_of_month", DAY),
            ("scheme_id", TEXT),
            ("exposure_rank", WHOLE),
            ("entity_a", TEXT),
            ("segment_a", TEXT),
            ("entity_b", TEXT),
            ("segment_b", TEXT),
            ("tier_gap", WHOLE),
            ("contact_kinds", TEXT),
            ("contact_weight", NUMBER),
            ("exposure_index", NUMBER),
            ("is_label_visible", FLAG),
        ]
    ),
    "perception_impact": pa.schema(
        [
            ("as_of_month", DAY),
            ("scheme_id", TEXT),
            ("direction", TEXT),
            ("outcome", TEXT),
            ("relative_months", WHOLE),
            ("treated_change", NUMBER),
            ("control_change", NUMBER),
            ("events_count", WHOLE),
            ("judged_events_count", WHOLE),
            ("estimate", NUMBER),
            ("interval_low", NUMBER),
            ("interval_high", NUMBER),
            ("is_descriptive_only", FLAG),
            ("null_reason", TEXT),
        ]
    ),
    "expectation_validity": pa.schema(
        [
            ("as_of_month", DAY),
            ("scheme_id", TEXT),
            ("item_id", TEXT),
            ("segment_code", TEXT),
            ("need_class", WHOLE),
            ("entities_count", WHOLE),
            ("mean_expectation", NUMBER),
            ("kruskal_h", NUMBER),
            ("kruskal_p", NUMBER),
            ("epsilon_squared", NUMBER),
            ("weighted_kappa", NUMBER),
            ("over_served_share", NUMBER),
            ("under_served_share", NUMBER),
            ("over_served_revenue_share", NUMBER),
            ("under_served_revenue_share", NUMBER),
        ]
    ),
    "scheme_analysis_mark": pa.schema([("analysis", TEXT), ("input_mark", TEXT)]),
}


def table_of(name: str, rows: Iterable[Mapping[str, Any]], **same: Any) -> pa.Table:
    """Return rows as a table of ``SCHEMAS``.

    Args:
        name: Name of the table.
        rows: One mapping per row; a column that is left out is null.
        same: Columns that have one value in all rows.
    """
    schema = SCHEMAS[name]
    table = [{**same, **row} for row in rows]
    arrays = [
        pa.array([_value(row.get(field.name), field.type) for row in table], field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _value(value: Any, data_type: pa.DataType) -> Any:
    if value is None:
        return None
    if data_type == MONEY:
        return Decimal(value).quantize(Decimal("0.0001"))
    if data_type == NUMBER:
        # A negative zero and a last digit of noise say nothing.
        return round(float(value), DECIMALS) + 0.0 if value == value else None
    return value
