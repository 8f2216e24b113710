{{ config(
    materialized=large_table(),
    unique_key=['fiscal_period_id', 'entity_id', 'product_family', 'is_last_year'],
    touched='int_touched__entity_period',
    touched_by=['fiscal_period_id', 'entity_id']
) }}

with

products as (

    select product_id, product_family from {{ ref('int_product__article') }}

),

freight_accounts as (

    select account from {{ ref('stg_finance__gl_account_map') }} where statement_line = 'FREIGHT_RECOVERED'

),

averages as (

    select product_id, site_id, valid_from, valid_to, average_unit_cost_group from {{ ref('int_profit__landed_average') }}

),

serving_costs as (

    select * from {{ ref('int_profit__serving_cost') }}
    {{ only_touched_profit('where') }}

),

corrections as (

    select distinct ref_invoice_id
    from {{ ref('int_invoice__line') }}
    where ref_invoice_id is not null
        {{ only_touched_profit('and') }}

),

-- What a later document corrects was earned when the corrected one was posted.
corrected as (

    select origin.invoice_id, min(origin.posting_date) as posting_date
    from {{ ref('int_invoice__line') }} as origin
    inner join corrections on origin.invoice_id = corrections.ref_invoice_id
    group by origin.invoice_id

),

-- Goods go out, and come back, at what they had cost at the door when the sale was posted. A booked
-- cost of nothing stays nothing: the goods of a kit are with its parts.
landed_goods as (

    select
        line.invoice_id,
        line.line_no,
        line.order_id,
        line.order_line_no,
        line.shipment_id,
        line.product_id,
        coalesce(corrected.posting_date, line.posting_date) as earned_date,
        case when line.cogs_amount_group < 0 then -1 else 1 end * abs(line.invoiced_base_qty) as costed_base_qty
    from {{ ref('int_invoice__line') }} as line
    left join corrected on line.ref_invoice_id = corrected.invoice_id
    where line.product_id in (select averages.product_id from averages)
        and (line.cogs_amount_group <> 0 or (line.cogs_amount_group is null and line.invoiced_base_qty > 0))
        {{ only_touched_profit('and', 'line.') }}

),

shipped_from as (

    select
        goods.invoice_id,
        goods.line_no,
        case when min(shipped.from_site_id) = max(shipped.from_site_id) then min(shipped.from_site_id) else '-2' end
            as site_id
    from landed_goods as goods
    inner join {{ ref('int_shipment__line') }} as shipped
        on goods.order_id = shipped.order_id
        and goods.order_line_no = shipped.order_line_no
        and coalesce(goods.shipment_id, shipped.shipment_id) = shipped.shipment_id
    where shipped.from_site_id is not null
    group by goods.invoice_id, goods.line_no

),

-- Where nobody says which site goods are from, the only one that received them is meant.
landed_costs as (

    select
        goods.invoice_id,
        goods.line_no,
        {{ money(times('averages.average_unit_cost_group', 'goods.costed_base_qty')) }} as landed_cost_group
    from landed_goods as goods
    inner join shipped_from
        on goods.invoice_id = shipped_from.invoice_id
        and goods.line_no = shipped_from.line_no
    inner join averages
        on goods.product_id = averages.product_id
        and shipped_from.site_id = averages.site_id
        and goods.earned_date >= averages.valid_from
        and goods.earned_date < averages.valid_to

    union all

    select
        goods.invoice_id,
        goods.line_no,
        {{ money(times('max(averages.average_unit_cost_group)', 'goods.costed_base_qty')) }}
    from landed_goods as goods
    inner join averages
        on goods.product_id = averages.product_id
        and goods.earned_date >= averages.valid_from
        and goods.earned_date < averages.valid_to
    left join shipped_from
        on goods.invoice_id = shipped_from.invoice_id
        and goods.line_no = shipped_from.line_no
    where shipped_from.invoice_id is null
    group by goods.invoice_id, goods.line_no, goods.costed_base_qty
    having count(*) = 1

),

