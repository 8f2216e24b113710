{{ config(materialized=large_table(), unique_key=['freight_invoice_id'], touched='int_touched__freight_invoice') }}

with

charges as (

    select * from {{ ref('int_shipment__freight_charge') }}
    {{ only_touched('freight_invoice_id', 'int_touched__freight_invoice', 'freight_invoice_id') }}

),

final as (

    select
        freight_invoice_id,
        charge_type,
        carrier_id,
        load_id,
        shipment_id,
        order_id,
        order_count,
        amount,
        currency,
        amount_group,
        billed_weight_kg,
        invoice_date,
        known_at
    from charges

)

select * from final
