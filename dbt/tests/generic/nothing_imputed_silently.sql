{#-
    Every null in a required metric has a row in the imputation log. The nulls are looked for where
    they come in, in staging, and not where they were filled: a model that fills in silently is
    found out. Rows that are refused are left out, nothing is made of them. A company whose feed
    never delivers the column has one row for all of them. Each row is a null that the log does not
    know. An update looks at the lines of the documents that it touched.
-#}
{% test nothing_imputed_silently(model) %}
{%- set orders, invoices = ref('int_touched__order'), ref('int_touched__invoice') -%}
{%- set is_order_touched, is_invoice_touched = 'true', 'true' -%}
{%- if is_update() -%}
    {%- set is_order_touched = 'line.order_id in (select touched.order_id from ' ~ orders ~ ' as touched)' -%}
    {%- set is_invoice_touched = 'line.invoice_id in (select touched.invoice_id from ' ~ invoices ~ ' as touched)' -%}
{%- endif -%}
{%- set line_fields = [
    ('order_line.list_price', 'list_price', "line.list_price is null and line.line_role <> 'COMPONENT'"),
    ('order_line.first_confirmed_at', 'first_confirmed_at',
        'line.first_confirmed_at is null and line.due_first_at is not null and not line.is_first_rebased'),
    ('order_line.first_confirmed_qty', 'first_confirmed_qty',
        'line.first_confirmed_qty is null and line.confirmed_qty is not null'),
    ('order_line.confirmed_at', 'confirmed_at', 'line.confirmed_at is null and line.first_confirmed_at is not null'),
    ('order_line.cancelled_by', 'cancelled_by', 'line.cancelled_by is null and line.cancelled_base_qty > 0'),
    ('order_line.ship_from_time_zone', 'ship_from_site_id',
        'line.promised_ship_at is not null and line.known_ship_from_site_id is null')
] -%}
{%- set order_holders = [
    ('order.bill_to_customer', 'bill_to_customer_id', 'sold_to_customer_id'),
    ('order.payer_customer', 'payer_customer_id', 'coalesce(bill_to_customer_id, sold_to_customer_id)')
] -%}
{%- set shipment_fields = [
    ('shipment_line.ship_from_time_zone', 'from_site_id', 'line.is_from_missing'),
    ('shipment_line.ship_to_time_zone', 'to_site_id', 'line.is_to_missing and order_site.site_id is null')
] -%}
with

sites as (

    select site_id, latitude, longitude from {{ ref('stg_erp__site') }}

),

-- Few lines lack something; only those are looked up.
candidates as (

    select line.*, ship_from.site_id as known_ship_from_site_id
    from {{ ref('stg_erp__sales_order_line') }} as line
    left join sites as ship_from on line.ship_from_site_id = ship_from.site_id
    where {{ is_order_touched }}
        and (
            line.list_price is null
            or line.first_confirmed_at is null
            or line.first_confirmed_qty is null
            or line.confirmed_at is null
            or (line.promised_ship_at is not null and ship_from.site_id is null)
            or (
                line.cancelled_by is null
                and (
                    line.cancelled_qty > 0
                    or line.order_id in (
                        select header.order_id from {{ ref('int_order__header') }} as header
                        where header.cancelled_at is not null
                    )
                )
            )
        )

),

gaps_in_lines as (

    select
        line.*,
        header.sales_org,
        checked.line_role,
        checked.due_first_at,
        checked.is_first_rebased,
        checked.cancelled_base_qty
    from candidates as line
    inner join {{ ref('int_order__line') }} as checked
        on line.order_id = checked.order_id
        and line.line_no = checked.line_no
        and line.schedule_no = checked.schedule_no
        and line.revision = checked.revision
    inner join {{ ref('int_order__header') }} as header on line.order_id = header.order_id

),

gaps_in_shipments as (

    select
        line.shipment_id,
        line.line_no,
        line.order_id,
        line.departed_at is not null and from_site.site_id is null as is_from_missing,
        line.delivered_at is not null and to_site.site_id is null as is_to_missing
    from {{ ref('int_shipment__line') }} as line
    left join sites as from_site on line.from_site_id = from_site.site_id
    left join sites as to_site on line.to_site_id = to_site.site_id
    where {{ is_order_touched }}
        and (from_site.site_id is null or to_site.site_id is null)

),

invoice_candidates as (

    select line.* from {{ ref('stg_erp__invoice_line') }} as line
    where {{ is_invoice_touched }}
        and (
            line.rebate_accrual_amount is null
            or (line.cogs_std_amount is null and line.product_id is not null)
            or line.invoice_id in (
                select invoice.invoice_id from {{ ref('stg_erp__invoice') }} as invoice
                where invoice.bill_to_customer_id is null
            )
        )

),

gaps_in_invoices as (

    select line.*, checked.company_code, checked.customer_id, invoice.bill_to_customer_id
    from invoice_candidates as line
    inner join {{ ref('int_invoice__line_checked') }} as checked
        on line.invoice_id = checked.invoice_id
        and line.line_no = checked.line_no
    inner join {{ ref('stg_erp__invoice') }} as invoice on line.invoice_id = invoice.invoice_id
    where checked.reject_reason is null

),

missing as (

    select 'site.coordinates' as metric, site_id as entity_id, cast(null as string) as feed_id
    from sites
    where latitude is null or longitude is null

    union all

    select
        'order.ship_to_time_zone',
        orders.order_id,
        'erp.sales_order.ship_to_site_id' || case when orders.sales_org is null then '' else ' of ' || orders.sales_org end
    from {{ ref('int_order__header') }} as orders
    left join sites on orders.ship_to_site_id = sites.site_id
    where sites.site_id is null
        and orders.reject_reason is null

    union all

    -- Most orders leave this to the contract; only customers whom the log does not know are looked up.
    {% for metric, column, holder in order_holders -%}
    select distinct '{{ metric }}', newest.holder_id, cast(null as string)
    from (
        select order_id, revision, {{ holder }} as holder_id from {{ ref('stg_erp__sales_order') }}
        where {{ column }} is null
            and {{ holder }} not in (select known.entity_id from {{ model }} as known where known.metric = '{{ metric }}')
    ) as newest
    inner join {{ ref('int_order__header') }} as header
        on newest.order_id = header.order_id
        and newest.revision = header.revision
    where header.reject_reason is null

    union all

    {% endfor -%}
    {% for metric, column, condition in line_fields -%}
    select
        '{{ metric }}',
        line.order_id || ' ' || cast(line.line_no as string) || ' ' || cast(line.schedule_no as string),
        'erp.sales_order_line.{{ column }}' || case when line.sales_org is null then '' else ' of ' || line.sales_org end
    from gaps_in_lines as line
    where {{ condition }}

    union all

    {% endfor -%}
    {%- for metric, column, condition in shipment_fields -%}
    select
        '{{ metric }}',
        line.shipment_id || ' ' || cast(line.line_no as string),
        'wms.shipment.{{ column }}'
    from gaps_in_shipments as line
    left join {{ ref('int_order__header') }} as header on line.order_id = header.order_id
    left join sites as order_site on header.ship_to_site_id = order_site.site_id
    where {{ condition }}

    union all

    {% endfor -%}
    select
        'order_line.cancelled_at',
        event.order_id || ' ' || cast(event.line_no as string) || ' ' || cast(event.schedule_no as string)
        || ' ' || cast(event.event_no as string),
        'erp.sales_order_line.cancelled_at'
    from {{ ref('int_order__line_event') }} as event
    inner join {{ ref('stg_erp__sales_order_line') }} as line
        on event.order_id = line.order_id
        and event.line_no = line.line_no
        and event.schedule_no = line.schedule_no
        and event.revision = line.revision
    where event.event_type = 'CANCELLED'
        and line.cancelled_qty > 0
        and line.cancelled_at is null

    union all

    select
        'invoice_line.rebate_accrual',
        invoice_id || ' ' || cast(line_no as string),
        'erp.invoice_line.rebate_accrual_amount of ' || company_code
    from gaps_in_invoices
    where rebate_accrual_amount is null

    union all

    select
        'invoice_line.cogs',
        invoice_id || ' ' || cast(line_no as string),
        'erp.invoice_line.cogs_std_amount of ' || company_code
    from gaps_in_invoices
    where cogs_std_amount is null
        and product_id is not null
        and invoiced_qty is not null

    union all

    select distinct 'invoice.bill_to_customer', customer_id, cast(null as string)
    from gaps_in_invoices
    where bill_to_customer_id is null

    union all

    select 'exchange_rate.rate', rate.from_currency || '/' || rate.to_currency || ' ' || cast(rate.rate_date as string), cast(null as string)
    from {{ ref('int_currency__rate') }} as rate
    left join {{ ref('stg_erp__fx_rate') }} as quote
        on rate.rate_date = quote.rate_date
        and (
            (rate.from_currency = quote.from_currency and rate.to_currency = quote.to_currency)
            or (rate.from_currency = quote.to_currency and rate.to_currency = quote.from_currency)
        )
    where rate.method <> 'TRIANGULATED'
        and quote.rate_date is null

    union all

    select 'company.local_currency', company.company_code, cast(null as string)
    from {{ ref('int_calendar__company') }} as company
    left join {{ ref('company') }} as policy on company.company_code = policy.company_code
    where policy.local_currency is null

    union all

    select 'calendar.is_working_day', cast(day.calendar_date as string), 'erp.working_calendar.is_working'
    from {{ ref('int_calendar__date') }} as day
    left join {{ ref('int_calendar__working_day') }} as working on day.calendar_date = working.calendar_date
    where working.calendar_date is null

    union all

    select 'segment_score.attribute', part.scheme_id || ' ' || part.entity_id || ' ' || part.attribute_id, cast(null as string)
    from {{ source('analytics', 'segment_score') }} as part
    inner join (
        select scheme_id, max(evaluation_month) as evaluation_month
        from {{ source('analytics', 'segment_score') }}
        group by scheme_id
    ) as newest
        on part.scheme_id = newest.scheme_id
        and part.evaluation_month = newest.evaluation_month
    where part.value is null

    union all

    select field.metric, entity.entity_id, cast(null as string)
    from {{ ref('int_segment__entity') }} as entity
    left join (
        select entity_id, sum(orders_count) as orders_count
        from {{ ref('int_customer__month') }}
        group by entity_id
    ) as ordered on entity.entity_id = ordered.entity_id
    cross join (
        select max(onboarding_min_orders) as min_orders from {{ ref('segment_scheme') }} where status = 'ACTIVE'
    ) as policy
    cross join (
        select 'customer.order_rate' as metric
        union all
        select 'customer.order_size'
        union all
        select 'customer.default_segment'
    ) as field
    where not entity.is_excluded
        and coalesce(ordered.orders_count, 0) < policy.min_orders

)

select missing.metric, missing.entity_id
from missing
left join {{ model }} as logged
    on missing.metric = logged.metric
    and missing.entity_id = logged.entity_id
left join {{ model }} as feed_logged
    on missing.metric = feed_logged.metric
    and missing.feed_id = feed_logged.entity_id
where logged.metric is null
    and feed_logged.metric is null
{% endtest %}
