{%- set staged_orders = ref('stg_erp__sales_order') -%}
{%- set staged_lines = ref('stg_erp__sales_order_line') -%}
{%- set staged_shipment_lines = ref('stg_wms__shipment_line') -%}
{%- set staged_shipments = ref('stg_wms__shipment') -%}
{%- set staged_events = ref('stg_tms__tracking_event') -%}
{%- set sites = ref('stg_erp__site') -%}
{%- set customers = ref('int_touched__customer') -%}
{%- set rate_days = ref('int_touched__rate_day') -%}
{%- set tolerances = ref('service_tolerance') -%}
{%- set terms = ref('int_order__service_term') -%}
{%- set touched_shipments = ref('int_touched__shipment') -%}
{%- set event_feed = source('tms', 'tracking_event') -%}
{%- set order_feeds = [source('erp', 'sales_order'), source('erp', 'sales_order_line')] -%}
{%- set books = group_time_zone() -%}
{%- set last_build = source('state', 'build_state') -%}
{%- set master_feeds = [
    ref('stg_erp__product'), ref('stg_erp__uom_conversion'), ref('stg_erp__bom'),
    ref('stg_crm__contract_sla_term')
] -%}
{%- if is_update() -%}
{%- set built_shipment_lines = as_built('int_shipment__line_checked') -%}
with

changed_products as (

    {{ changed_keys('erp', 'product', 'product_id') }}

    union

    {{ changed_keys('erp', 'uom_conversion', 'product_id') }}

    union

    -- What a kit consists of decides how many of it were shipped.
    {{ changed_keys('erp', 'bom', 'parent_product_id') }}

),

changed_sites as (

    {{ changed_keys('erp', 'site', 'site_id') }}

),

changed_contracts as (

    {{ changed_keys('crm', 'contract_sla_term', 'contract_id') }}

),

longest_tolerance as (

    select max(late_days) as late_days
    from (
        select late_days from {{ tolerances }}
        union all
        select tolerance_late from {{ terms }}
    ) as tolerance

),

becoming_due as (

    -- A due date that has passed since the last build turns an open line into a failure.
    select
        {{ add_days('build.as_of', '-2 - ceil(longest_tolerance.late_days)') }} as first_day,
        {{ add_days(as_of(), 2) }} as last_day
    from {{ last_build }} as build
    cross join longest_tolerance

),

everything as (

    -- What holds for all orders has changed: a conversion for every product, or an optional feed
    -- that was empty before or is empty now.
    select 1 as reason from changed_products where product_id is null

    union all

    select 1
    from (select count(*) as change_count from changed_sites) as change
    cross join (select count(*) as site_count from {{ sites }}) as site
    where change.change_count > 0 and change.change_count >= site.site_count

    union all

    select 1
    from (select count(*) as delta_count from {{ delta_of(event_feed) }}) as delta
    where delta.delta_count > 0
        and not exists (
            select 1 from {{ staged_events }} as staged
            where staged._batch_id not in (
                select distinct event._batch_id from {{ delta_of(event_feed) }} as event
            )
        )

),

touched_orders as (

    {{ delta_values('erp', 'sales_order', 'order_id') }}

    union

    {{ delta_values('erp', 'sales_order_line', 'order_id') }}

    union

    select coalesce(line.order_id, '-2')
    from {{ staged_shipment_lines }} as line
    where line.shipment_id in (select touched.shipment_id from {{ touched_shipments }} as touched)
        or line.product_id in (select changed_products.product_id from changed_products)

    union

    -- Orders that a shipment was for until now.
    select built.order_id
    from {{ built_shipment_lines }} as built
    where built.shipment_id in (select touched.shipment_id from {{ touched_shipments }} as touched)
        or built.from_site_id in (select changed_sites.site_id from changed_sites)
        or built.to_site_id in (select changed_sites.site_id from changed_sites)
        or (
            built.order_id = '-2'
            and built.to_site_id in (
                select site.site_id from {{ sites }} as site
                where site.customer_id in (select customers.customer_id from {{ customers }} as customers)
            )
        )

    union

    select line.order_id
    from {{ staged_lines }} as line
    cross join becoming_due
    where line.product_id in (select changed_products.product_id from changed_products)
        or line.ship_from_site_id in (select changed_sites.site_id from changed_sites)
        or cast(line.requested_at as date) between becoming_due.first_day and becoming_due.last_day
        or cast(line.first_confirmed_at as date) between becoming_due.first_day and becoming_due.last_day
        or cast(line.confirmed_at as date) between becoming_due.first_day and becoming_due.last_day
        or cast(line.promised_ship_at as date) between becoming_due.first_day and becoming_due.last_day

    union

    select orders.order_id
    from {{ staged_orders }} as orders
    cross join becoming_due
    where orders.ship_to_site_id in (select changed_sites.site_id from changed_sites)
        or orders.sold_to_customer_id in (select customers.customer_id from {{ customers }} as customers)
        or orders.contract_id in (select changed_contracts.contract_id from changed_contracts)
        or cast(orders.requested_at as date) between becoming_due.first_day and becoming_due.last_day
        or exists (select 1 from everything)

    union

    select orders.order_id
    from {{ staged_orders }} as orders
    cross join {{ books }} as books
    inner join {{ rate_days }} as rate_day
        on {{ business_day('orders.ordered_at', 'books.tz_name') }} = rate_day.rate_date

)

select order_id from touched_orders where order_id is not null
{%- else -%}
select order_id from {{ staged_orders }} where 1 = 0
{%- endif %}
