{%- set bases = ['req', 'first', 'last'] -%}
{%- set is_component = 'kit_lines.product_id <> lines.product_id' -%}
{%- set is_priced_in_kit = is_component ~ ' and kit_lines.net_price <> 0' -%}
{%- set is_moved_by_customer = "lines.promise_change_by = 'CUSTOMER' and lines.promise_change_reason is not null" -%}
{%- set is_rebased = 'coalesce(history.is_first_rebased, ' ~ is_moved_by_customer ~ ', false)' -%}
{{ config(materialized=large_table(), unique_key=['order_id'], touched='int_touched__order') }}
{#- Which months its orders were in is read from this table before it changes. -#}
-- depends_on: {{ ref('int_touched__order_month') }}

with

lines as (

    select * from {{ ref('stg_erp__sales_order_line') }}
    {{ only_touched('order_id', 'int_touched__order', 'order_id') }}

),

orders as (

    select * from {{ ref('int_order__header') }}
    {{ only_touched('order_id', 'int_touched__order', 'order_id') }}

),

history as (

    select * from {{ ref('int_order__line_history') }}
    {{ only_touched('order_id', 'int_touched__order', 'order_id') }}

),

products as (

    select product_id, is_kit from {{ ref('stg_erp__product') }}

),

kit_lines as (

    select lines.order_id, lines.line_no, min(lines.product_id) as product_id, max(lines.net_price) as net_price
    from lines
    inner join products on lines.product_id = products.product_id
    where products.is_kit
    group by lines.order_id, lines.line_no

),

unit_factors as (

    select product_id, uom, factor from {{ ref('int_product__unit_factor') }}

),

sites as (

    select site_id, tz_name from {{ ref('stg_erp__site') }}

),

terms as (

    select * from {{ ref('int_order__service_term') }}

),

scoped_terms as (

    select * from {{ ref('int_order__line_term') }}
    {{ only_touched('order_id', 'int_touched__order', 'order_id') }}

),

measured as (

    select
        lines.order_id,
        lines.line_no,
        lines.schedule_no,
        lines.revision,
        orders.order_type,
        orders.channel,
        orders.customer_id,
        orders.bill_to_customer_id,
        orders.payer_customer_id,
        orders.entity_id,
        orders.is_excluded_customer,
        orders.ship_to_site_id,
        orders.ship_to_tz_name,
        lines.ship_from_site_id,
        coalesce(sites.tz_name, 'UTC') as ship_from_tz_name,
        orders.sales_org,
        lines.product_id,
        coalesce(products.is_kit, false) as is_kit,
        lines.parent_line_no,
        case
            when {{ is_component }} then 'COMPONENT'
            when lines.net_price = 0 and (lines.parent_line_no is not null or orders.order_type = 'FREE') then 'FREE'
            else 'ITEM'
        end as line_role,
        coalesce(lines.fulfilment_mode = 'BILL_AND_HOLD', false) as is_bill_and_hold,
        orders.contract_id,
        orders.ordered_at,
        orders.ordered_date,
        lines.uom,
        unit_factors.factor as unit_factor,
        lines.ordered_qty,
        {{ base_quantity('lines.ordered_qty', 'unit_factors.factor') }} as ordered_base_qty,
        {{ base_quantity('lines.confirmed_qty', 'unit_factors.factor') }} as confirmed_base_qty,
        {{ base_quantity('coalesce(lines.first_confirmed_qty, lines.confirmed_qty)', 'unit_factors.factor') }}
            as first_confirmed_base_qty,
        {{ base_quantity(
            'coalesce(lines.cancelled_qty, case when orders.cancelled_at is null then 0 else lines.ordered_qty end)',
            'unit_factors.factor'
        ) }} as line_cancelled_base_qty,
        lines.cancelled_by,
        coalesce(lines.cancelled_at, orders.cancelled_at) as cancelled_at,
        orders.cancelled_at is not null as is_order_cancelled,
        history.basis_base_qty,
        history.order_id is not null as is_revised,
        history.customer_cancelled_in_time_base_qty as history_customer_in_time_base_qty,
        history.customer_cancelled_late_base_qty as history_customer_late_base_qty,
        case
            when lines.cancelled_by = 'CUSTOMER' and {{ cancelled_in_time('lines', 'orders.cancelled_at') }} then 'IN_TIME'
            when lines.cancelled_by = 'CUSTOMER' then 'LATE'
            else 'SELLER'
        end as cancellation_kind,
        coalesce(lines.requested_at, orders.requested_at) as due_req_at,
        case
            when history.order_id is not null then history.first_confirmed_at
            when {{ is_moved_by_customer }} then coalesce(lines.confirmed_at, lines.first_confirmed_at)
            else coalesce(lines.first_confirmed_at, lines.confirmed_at)
        end as due_first_at,
        coalesce(lines.confirmed_at, lines.first_confirmed_at) as due_last_at,
        lines.promised_ship_at,
        {{ is_rebased }} as is_first_rebased,
        coalesce(history.seller_promise_change_count, 0) as seller_promise_change_count,
        coalesce(history.customer_promise_change_count, 0) as customer_promise_change_count,
        lines.list_price,
        lines.net_price,
        orders.currency,
        orders.fx_rate_to_group,
        -- Where the kit has a price, that of a component only says what the kit is made up of.
        {{ money(times(
            'lines.ordered_qty',
            'case when ' ~ is_priced_in_kit ~ ' then 0 else coalesce(lines.list_price, lines.net_price) end'
        )) }} as gross_amount,
        {{ money(times('lines.ordered_qty', 'case when ' ~ is_priced_in_kit ~ ' then 0 else lines.net_price end')) }}
            as net_amount,
        lines.fulfilment_mode,
        orders.is_partial_allowed,
        orders.priority_code,
        orders.due_test,
        coalesce(scoped.basis, general.basis) as contract_basis,
        coalesce(scoped.target, general.target) as contract_target,
        cast(coalesce(scoped.tolerance_early, general.tolerance_early, orders.policy_early_days) as decimal(9, 4))
            as early_days,
        cast(coalesce(scoped.tolerance_late, general.tolerance_late, orders.policy_late_days) as decimal(9, 4))
            as late_days,
        cast(
            coalesce(scoped.qty_tolerance_under_pct, general.qty_tolerance_under_pct, orders.policy_under_pct)
            as decimal(9, 4)
        ) as under_pct,
        cast(
            coalesce(scoped.qty_tolerance_over_pct, general.qty_tolerance_over_pct, orders.policy_over_pct)
            as decimal(9, 4)
        ) as over_pct,
        case
            when orders.service_irrelevant_reason is not null then orders.service_irrelevant_reason
            when {{ is_component }} then 'component of a kit: judged with the kit'
            when lines.fulfilment_mode = 'BILL_AND_HOLD' then 'bill and hold: the customer calls the goods off'
        end as service_irrelevant_reason,
        coalesce(history.known_at, lines._known_at) as known_at,
        case
            when orders.order_id is null then 'unknown_order'
            when orders.reject_reason is not null then orders.reject_reason
            when products.product_id is null then 'unknown_product'
            when unit_factors.product_id is null then 'unit_without_conversion'
        end as reject_reason,
        {{ imputed_rules({
            'FIRST_CONFIRMED': 'lines.first_confirmed_at is null and not ' ~ is_rebased
                ~ ' and coalesce(lines.confirmed_at, history.first_confirmed_at) is not null',
            'FIRST_CONFIRMED_QTY': 'lines.first_confirmed_qty is null and lines.confirmed_qty is not null',
            'LAST_CONFIRMED': 'lines.confirmed_at is null and lines.first_confirmed_at is not null',
            'LIST_PRICE': 'lines.list_price is null and not coalesce(' ~ is_priced_in_kit ~ ', false)',
            'CANCELLED_BY_SELLER': 'lines.cancelled_by is null'
                ~ ' and (lines.cancelled_qty > 0 or orders.cancelled_at is not null)',
            'SHIP_FROM_UTC': 'sites.site_id is null and lines.promised_ship_at is not null'
        }) }} as imputed_rules
    from lines
    left join orders on lines.order_id = orders.order_id
    left join products on lines.product_id = products.product_id
    left join kit_lines
        on lines.order_id = kit_lines.order_id
        and lines.parent_line_no = kit_lines.line_no
    left join unit_factors
        on lines.product_id = unit_factors.product_id
        and lines.uom = unit_factors.uom
    left join history
        on lines.order_id = history.order_id
        and lines.line_no = history.line_no
        and lines.schedule_no = history.schedule_no
    left join sites on lines.ship_from_site_id = sites.site_id
    left join terms as general
        on orders.contract_id = general.contract_id
        and orders.ordered_date >= general.valid_from
        and orders.ordered_date < general.valid_to
        and general.is_general
    left join scoped_terms
        on lines.order_id = scoped_terms.order_id
        and lines.line_no = scoped_terms.line_no
        and lines.schedule_no = scoped_terms.schedule_no
        and lines.revision = scoped_terms.revision
    left join terms as scoped on scoped_terms.precedence = scoped.precedence
    where lines.revision = coalesce(history.newest_revision, lines.revision)

),

cancelled as (

    select
        measured.*,
        -- Most promises never move, and a time zone is worth asking once.
        {{ local_day('due_req_at', 'ship_to_tz_name') }} as due_req_date,
        case
            when due_first_at = due_req_at then due_req_date
            else {{ local_day('due_first_at', 'ship_to_tz_name') }}
        end as due_first_date,
        case
            when due_last_at = due_req_at then due_req_date
            when due_last_at = due_first_at then due_first_date
            else {{ local_day('due_last_at', 'ship_to_tz_name') }}
        end as due_last_date,
        {{ local_day('promised_ship_at', 'ship_from_tz_name') }} as promised_ship_date,
        cast(
            case
                when is_order_cancelled then ordered_base_qty
                else least(line_cancelled_base_qty, ordered_base_qty)
            end as decimal(18, 6)
        ) as cancelled_base_qty,
        cast(
            case
                when is_revised then history_customer_in_time_base_qty
                when cancellation_kind = 'IN_TIME' then line_cancelled_base_qty
                else 0
            end as decimal(18, 6)
        ) as customer_cancelled_in_time_base_qty,
        cast(
            case
                when is_revised then history_customer_late_base_qty
                when cancellation_kind = 'LATE' then line_cancelled_base_qty
                else 0
            end as decimal(18, 6)
        ) as customer_cancelled_late_base_qty
    from measured

),

final as (

    select
        order_id,
        line_no,
        schedule_no,
        revision,
        order_type,
        channel,
        customer_id,
        bill_to_customer_id,
        payer_customer_id,
        entity_id,
        is_excluded_customer,
        ship_to_site_id,
        ship_to_tz_name,
        ship_from_site_id,
        ship_from_tz_name,
        sales_org,
        product_id,
        is_kit,
        parent_line_no,
        line_role,
        contract_id,
        ordered_at,
        ordered_date,
        uom,
        unit_factor,
        ordered_qty,
        ordered_base_qty,
        first_confirmed_base_qty,
        confirmed_base_qty,
        cancelled_base_qty,
        customer_cancelled_in_time_base_qty,
        customer_cancelled_late_base_qty,
        -- A cancellation that no customer asked for counts as the seller's.
        cast(
            greatest(
                cancelled_base_qty - customer_cancelled_in_time_base_qty - customer_cancelled_late_base_qty, 0
            ) as decimal(18, 6)
        ) as seller_cancelled_base_qty,
        cast(
            greatest(coalesce(basis_base_qty, ordered_base_qty) - customer_cancelled_in_time_base_qty, 0)
            as decimal(18, 6)
        ) as countable_base_qty,
        cancelled_by,
        cancelled_at,
        cancelled_base_qty >= ordered_base_qty and ordered_base_qty > 0 as is_cancelled,
        due_req_at,
        due_first_at,
        due_last_at,
        due_req_date,
        due_first_date,
        due_last_date,
        promised_ship_at,
        promised_ship_date,
        is_first_rebased,
        seller_promise_change_count,
        customer_promise_change_count,
        list_price,
        net_price,
        currency,
        fx_rate_to_group,
        gross_amount,
        cast(gross_amount - net_amount as decimal(18, 4)) as discount_amount,
        net_amount,
        {{ money(times('net_amount', 'fx_rate_to_group')) }} as net_amount_group,
        fulfilment_mode,
        is_bill_and_hold,
        is_partial_allowed,
        priority_code,
        due_test,
        contract_basis,
        contract_target,
        early_days,
        late_days,
        under_pct,
        over_pct,
        {% for basis in bases -%}
        {{ due_start('due_' ~ basis) }} as due_{{ basis }}_start,
        {{ due_limit('due_' ~ basis) }} as due_{{ basis }}_limit,
        {% endfor -%}
        service_irrelevant_reason is null as is_service_relevant,
        service_irrelevant_reason,
        known_at,
        reject_reason,
        imputed_rules
    from cancelled

)

select * from final
