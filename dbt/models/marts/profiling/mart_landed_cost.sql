with

receipts as (

    select * from {{ ref('int_profit__landed_cost') }}
    where product_id is not null
        and received_date >= {{ year_start() }}
        and received_date <= {{ as_of() }}

),

-- What is sold from the site now is costed at this.
current_averages as (

    select product_id, site_id, average_unit_cost_group
    from {{ ref('int_profit__landed_average') }}
    where valid_to = cast('9999-12-31' as date)

),

received as (

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
        -- Exact sums, so that no order of rows shows.
        {{ safe_divide(
            'cast(sum(case when landed_unit_cost_group is not null then '
            ~ times(name ~ '_group', 'accepted_base_qty') ~ ' end) as double)',
            'cast(sum(case when landed_unit_cost_group is not null then accepted_base_qty end) as double)'
        ) }} as {{ name }}_group,
        {% endfor -%}
        case when count(landed_unit_cost_group) = 0 then min(null_reason) end as null_reason
    from receipts
    group by product_id, site_id

)

select
    received.product_id,
    received.site_id,
    received.receipts_count,
    received.landed_receipts_count,
    received.last_received_date,
    received.accepted_base_qty,
    received.supplier_price_group,
    received.freight_in_cost_group,
    received.insurance_cost_group,
    received.duty_cost_group,
    received.brokerage_cost_group,
    received.handling_in_cost_group,
    received.landed_unit_cost_group,
    average.average_unit_cost_group,
    received.null_reason
from received
left join current_averages as average
    on received.product_id = average.product_id
    and received.site_id = average.site_id