lines as (

    select
        coalesce(line.entity_id, '-1') as entity_id,
        case when line.product_id is null then '-2' else coalesce(product.product_family, '-1') end as product_family,
        line.fiscal_period_id,
        coalesce(corrected.posting_date, line.posting_date) as earned_date,
        freight_account.account is not null as is_freight_recovered,
        line.invoiced_qty is not null and freight_account.account is null as is_goods,
        line.invoiced_qty,
        line.gross_amount_group,
        line.discount_amount_group,
        line.rebate_amount_group,
        line.net_amount_group,
        line.net_amount_group - line.rebate_amount_group as net_revenue_group,
        line.cogs_amount_group,
        landed.landed_cost_group,
        coalesce(landed.landed_cost_group, line.cogs_amount_group) as goods_cost_group
    from {{ ref('int_invoice__line') }} as line
    left join products as product on line.product_id = product.product_id
    left join freight_accounts as freight_account on line.gl_account = freight_account.account
    left join corrected on line.ref_invoice_id = corrected.invoice_id
    left join landed_costs as landed on line.invoice_id = landed.invoice_id and line.line_no = landed.line_no
    {{ only_touched_profit('where', 'line.') }}

),

sold as (

    select
        entity_id,
        product_family,
        fiscal_period_id,
        coalesce(earned_date >= {{ year_start() }} and earned_date <= {{ as_of() }}, false) as is_last_year,
        count(*) as invoice_lines_count,
        sum(case when is_goods then 1 else 0 end) as goods_lines_count,
        sum(case when is_goods and goods_cost_group is not null then 1 else 0 end) as costed_lines_count,
        sum(case when is_goods and cogs_amount_group is not null then 1 else 0 end) as booked_lines_count,
        sum(case when landed_cost_group is not null then 1 else 0 end) as landed_lines_count,
        sum(case when invoiced_qty > 0 and net_revenue_group < goods_cost_group then 1 else 0 end) as below_cost_lines_count,
        sum(case when is_freight_recovered then 0 else gross_amount_group end) as gross_amount_group,
        sum(case when is_freight_recovered then 0 else discount_amount_group end) as discount_amount_group,
        sum(case when is_freight_recovered then net_amount_group else 0 end) as freight_recovered_amount_group,
        sum(net_amount_group) as net_amount_group,
        sum(rebate_amount_group) as rebate_amount_group,
        sum(net_revenue_group) as net_revenue_group,
        sum(case when is_goods and goods_cost_group is null then 0 else net_revenue_group end) as costed_net_revenue_group,
        sum(coalesce(cogs_amount_group, 0)) as cogs_amount_group,
        sum(coalesce(goods_cost_group, 0)) as landed_cogs_amount_group,
        sum(coalesce(landed_cost_group, 0)) as landed_part_cost_group
    from lines
    group by 1, 2, 3, 4

),

cells as (

    select entity_id, product_family, fiscal_period_id, is_last_year from sold
    union
    select entity_id, product_family, fiscal_period_id, is_last_year from serving_costs

),

final as (

    select
        cell.entity_id,
        cell.product_family,
        cell.fiscal_period_id,
        cell.is_last_year,
        {% for name in sold_counts() -%}
        cast(coalesce(sold.{{ name }}_count, 0) as bigint) as {{ name }}_count,
        {% endfor -%}
        {% for name in sold_amounts() -%}
        cast(coalesce(sold.{{ name }}_group, 0) as decimal(18, 4)) as {{ name }}_group,
        {% endfor -%}
        {% for name in serving_counts() -%}
        coalesce(serving.{{ name }}_count, 0) as {{ name }}_count,
        {% endfor -%}
        {% for name in serving_costs() -%}
        cast(coalesce(serving.{{ name }}_group, 0) as decimal(18, 4)) as {{ name }}_group{{ ',' if not loop.last }}
        {% endfor %}
    from cells as cell
    left join sold
        on cell.entity_id = sold.entity_id
        and cell.product_family = sold.product_family
        and cell.fiscal_period_id = sold.fiscal_period_id
        and cell.is_last_year = sold.is_last_year
    left join serving_costs as serving
        on cell.entity_id = serving.entity_id
        and cell.product_family = serving.product_family
        and cell.fiscal_period_id = serving.fiscal_period_id
        and cell.is_last_year = serving.is_last_year

)

select * from final
