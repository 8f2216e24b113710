{%- set controls = [
    ref('int_control__revenue_ledger'),
    ref('int_control__document_total'),
    ref('int_control__segment_total'),
    ref('int_control__order_quantity'),
    ref('int_control__batch_integrity'),
    ref('int_control__row_lineage'),
    ref('int_control__intercompany'),
    ref('int_control__exchange_rate'),
    ref('int_control__entity_count'),
    ref('int_control__quarantine'),
    ref('int_control__broken_reference'),
    ref('int_control__unit'),
    ref('int_control__volume'),
    ref('int_control__freshness')
] -%}
with

results as (

    {% for control in controls -%}
    select
        control_id,
        dimension,
        left_value,
        right_value,
        difference,
        tolerance,
        severity,
        status,
        detail
    from {{ control }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    control_id,
    dimension,
    left_value,
    right_value,
    difference,
    tolerance,
    severity,
    status,
    detail
from results
