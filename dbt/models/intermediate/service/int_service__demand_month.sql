{{ config(materialized=large_table(), unique_key=['ordered_month'], touched='int_touched__order_month') }}

with

order_lines as (

    select *, {{ month_start('ordered_date') }} as ordered_month from {{ ref('int_order__line') }}

),

-- Demand is what was ordered and not cancelled in time, whether or not it was shipped.
demanded as (

    select
        product_id,
        ship_from_site_id as site_id,
        ordered_month,
        countable_base_qty
    from order_lines
    where order_type in ('STANDARD', 'RUSH', 'CONSIGNMENT', 'INTERCO')
        and not is_kit
        and ship_from_site_id is not null
        and countable_base_qty > 0
        and ordered_date <= {{ as_of() }}
        {{ only_touched('ordered_month', 'int_touched__order_month', 'ordered_month', 'and') }}

)

select
    product_id,
    site_id,
    ordered_month,
    cast(sum(countable_base_qty) as decimal(18, 6)) as demand_base_qty
from demanded
group by product_id, site_id, ordered_month
