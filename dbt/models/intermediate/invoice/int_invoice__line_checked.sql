{{ config(materialized=large_table(), unique_key=['invoice_id', 'line_no'], touched='int_touched__invoice') }}

{%- set group_currency = "cast('" ~ var('group_currency') ~ "' as " ~ dbt.type_string() ~ ")" %}

with

lines as (

    select * from {{ ref('stg_erp__invoice_line') }} as line
    {{ only_touched('line.invoice_id', 'int_touched__invoice', 'invoice_id', of=ref('stg_erp__invoice_line')) }}

),

invoices as (

    select
        invoice.*,
        coalesce(company.local_currency, {{ group_currency }}) as local_currency,
        company.calendar_id
    from {{ ref('stg_erp__invoice') }} as invoice
    left join {{ ref('int_calendar__company') }} as company on invoice.company_code = company.company_code
    {{ only_touched('invoice.invoice_id', 'int_touched__invoice', 'invoice_id', of=ref('stg_erp__invoice')) }}

),

-- One row per calendar and day, so that documents find their period by equality.
period_days as (

    select
        period.calendar_id,
        period.fiscal_period_id,
        period.frozen_at,
        day.calendar_date
    from {{ ref('int_calendar__date') }} as day
    inner join {{ ref('int_calendar__fiscal_period') }} as period
        on day.calendar_date >= period.start_date
        and day.calendar_date < period.end_date

),

products as (

    select product_id from {{ ref('stg_erp__product') }}

),

rates as (

    select from_currency, to_currency, rate_date, rate from {{ ref('int_currency__rate') }}

),

kit_parts as (

    select distinct order_id, line_no, parent_line_no from {{ ref('int_order__line') }}
    where line_role = 'COMPONENT'

),

-- Kits whose cost is billed with their parts: that of the kit itself is nothing, and not unknown.
kits_costed_by_part as (

    select distinct lines.invoice_id, lines.order_id, kit_parts.parent_line_no as order_line_no
    from lines
    inner join kit_parts
        on lines.order_id = kit_parts.order_id
        and lines.order_line_no = kit_parts.line_no
    where lines.cogs_std_amount is not null

),

documents as (

    select
        invoice.*,
        coalesce(invoice.fiscal_period_id, period_day.fiscal_period_id) as posting_period_id,
        case
            when stated_period.fiscal_period_id is null then period_day.frozen_at else stated_period.frozen_at
        end as frozen_at,
        case when invoice.currency = invoice.local_currency then cast(1 as decimal(18, 8)) else to_local.rate end as rate_to_local,
        case when invoice.currency = {{ group_currency }} then cast(1 as decimal(18, 8)) else to_group.rate end as rate_to_group,
        case when invoice.local_currency = {{ group_currency }} then cast(1 as decimal(18, 8)) else local_to_group.rate end as rate_local_to_group,
        sold_to.customer_id as known_customer_id,
        {{ entity_on('entity', 'invoice.posting_date') }} as entity_id
    from invoices as invoice
    left join period_days as period_day
        on invoice.calendar_id = period_day.calendar_id
        and invoice.posting_date = period_day.calendar_date
    left join {{ ref('int_calendar__fiscal_period') }} as stated_period
        on invoice.calendar_id = stated_period.calendar_id
        and invoice.fiscal_period_id = stated_period.fiscal_period_id
    left join rates as to_local
        on invoice.currency = to_local.from_currency
        and invoice.local_currency = to_local.to_currency
        and invoice.posting_date = to_local.rate_date
    left join rates as to_group
        on invoice.currency = to_group.from_currency
        and to_group.to_currency = {{ group_currency }}
        and invoice.posting_date = to_group.rate_date
    left join rates as local_to_group
        on invoice.local_currency = local_to_group.from_currency
        and local_to_group.to_currency = {{ group_currency }}
        and invoice.posting_date = local_to_group.rate_date
    left join {{ ref('stg_erp__customer') }} as sold_to on invoice.sold_to_customer_id = sold_to.customer_id
    left join {{ ref('int_customer__segmentation_entity') }} as entity
        on invoice.sold_to_customer_id = entity.customer_id

),

