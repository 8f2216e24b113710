{%- set demand_types = "('STANDARD', 'RUSH', 'CONSIGNMENT', 'DROPSHIP')" -%}
{{ config(materialized=large_table(), unique_key=['ordered_month'], touched='int_touched__order_month') }}

with

products as (

    select product_id, product_family, base_uom from {{ ref('int_product__article') }}

),

order_lines as (

    select *, {{ month_start('ordered_date') }} as ordered_month from {{ ref('int_order__line') }}

),

promoted_lines as (

    select distinct order_id, line_no, schedule_no, revision
    from {{ ref('stg_erp__sales_order_line') }}
    where promo_id is not null

),

-- Returns, samples, gifts and intercompany orders are no demand, and are never netted with it. Of a
-- kit the kit is demand, not its parts; what is given away with a line has no price and is none.
demand_lines as (

    select
        line.entity_id,
        coalesce(products.product_family, '(no family)') as product_family,
        products.base_uom,
        line.ordered_month,
        line.countable_base_qty as demand_base_qty,
        case when promoted_lines.order_id is null then 0 else line.countable_base_qty end as promo_base_qty,
        case
            when line.countable_base_qty = line.ordered_base_qty then line.net_amount_group
            else {{ money(
                'cast(line.net_amount_group as double) * '
                ~ safe_divide('line.countable_base_qty', 'line.ordered_base_qty')
            ) }}
        end as demand_amount_group
    from order_lines as line
    inner join products on line.product_id = products.product_id
    left join promoted_lines
        on line.order_id = promoted_lines.order_id
        and line.line_no = promoted_lines.line_no
        and line.schedule_no = promoted_lines.schedule_no
        and line.revision = promoted_lines.revision
    where line.order_type in {{ demand_types }}
        and line.line_role = 'ITEM'
        and not line.is_excluded_customer
        and line.countable_base_qty > 0
        and line.ordered_base_qty > 0
        and line.ordered_date <= {{ as_of() }}
        {{ only_touched('line.ordered_month', 'int_touched__order_month', 'ordered_month', 'and') }}
        {%- if is_incremental() %}
        -- Lines stand in the order of their days: what is older need not be read.
        and line.ordered_date >= (select min(touched.ordered_month) from {{ ref('int_touched__order_month') }} as touched)
        {%- endif %}

)

select
    entity_id,
    product_family,
    ordered_month,
    cast(sum(demand_base_qty) as decimal(18, 6)) as demand_base_qty,
    cast(sum(promo_base_qty) as decimal(18, 6)) as promo_base_qty,
    cast(sum(demand_amount_group) as decimal(18, 4)) as demand_amount_group,
    cast(count(*) as bigint) as order_lines_count,
    min(base_uom) as first_base_uom,
    max(base_uom) as last_base_uom
from demand_lines
group by entity_id, product_family, ordered_month
