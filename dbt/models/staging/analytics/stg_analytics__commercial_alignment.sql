{{ config(materialized='view') }}

select
    as_of_month,
    scheme_id,
    fiscal_quarter,
    quarter_end_date,
    entity_id,
    segment_code,
    contract_class,
    contract_value_group,
    contract_end_date,
    sales_plan_class,
    discount_class,
    sales_rep_id,
    incentive_group,
    incentive_share,
    rep_kendall_tau,
    is_key_account,
    has_c1_above_tier,
    has_c2_below_tier,
    has_c3_against_tier,
    has_c4_expiring,
    has_c5_key_account_low,
    conflict_codes
from {{ source('analytics', 'commercial_alignment') }}
