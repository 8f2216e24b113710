with

invoice_lines as (

    select * from {{ ref('int_invoice__line') }}

),

products as (

    select product_id, product_family from {{ ref('int_product__article') }}

),

freight_accounts as (

    select account from {{ ref('stg_finance__gl_account_map') }} where statement_line = 'FREIGHT_RECOVERED'

),

freight_charges as (

    select * from {{ ref('int_profit__freight_charge') }}

),

companies as (

    select company_code, calendar_id from {{ ref('int_calendar__company') }}

),

periods as (

    select * from {{ ref('int_calendar__fiscal_period') }}

),

-- What a later document corrects was earned when the corrected one was posted.
corrected as (

    select origin.invoice_id, min(origin.posting_date) as posting_date
    from invoice_lines as origin
    inner join (
        select distinct ref_invoice_id from invoice_lines where ref_invoice_id is not null
    ) as correction on origin.invoice_id = correction.ref_invoice_id
    group by origin.invoice_id

),

lines as (

    select
        coalesce(line.entity_id, '-1') as entity_id,
        case when line.product_id is null then '-2' else coalesce(product.product_family, '-1') end as product_family,
        line.fiscal_period_id,
        line.company_code,
        coalesce(corrected.posting_date, line.posting_date) as earned_date,
        freight_account.account is not null as is_freight_recovered,
        line.invoiced_qty is not null and freight_account.account is null as is_goods,
        line.invoiced_qty,
        line.gross_amount_group,
        line.discount_amount_group,
        line.rebate_amount_group,
        line.net_amount_group,
        line.net_amount_group - line.rebate_amount_group as net_revenue_group,
        line.cogs_amount_group
    from invoice_lines as line
    left join products as product on line.product_id = product.product_id
    left join freight_accounts as freight_account on line.gl_account = freight_account.account
    left join corrected on line.ref_invoice_id = corrected.invoice_id

),

sold as (

    select
        entity_id,
        product_family,
        fiscal_period_id,
        coalesce(earned_date >= {{ year_start() }} and earned_date <= {{ as_of() }}, false) as is_last_year,
        count(*) as invoice_lines_count,
        sum(case when is_goods then 1 else 0 end) as goods_lines_count,
        sum(case when is_goods and cogs_amount_group is not null then 1 else 0 end) as costed_lines_count,
        sum(case when invoiced_qty > 0 and net_revenue_group < cogs_amount_group then 1 else 0 end) as below_cost_lines_count,
        sum(case when is_freight_recovered then 0 else gross_amount_group end) as gross_amount_group,
        sum(case when is_freight_recovered then 0 else discount_amount_group end) as discount_amount_group,
        sum(case when is_freight_recovered then net_amount_group else 0 end) as freight_recovered_amount_group,
        sum(net_amount_group) as net_amount_group,
        sum(rebate_amount_group) as rebate_amount_group,
        sum(net_revenue_group) as net_revenue_group,
        sum(case when is_goods and cogs_amount_group is null then 0 else net_revenue_group end) as costed_net_revenue_group,
        sum(coalesce(cogs_amount_group, 0)) as cogs_amount_group
    from lines
    group by 1, 2, 3, 4

),

-- Freight is booked by the calendar of the company that bills the entity, where that is one.
billing_companies as (

    select entity_id, min(company_code) as company_code
    from lines
    group by entity_id
    having min(company_code) = max(company_code)

),

freight_by_day as (

    select
        entity_id,
        product_family,
        invoice_date,
        count(*) as freight_charges_count,
        sum(case when amount_group is null then 1 else 0 end) as freight_unpriced_count,
        sum(coalesce(amount_group, 0)) as freight_amount_group
    from freight_charges
    group by entity_id, product_family, invoice_date

),

freight as (

    select
        freight_by_day.entity_id,
        freight_by_day.product_family,
        coalesce(period.fiscal_period_id, 'UNKNOWN') as fiscal_period_id,
        freight_by_day.invoice_date >= {{ year_start() }} and freight_by_day.invoice_date <= {{ as_of() }} as is_last_year,
        sum(freight_by_day.freight_charges_count) as freight_charges_count,
        sum(freight_by_day.freight_unpriced_count) as freight_unpriced_count,
        sum(freight_by_day.freight_amount_group) as freight_amount_group
    from freight_by_day
    left join billing_companies as billing on freight_by_day.entity_id = billing.entity_id
    left join companies as own on billing.company_code = own.company_code
    left join companies as common on common.company_code = '*'
    left join periods as period
        on coalesce(own.calendar_id, common.calendar_id) = period.calendar_id
        and freight_by_day.invoice_date >= period.start_date
        and freight_by_day.invoice_date < period.end_date
    group by 1, 2, 3, 4

),

cells as (

    select entity_id, product_family, fiscal_period_id, is_last_year from sold
    union all
    select entity_id, product_family, fiscal_period_id, is_last_year from freight

),

final as (

    select
        cell.entity_id,
        cell.product_family,
        cell.fiscal_period_id,
        cell.is_last_year,
        {% for name in ['invoice_lines', 'goods_lines', 'costed_lines', 'below_cost_lines'] -%}
        cast(coalesce(sold.{{ name }}_count, 0) as bigint) as {{ name }}_count,
        {% endfor -%}
        {% for name in [
            'gross_amount', 'discount_amount', 'freight_recovered_amount', 'net_amount', 'rebate_amount',
            'net_revenue', 'costed_net_revenue', 'cogs_amount'
        ] -%}
        cast(coalesce(sold.{{ name }}_group, 0) as decimal(18, 4)) as {{ name }}_group,
        {% endfor -%}
        cast(coalesce(freight.freight_charges_count, 0) as bigint) as freight_charges_count,
        cast(coalesce(freight.freight_unpriced_count, 0) as bigint) as freight_unpriced_count,
        cast(coalesce(freight.freight_amount_group, 0) as decimal(18, 4)) as freight_amount_group
    from (select distinct entity_id, product_family, fiscal_period_id, is_last_year from cells) as cell
    left join sold
        on cell.entity_id = sold.entity_id
        and cell.product_family = sold.product_family
        and cell.fiscal_period_id = sold.fiscal_period_id
        and cell.is_last_year = sold.is_last_year
    left join freight
        on cell.entity_id = freight.entity_id
        and cell.product_family = freight.product_family
        and cell.fiscal_period_id = freight.fiscal_period_id
        and cell.is_last_year = freight.is_last_year

)

select * from final
