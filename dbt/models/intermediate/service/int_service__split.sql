{#- Whole millionths become units: a half of one is exact in seven decimals. -#}
{%- set whole, half = "cast(0.000001 as decimal(7, 7))", "cast(0.0000005 as decimal(7, 7))" -%}
{{ config(materialized='view') }}

select
    site_id,
    product_family,
    demand_month,
    series_count,
    {% for name, column in {
        'demand_base_qty': 'demand_micro',
        'planned_base_qty': 'planned_micro',
        'open_planned_base_qty': 'f00_micro',
        'open_actual_demand_base_qty': 'f10_micro',
        'open_actual_supply_base_qty': 'f01_micro',
        'open_actual_base_qty': 'f11_micro',
    }.items() -%}
    cast(cast({{ column }} as decimal(20, 0)) * {{ whole }} as decimal(28, 7)) as {{ name }},
    {% endfor -%}
    {% for name, column in {
        'demand_part_base_qty': 'twice_demand_micro',
        'execution_part_base_qty': 'twice_execution_micro',
        'bias_part_base_qty': 'twice_bias_micro',
        'noise_part_base_qty': 'twice_noise_micro',
    }.items() -%}
    cast(cast({{ column }} as decimal(20, 0)) * {{ half }} as decimal(28, 7)) as {{ name }}{{ ',' if not loop.last }}
    {% endfor %}
from {{ source('analytics', 'demand_execution_split') }}
