{#-
    A view: the log is its one reader, and what was filled in stands in the tables that filled it in.
    Each field: rows that it is looked for in, what it is called, when a row needs it, what took its
    place; fields of the same rows share the key. Few branches, because planning them is what costs.
-#}
{{ config(materialized='view') }}
{%- set line_id = "order_id || ' ' || cast(line_no as string) || ' ' || cast(schedule_no as string)" -%}
{%- set fields = [
    {
        'rule_id': 'TZ_UTC', 'rows': 'orders', 'feed': 'erp.sales_order.ship_to_site_id',
        'entity_type': 'order', 'entity_id': 'order_id', 'needed': 'true', 'value': "'UTC'", 'each_value': "'UTC'",
        'basis': 'orders to a place that is not known', 'count': 0
    },
    {
        'rule_id': 'FIRST_CONFIRMED', 'rows': 'order_lines', 'feed': 'erp.sales_order_line.first_confirmed_at',
        'entity_type': 'order_line', 'entity_id': line_id, 'needed': 'due_first_at is not null and not is_first_rebased',
        'value': 'cast(due_first_at as string)', 'each_value': "'confirmed_at of each line'",
        'basis': 'earliest confirmation that was delivered', 'count': 1
    },
    {
        'rule_id': 'FIRST_CONFIRMED_QTY', 'rows': 'order_lines', 'feed': 'erp.sales_order_line.first_confirmed_qty',
        'entity_type': 'order_line', 'entity_id': line_id, 'needed': 'confirmed_base_qty is not null',
        'value': 'cast(first_confirmed_base_qty as string)', 'each_value': "'confirmed_qty of each line'",
        'basis': 'current confirmed quantity', 'count': 1
    },
    {
        'rule_id': 'LAST_CONFIRMED', 'rows': 'order_lines', 'feed': 'erp.sales_order_line.confirmed_at',
        'entity_type': 'order_line', 'entity_id': line_id, 'needed': 'due_last_at is not null',
        'value': 'cast(due_last_at as string)', 'each_value': "'first_confirmed_at of each line'",
        'basis': 'first confirmation of the line', 'count': 1
    },
    {
        'rule_id': 'LIST_PRICE', 'rows': 'order_lines', 'feed': 'erp.sales_order_line.list_price',
        'entity_type': 'order_line', 'entity_id': line_id, 'needed': 'list_price is not null',
        'value': 'cast(net_price as string)', 'each_value': "'net_price of each line'",
        'basis': 'net price of the line', 'count': 1
    },
    {
        'rule_id': 'CANCELLED_BY_SELLER', 'rows': 'order_lines', 'feed': 'erp.sales_order_line.cancelled_by',
        'entity_type': 'order_line', 'entity_id': line_id, 'needed': 'cancelled_base_qty > 0',
        'value': "'SELLER'", 'each_value': "'SELLER'",
        'basis': 'nobody is said to have cancelled', 'count': 0
    },
    {
        'rule_id': 'SHIP_FROM_UTC', 'rows': 'order_lines', 'feed': 'erp.sales_order_line.ship_from_site_id',
        'entity_type': 'order_line', 'entity_id': line_id, 'needed': 'promised_ship_at is not null',
        'value': "'UTC'", 'each_value': "'UTC'",
        'basis': 'lines from a place that is not known', 'count': 0
    },
    {
        'rule_id': 'CANCELLED_AT_REVISION', 'rows': 'cancellations', 'feed': 'erp.sales_order_line.cancelled_at',
        'entity_type': 'order_line_event', 'entity_id': line_id ~ " || ' ' || cast(event_no as string)",
        'needed': 'true', 'value': 'cast(event_at as string)', 'each_value': "'revised_at of each line'",
        'basis': 'moment of the revision', 'count': 1
    },
    {
        'rule_id': 'SHIPMENT_FROM_UTC', 'rows': 'shipment_lines', 'feed': 'wms.shipment.from_site_id',
        'entity_type': 'shipment_line', 'entity_id': "shipment_id || ' ' || cast(line_no as string)",
        'needed': 'departed_at is not null', 'value': "'UTC'", 'each_value': "'UTC'",
        'basis': 'goods from a place that is not known', 'count': 0
    },
    {
        'rule_id': 'SHIPMENT_TO_UTC', 'rows': 'shipment_lines', 'feed': 'wms.shipment.to_site_id',
        'entity_type': 'shipment_line', 'entity_id': "shipment_id || ' ' || cast(line_no as string)",
        'needed': 'delivered_at is not null', 'value': "'UTC'", 'each_value': "'UTC'",
        'basis': 'goods to a place that is not known', 'count': 0
    },
    {
        'rule_id': 'REBATE_ZERO', 'rows': 'invoice_lines', 'feed': 'erp.invoice_line.rebate_accrual_amount',
        'entity_type': 'invoice_line', 'entity_id': "invoice_id || ' ' || cast(line_no as string)",
        'needed': 'true', 'value': "'0'", 'each_value': "'0'",
        'basis': 'lines without an accrual', 'count': 0
    },
    {
        'rule_id': 'COST_IN_PARTS', 'rows': 'invoice_lines', 'feed': 'erp.invoice_line.cogs_std_amount',
        'entity_type': 'invoice_line', 'entity_id': "invoice_id || ' ' || cast(line_no as string)",
        'needed': 'true', 'value': "'0'", 'each_value': "'0'",
        'basis': 'cost billed with the parts of the kit', 'count': 1
    },
    {
        'rule_id': 'COST_NONE', 'rows': 'invoice_lines', 'feed': 'erp.invoice_line.cogs_std_amount',
        'entity_type': 'invoice_line', 'entity_id': "invoice_id || ' ' || cast(line_no as string)",
        'needed': 'product_id is not null and invoiced_qty is not null', 'value': 'cast(null as string)',
        'each_value': 'cast(null as string)',
        'basis': 'goods billed without a cost', 'count': 0
    }
] -%}
{%- set holders = [
    ('BILL_TO_SOLD_TO', ref('int_order__header'), 'customer_id', 'orders without a bill-to'),
    ('PAYER_BILL_TO', ref('int_order__header'), 'bill_to_customer_id', 'orders without a payer'),
    ('INVOICE_BILL_TO', ref('int_invoice__line_checked'), 'customer_id', 'document lines without a bill-to')
] -%}
{%- set tables = [
    ('orders', ref('int_order__header'), "coalesce(sales_org, '(none)')", 'reject_reason is null'),
    ('order_lines', ref('int_order__line'), "coalesce(sales_org, '(none)')", 'true'),
    ('cancellations', ref('int_order__line_event'), "'(none)'", "event_type = 'CANCELLED'"),
    ('shipment_lines', ref('int_shipment__line'), "'(none)'", 'true'),
    ('invoice_lines', ref('int_invoice__line_checked'), 'company_code', 'reject_reason is null')
] -%}
with

rules as (

    select rule_id, log_as from {{ ref('imputation_rule') }}

),

{% for rows, relation, company, where in tables -%}
-- A company is whose extract it is: the sales organisation of an order, the company code of a bill.
{{ rows }}_coverage as (

    select
        {{ company }} as company
        {%- for field in fields if field.rows == rows %},
        count(case when {{ is_imputed_by(field.rule_id) }} then 1 end) as missing_{{ field.rule_id | lower }},
        count(case when {{ field.needed }} and not {{ is_imputed_by(field.rule_id) }} then 1 end)
            as known_{{ field.rule_id | lower }}
        {%- endfor %}
    from {{ relation }}
    where {{ where }}
    group by {{ company }}

),

{{ rows }}_by_rule as (

    select
        coverage.company,
        rules.rule_id,
        rules.log_as,
        case rules.rule_id
            {%- for field in fields if field.rows == rows %}
            when '{{ field.rule_id }}' then missing_{{ field.rule_id | lower }}
            {%- endfor %}
        end as missing_count,
        case rules.rule_id
            {%- for field in fields if field.rows == rows %}
            when '{{ field.rule_id }}' then known_{{ field.rule_id | lower }}
            {%- endfor %}
        end as known_count
    from {{ rows }}_coverage as coverage
    cross join rules
    where rules.rule_id in ({% for field in fields if field.rows == rows %}'{{ field.rule_id }}'{{ ', ' if not loop.last }}{% endfor %})

),

{% endfor -%}
final as (

    {% for rows, relation, company, where in tables -%}
    {%- set own = fields | selectattr('rows', 'equalto', rows) | list -%}
    select
        rule.rule_id,
        '{{ own[0].entity_type }}' as entity_type,
        {{ own[0].entity_id }} as entity_id,
        case rule.rule_id {% for field in own %}when '{{ field.rule_id }}' then {{ field.value }} {% endfor %}end as imputed_value,
        case rule.rule_id {% for field in own %}when '{{ field.rule_id }}' then '{{ field.basis }}' {% endfor %}end as basis,
        cast(case rule.rule_id {% for field in own %}when '{{ field.rule_id }}' then {{ field.count }} {% endfor %}end as bigint)
            as basis_count,
        cast(1 as bigint) as values_count
    from {{ relation }} as filled
    inner join {{ rows }}_by_rule as rule
        on {{ company }} = rule.company
        and filled.imputed_rules like '%|' || rule.rule_id || '|%'
    where {{ where }}
        and filled.imputed_rules is not null
        and rule.missing_count > 0
        and (rule.known_count > 0 or rule.log_as = 'row')

    union all

    -- The feed of the company has the column in no row at all: one row says so for all of them.
    select
        rule_id,
        'feed',
        case rule_id {% for field in own %}when '{{ field.rule_id }}' then '{{ field.feed }}' {% endfor %}end
        || case when company = '(none)' then '' else ' of ' || company end,
        case rule_id {% for field in own %}when '{{ field.rule_id }}' then {{ field.each_value }} {% endfor %}end,
        'delivered for no row: '
        || case rule_id {% for field in own %}when '{{ field.rule_id }}' then '{{ field.basis }}' {% endfor %}end,
        cast(0 as bigint),
        cast(missing_count as bigint)
    from {{ rows }}_by_rule
    where missing_count > 0
        and known_count = 0
        and log_as = 'field'

    union all

    {% endfor -%}
    {%- for rule_id, relation, holder, basis in holders -%}
    select
        '{{ rule_id }}',
        'customer',
        {{ holder }},
        {{ holder }},
        '{{ basis }}',
        cast(0 as bigint),
        cast(count(*) as bigint)
    from {{ relation }}
    where reject_reason is null
        and {{ is_imputed_by(rule_id) }}
    group by {{ holder }}
    {{ 'union all' if not loop.last }}

    {% endfor %}
)

select * from final
