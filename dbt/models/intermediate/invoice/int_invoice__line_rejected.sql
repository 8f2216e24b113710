{#- A view: the rows stand in int_invoice__line_checked already. -#}
{{ config(materialized='view') }}

select
    invoice_id,
    line_no,
    reject_reason as reason,
    case reject_reason
        when 'unknown_invoice' then 'document ' || invoice_id || ' was not delivered'
        when 'unknown_customer' then 'customer ' || customer_id || ' is not in the customer feed'
        when 'unknown_product' then 'product ' || product_id || ' is not in the product feed'
        when 'unit_without_conversion'
            then 'product ' || product_id || ' has no conversion from ' || coalesce(uom, 'no unit')
        else 'no rate from ' || currency || ' on ' || cast(posting_date as string)
    end as detail,
    company_code,
    fiscal_period_id,
    posting_date,
    customer_id,
    gl_account,
    currency,
    local_currency,
    stated_fx_rate_to_group,
    net_amount,
    net_amount_local
from {{ ref('int_invoice__line_checked') }}
where reject_reason is not null