checked as (

    select
        line.invoice_id,
        line.line_no,
        document.invoice_type,
        document.ref_invoice_id,
        coalesce(document.company_code, 'UNKNOWN') as company_code,
        document.posting_date,
        coalesce(document.posting_period_id, 'UNKNOWN') as fiscal_period_id,
        coalesce(greatest(line._known_at, document._known_at) > document.frozen_at, false) as is_late_for_closed_period,
        coalesce(document.is_intercompany, false) as is_intercompany,
        document.sold_to_customer_id as customer_id,
        coalesce(document.bill_to_customer_id, document.sold_to_customer_id) as bill_to_customer_id,
        document.entity_id,
        line.order_id,
        line.order_line_no,
        line.shipment_id,
        line.shipment_line_no,
        line.product_id,
        line.invoiced_qty,
        line.uom,
        unit.factor as unit_factor,
        document.currency,
        document.local_currency,
        document.rate_to_local as fx_rate_to_local,
        document.rate_to_group as fx_rate_to_group,
        document.fx_rate_to_group as stated_fx_rate_to_group,
        document.rate_local_to_group,
        line.gross_amount,
        line.discount_amount,
        coalesce(line.rebate_accrual_amount, cast(0 as decimal(18, 4))) as rebate_amount,
        line.net_amount,
        line.tax_amount,
        case
            when line.cogs_std_amount is null and kit.invoice_id is not null then cast(0 as decimal(18, 4))
            else line.cogs_std_amount
        end as cogs_amount_local,
        line.gl_account,
        line.reason_code,
        greatest(line._known_at, document._known_at) as known_at,
        case when line._revision_count > 1 then line._extracted_at end as revised_at,
        case
            when document.invoice_id is null then 'unknown_invoice'
            when document.known_customer_id is null then 'unknown_customer'
            when line.product_id is not null and product.product_id is null then 'unknown_product'
            when line.product_id is not null and line.invoiced_qty is not null and unit.factor is null
                then 'unit_without_conversion'
            when document.rate_to_local is null
                or document.rate_to_group is null
                or (line.cogs_std_amount is not null and document.rate_local_to_group is null)
                then 'missing_rate'
        end as reject_reason,
        {{ imputed_rules({
            'REBATE_ZERO': 'line.rebate_accrual_amount is null',
            'INVOICE_BILL_TO': 'document.bill_to_customer_id is null',
            'COST_IN_PARTS': 'line.cogs_std_amount is null and kit.invoice_id is not null',
            'COST_NONE': 'line.cogs_std_amount is null and kit.invoice_id is null'
                ~ ' and line.product_id is not null and line.invoiced_qty is not null'
        }) }} as imputed_rules
    from lines as line
    left join documents as document on line.invoice_id = document.invoice_id
    left join products as product on line.product_id = product.product_id
    left join kits_costed_by_part as kit
        on line.invoice_id = kit.invoice_id
        and line.order_id = kit.order_id
        and line.order_line_no = kit.order_line_no
    left join {{ ref('int_product__unit_factor') }} as unit
        on line.product_id = unit.product_id
        and line.uom = unit.uom

),

final as (

    select
        invoice_id,
        line_no,
        invoice_type,
        ref_invoice_id,
        company_code,
        posting_date,
        fiscal_period_id,
        is_late_for_closed_period,
        is_intercompany,
        customer_id,
        bill_to_customer_id,
        entity_id,
        order_id,
        order_line_no,
        shipment_id,
        shipment_line_no,
        product_id,
        uom,
        invoiced_qty,
        {{ money(times('invoiced_qty', 'unit_factor')) }} as invoiced_base_qty,
        currency,
        local_currency,
        fx_rate_to_local,
        fx_rate_to_group,
        stated_fx_rate_to_group,
        gross_amount,
        discount_amount,
        rebate_amount,
        net_amount,
        tax_amount,
        {% for name in ['gross', 'discount', 'rebate', 'net'] -%}
        {{ money(times(name ~ '_amount', 'fx_rate_to_local')) }} as {{ name }}_amount_local,
        {% endfor -%}
        cogs_amount_local,
        {% for name in ['gross', 'discount', 'rebate', 'net'] -%}
        {{ money(times(name ~ '_amount', 'fx_rate_to_group')) }} as {{ name }}_amount_group,
        {% endfor -%}
        {{ money(times('cogs_amount_local', 'rate_local_to_group')) }} as cogs_amount_group,
        gl_account,
        reason_code,
        known_at,
        revised_at,
        reject_reason,
        imputed_rules
    from checked

)

select * from final
