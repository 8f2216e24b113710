{#- A view: charges are few beside lines. -#}
{{ config(materialized='view') }}
{%- set group_currency = "'" ~ var('group_currency') ~ "'" -%}

with

companies as (

    select * from {{ ref('int_calendar__company') }}

),

-- A carrier's bill names no company: it is borne by the one that keeps its books in that currency.
bearers as (

    select local_currency, min(company_code) as company_code
    from companies
    where company_code <> '*'
    group by local_currency
    having count(*) = 1

),

billed as (

    -- Freight is owed from the day on which the goods left, whenever the carrier bills it.
    select
        'BILLED' as freight_kind,
        coalesce(attributed.entity_id, '-1') as entity_id,
        cast(coalesce(
            shipment.departed_at, travelled.actual_pickup_at, cast(charge.invoice_date as timestamp)
        ) as date) as freight_date,
        coalesce(bearers.company_code, '*') as company_code,
        cast(null as string) as fiscal_period_id,
        case when bearers.company_code is not null then charge.amount end as amount_local,
        charge.amount_group
    from {{ ref('int_shipment__freight_charge') }} as charge
    left join {{ ref('int_profit__freight_charge') }} as attributed
        on charge.freight_invoice_id = attributed.freight_invoice_id
        and charge.charge_type = attributed.charge_type
    left join {{ ref('stg_wms__shipment') }} as shipment on charge.shipment_id = shipment.shipment_id
    left join {{ ref('stg_tms__load') }} as travelled
        on charge.load_id = travelled.load_id
        and charge.shipment_id is null
    left join bearers on charge.currency = bearers.local_currency

),

charged as (

    -- What customers pay for freight in the head of a document, unless lines of their own say it.
    select
        'CHARGED' as freight_kind,
        coalesce({{ entity_on('entities', 'invoice.posting_date') }}, '-1') as entity_id,
        invoice.posting_date as freight_date,
        invoice.company_code,
        invoice.fiscal_period_id,
        case
            when invoice.currency = companies.local_currency then invoice.freight_charged_amount
            else {{ money(times('invoice.freight_charged_amount', 'local_rate.rate')) }}
        end as amount_local,
        {{ money(in_group_currency('invoice.freight_charged_amount', 'invoice.currency')) }} as amount_group
    from {{ ref('stg_erp__invoice') }} as invoice
    left join companies on invoice.company_code = companies.company_code
    left join {{ ref('int_customer__segmentation_entity') }} as entities
        on invoice.sold_to_customer_id = entities.customer_id
    left join {{ ref('int_currency__rate') }} as local_rate
        on invoice.currency <> companies.local_currency
        and invoice.currency = local_rate.from_currency
        and companies.local_currency = local_rate.to_currency
        and invoice.posting_date = local_rate.rate_date
    left join {{ ref('int_currency__rate') }} as rates
        on invoice.currency = rates.from_currency
        and rates.to_currency = {{ group_currency }}
        and invoice.posting_date = rates.rate_date
    where invoice.freight_charged_amount <> 0
        and invoice.invoice_id not in (
            select line.invoice_id
            from {{ ref('int_invoice__line') }} as line
            inner join {{ ref('stg_finance__gl_account_map') }} as account_map
                on line.gl_account = account_map.account
                and account_map.statement_line = 'FREIGHT_RECOVERED'
        )

)

select * from billed
union all
select * from charged
