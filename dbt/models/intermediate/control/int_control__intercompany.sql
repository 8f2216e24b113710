{{ config(materialized='view') }}

with

account_map as (

    select account from {{ ref('stg_finance__gl_account_map') }}
    where statement_line = 'REVENUE_INTERCOMPANY'

),

excluded_entities as (

    select distinct entity_id from {{ ref('int_customer__segmentation_entity') }}
    where is_excluded

),

lines as (

    select
        line.invoice_id,
        line.entity_id,
        line.segment_at_event_key,
        line.net_amount_group,
        not (
            line.segment_at_event_key like '%:X0'
            or (line.segment_at_event_key = '-1' and excluded_entities.entity_id is not null)
        ) as is_leaked
    from {{ ref('fct_invoice_line') }} as line
    left join account_map on line.gl_account = account_map.account
    left join excluded_entities on line.entity_id = excluded_entities.entity_id
    where line.is_intercompany
        or account_map.account is not null

),

documents as (

    select
        invoice_id,
        min(entity_id) as entity_id,
        min(segment_at_event_key) as segment_key,
        sum(net_amount_group) as net_amount_group,
        row_number() over (order by abs(sum(net_amount_group)) desc, invoice_id asc) as rank_no
    from lines
    where is_leaked
    group by invoice_id

),

totals as (

    select
        coalesce(sum(case when is_leaked then abs(net_amount_group) end), 0) as leaked_amount,
        coalesce(sum(case when is_leaked then 1 else 0 end), 0) as leaked_count,
        count(*) as line_count
    from lines

),

invoices as (

    select count(*) as invoice_count from {{ ref('int_invoice__line') }}

)

select
    {{ control_row(
        'R-15', 'HIGH', "'all'", 'leaked_amount', '0',
        "cast(leaked_count as string) || ' of ' || cast(line_count as string)
            || ' intercompany lines stand in a customer segment'",
        status="case when invoice_count = 0 then 'NO_DATA' when leaked_count = 0 then 'PASS' else 'FAIL' end"
    ) }}
from totals
cross join invoices

union all

select
    {{ control_row(
        'R-15', 'HIGH', "'invoice=' || invoice_id", 'net_amount_group', '0',
        "'intercompany document of entity ' || entity_id || ' in segment ' || segment_key",
        status="'FAIL'"
    ) }}
from documents
where rank_no <= {{ sample_size() }}
