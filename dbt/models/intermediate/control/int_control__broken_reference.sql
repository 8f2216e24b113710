{{ config(materialized='view') }}

with

delivered as (

    select feed_name from {{ ref('int_control__feed') }}
    where feed_name in ('erp.sales_order_line', 'wms.shipment_line', 'erp.invoice_line', 'wms.return_line')
        and is_delivered

),

rejected as (

    select feed_name, count(*) as row_count, min(detail) as example
    from {{ ref('int_control__rejected_row') }}
    where reason like 'unknown_%'
    group by feed_name

),

compared as (

    select
        delivered.feed_name,
        coalesce(rejected.row_count, 0) as row_count,
        rejected.example,
        {{ gate_limit('P-02', 'rejected_rows', 'delivered.feed_name') }} as allowed_count
    from delivered
    left join rejected on delivered.feed_name = rejected.feed_name

)

select
    {{ control_row(
        'P-02', 'HIGH', "'feed=' || feed_name", 'row_count', 'allowed_count',
        "'rows that name an unknown document, customer, product or site' || coalesce(', for example: '
            || example, '')",
        status="case when row_count <= allowed_count then 'PASS' else 'FAIL' end"
    ) }}
from compared
