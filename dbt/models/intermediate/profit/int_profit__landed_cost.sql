{{ config(materialized=large_table(), unique_key=['po_id', 'receipt_id'], touched='int_touched__purchase_order') }}
{%- set charges = ['FREIGHT_IN', 'INSURANCE', 'BROKERAGE', 'HANDLING_IN'] -%}
{%- set group_currency = "'" ~ var('group_currency') ~ "'" -%}

with

receipts as (

    select
        receipt_id,
        po_id,
        line_no,
        received_at,
        cast(received_at as date) as received_date,
        received_qty,
        coalesce(rejected_qty, 0) as rejected_qty
    from {{ ref('stg_erp__receipt') }}
    {{ only_touched('po_id', 'int_touched__purchase_order', 'po_id') }}

),

po_lines as (

    select po_id, line_no, product_id, to_site_id, uom, unit_price
    from {{ ref('stg_erp__purchase_order_line') }}
    {{ only_touched('po_id', 'int_touched__purchase_order', 'po_id') }}

),

purchase_orders as (

    select po_id, supplier_id, currency from {{ ref('stg_erp__purchase_order') }}

),

suppliers as (

    select supplier_id, country from {{ ref('stg_erp__supplier') }}

),

unit_factors as (

    select product_id, uom, factor from {{ ref('int_product__unit_factor') }}

),

rates as (

    select from_currency, rate_date, rate
    from {{ ref('int_currency__rate') }}
    where to_currency = {{ group_currency }}

),

item_costs as (

    select
        product_id,
        site_id,
        cost_type,
        valid_from,
        coalesce(valid_to, cast('9999-12-31' as date)) as valid_to,
        amount,
        currency,
        per_uom,
        duty_rate
    from {{ ref('stg_erp__item_cost') }}
    where cost_type in ('FREIGHT_IN', 'INSURANCE', 'BROKERAGE', 'HANDLING_IN', 'DUTY')

),

bought as (

    select
        receipts.receipt_id,
        receipts.po_id,
        receipts.line_no,
        purchase_orders.supplier_id,
        suppliers.country as supplier_country,
        po_lines.product_id,
        po_lines.to_site_id as site_id,
        receipts.received_date,
        {{ base_quantity('receipts.received_qty - receipts.rejected_qty', 'unit_factors.factor') }} as accepted_base_qty,
        {{ safe_divide(
            in_group_currency('po_lines.unit_price', 'purchase_orders.currency'), 'unit_factors.factor'
        ) }} as supplier_price,
        case
            when po_lines.po_id is null or purchase_orders.po_id is null then 'no purchase order line'
            when unit_factors.product_id is null then 'no conversion of the unit'
            when purchase_orders.currency <> {{ group_currency }} and rates.rate is null
                then 'no exchange rate on the day of the receipt'
        end as null_reason
    from receipts
    left join po_lines
        on receipts.po_id = po_lines.po_id
        and receipts.line_no = po_lines.line_no
    left join purchase_orders on receipts.po_id = purchase_orders.po_id
    left join suppliers on purchase_orders.supplier_id = suppliers.supplier_id
    left join unit_factors
        on po_lines.product_id = unit_factors.product_id
        and po_lines.uom = unit_factors.uom
    left join rates
        on purchase_orders.currency = rates.from_currency
        and receipts.received_date = rates.rate_date

),

charged as (

    select
        bought.receipt_id,
        item_costs.cost_type,
        item_costs.duty_rate,
        {{ safe_divide(
            in_group_currency('item_costs.amount', 'item_costs.currency'), 'unit_factors.factor'
        ) }} as unit_charge
    from bought
    inner join item_costs
        on bought.product_id = item_costs.product_id
        and bought.site_id = item_costs.site_id
        and bought.received_date >= item_costs.valid_from
        and bought.received_date < item_costs.valid_to
    left join unit_factors
        on item_costs.product_id = unit_factors.product_id
        and item_costs.per_uom = unit_factors.uom
    left join rates
        on item_costs.currency = rates.from_currency
        and bought.received_date = rates.rate_date

),

charges as (

    select
        receipt_id,
        {% for charge in charges -%}
        sum(case when cost_type = '{{ charge }}' then unit_charge else 0 end) as {{ charge | lower }},
        {% endfor -%}
        sum(case when cost_type = 'DUTY' then coalesce(duty_rate, 0) else 0 end) as duty_rate,
        sum(case when cost_type = 'DUTY' and duty_rate is null then unit_charge else 0 end) as fixed_duty,
        count(case when unit_charge is null and not (cost_type = 'DUTY' and duty_rate is not null) then 1 end)
            as unknown_count
    from charged
    group by receipt_id

),

landed as (

    -- Duty is on what the goods cost at the border: price, freight and insurance.
    select
        bought.*,
        {% for charge in charges -%}
        coalesce(charges.{{ charge | lower }}, 0) as {{ charge | lower }},
        {% endfor -%}
        (bought.supplier_price + coalesce(charges.freight_in, 0) + coalesce(charges.insurance, 0))
        * coalesce(charges.duty_rate, 0) + coalesce(charges.fixed_duty, 0) as duty,
        coalesce(charges.unknown_count, 0) as unknown_count
    from bought
    left join charges on bought.receipt_id = charges.receipt_id

),

final as (

    select
        receipt_id,
        po_id,
        line_no,
        supplier_id,
        supplier_country,
        product_id,
        site_id,
        received_date,
        accepted_base_qty,
        cast(round(supplier_price, 6) as decimal(18, 6)) as supplier_price_group,
        {% for name in ['freight_in', 'insurance', 'duty', 'brokerage', 'handling_in'] -%}
        case when null_reason is null and unknown_count = 0 then cast(round({{ name }}, 6) as decimal(18, 6)) end
            as {{ name }}_cost_group,
        {% endfor -%}
        case when null_reason is null and unknown_count = 0 then
            cast(round(supplier_price + freight_in + insurance + duty + brokerage + handling_in, 6) as decimal(18, 6))
        end as landed_unit_cost_group,
        case
            when null_reason is not null then null_reason
            when unknown_count > 0 then 'a charge without exchange rate or unit'
        end as null_reason
    from landed

)

select * from final
