with

receipts as (

    select * from {{ ref('int_profit__landed_cost') }}
    where product_id is not null
        and received_date >= {{ year_start() }}
        and received_date <= {{ as_of() }}

),

final as (

    select
        product_id,
        site_id,
        cast(count(*) as bigint) as receipts_count,
        cast(count(landed_unit_cost_group) as bigint) as landed_receipts_count,
        max(received_date) as last_received_date,
        cast(sum(accepted_base_qty) as decimal(18, 6)) as accepted_base_qty,
        {% for name in [
            'supplier_price', 'freight_in_cost', 'insurance_cost', 'duty_cost', 'brokerage_cost', 'handling_in_cost',
            'landed_unit_cost'
        ] -%}
        {{ safe_divide(
            'sum(case when landed_unit_cost_group is not null then cast(' ~ name
            ~ '_group as double) * cast(accepted_base_qty as double) end)',
            'sum(case when landed_unit_cost_group is not null then cast(accepted_base_qty as double) end)'
        ) }} as {{ name }}_group,
        {% endfor -%}
        case when count(landed_unit_cost_group) = 0 then min(null_reason) end as null_reason
    from receipts
    group by product_id, site_id

)

select
    product_id,
    site_id,
    receipts_count,
    landed_receipts_count,
    last_received_date,
    accepted_base_qty,
    supplier_price_group,
    freight_in_cost_group,
    insurance_cost_group,
    duty_cost_group,
    brokerage_cost_group,
    handling_in_cost_group,
    landed_unit_cost_group,
    null_reason
from final
