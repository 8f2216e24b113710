{{ config(materialized='view') }}

{#- Equal totals can hide two errors: each document's lines must make its own net amount. -#}
with

line_totals as (

    select invoice_id, sum(net_amount) as net_amount
    from {{ ref('stg_erp__invoice_line') }}
    group by invoice_id

),

broken_documents as (

    select document.company_code, document.invoice_id
    from {{ ref('stg_erp__invoice') }} as document
    left join line_totals on document.invoice_id = line_totals.invoice_id
    where abs(document.net_amount - coalesce(line_totals.net_amount, 0)) > 0.01
        and abs(document.net_amount - coalesce(line_totals.net_amount, 0) - coalesce(document.freight_charged_amount, 0)) > 0.01

),

document_counts as (

    select
        document.company_code,
        count(*) as document_count,
        count(broken_documents.invoice_id) as broken_count,
        min(broken_documents.invoice_id) as first_invoice_id
    from {{ ref('stg_erp__invoice') }} as document
    left join broken_documents on document.invoice_id = broken_documents.invoice_id
    group by document.company_code

)

select
    {{ control_row(
        'R-01', 'CRITICAL', "'company=' || company_code || '|documents=lines'",
        'document_count - broken_count', 'document_count',
        "cast(broken_count as string) || ' documents whose lines do not make their net amount'
            || coalesce(', first ' || first_invoice_id, '')",
        company='company_code'
    ) }}
from document_counts
