{{ config(materialized='view') }}

select
    site_id,
    product_family,
    demand_month,
    series_count,
    demand_micro,
    planned_micro,
    f00_micro,
    f10_micro,
    f01_micro,
    f11_micro,
    twice_demand_micro,
    twice_execution_micro,
    twice_bias_micro,
    twice_noise_micro
from {{ source('analytics', 'demand_execution_split') }}
