{{ config(materialized='view') }}

with

feeds as (

    select
        feed.*,
        row_count.staged_revisions,
        row_count.deleted_rows
    from {{ ref('int_control__feed') }} as feed
    inner join {{ ref('stg_landing__row_count') }} as row_count
        on feed.system = row_count.system
        and feed.feed = row_count.feed
    where feed.batch_count > 0

),

-- Order lines have a row per revision. Of several rows of a line one at least is not of the lowest
-- number there is, so that only lines with such a row need to be told apart.
revised_lines as (

    select distinct order_id, line_no, schedule_no
    from {{ ref('stg_erp__sales_order_line') }}
    where revision > (select min(lowest.revision) from {{ ref('stg_erp__sales_order_line') }} as lowest)

),

-- Keys of the document feeds and what became of them.
staged_keys as (

    select 'erp.sales_order_line' as feed_name, unrevised.row_count + revised.row_count as key_count
    from (
        select count(*) as row_count from {{ ref('stg_erp__sales_order_line') }} as line
        where not exists (
            select 1 from revised_lines as revised
            where line.order_id = revised.order_id
                and line.line_no = revised.line_no
                and line.schedule_no = revised.schedule_no
        )
    ) as unrevised
    cross join (select count(*) as row_count from revised_lines) as revised

    union all

    select 'wms.shipment_line', count(*) from {{ ref('stg_wms__shipment_line') }}

    union all

    select 'erp.invoice_line', count(*) from {{ ref('stg_erp__invoice_line') }}

    union all

    select 'wms.return_line', count(*) from {{ ref('stg_wms__return_line') }}

),

fact_rows as (

    select 'erp.sales_order_line' as feed_name, count(*) as row_count, 0 as rejected_count from {{ ref('fct_order_line') }}
    union all
    select 'erp.sales_order_line', 0, count(*) from {{ ref('int_order__line_rejected') }}
    union all
    select 'wms.shipment_line', count(*), 0 from {{ ref('fct_shipment_line') }}
    union all
    select 'wms.shipment_line', 0, count(*) from {{ ref('int_shipment__line_rejected') }}
    union all
    select 'erp.invoice_line', count(*), 0 from {{ ref('fct_invoice_line') }}
    union all
    select 'erp.invoice_line', 0, count(*) from {{ ref('int_invoice__line_rejected') }}
    union all
    select 'wms.return_line', count(*), 0 from {{ ref('fct_return_line') }}

),

facts as (

    select feed_name, sum(row_count) as row_count, sum(rejected_count) as rejected_count
    from fact_rows
    group by feed_name

),

results as (

    select
        {{ control_row(
            'R-13', 'CRITICAL', "'feed=' || feed_name || '|hop=landing'", 'landed_rows', 'accepted_rows + quarantined_rows',
            "'landed = accepted + ' || cast(quarantined_rows as string) || ' quarantined; '
                || cast(duplicate_batch_count as string) || ' duplicate and '
                || cast(superseded_batch_count as string) || ' superseded batches'"
        ) }}
    from feeds

    union all

    select
        {{ control_row(
            'R-13', 'CRITICAL', "'feed=' || feed_name || '|hop=raw'", 'active_accepted_rows', 'active_raw_rows',
            "'accepted rows of active batches = rows in their raw files'"
        ) }}
    from feeds

    union all

    select
        {{ control_row(
            'R-13', 'CRITICAL', "'feed=' || feed_name || '|hop=staging'", 'active_raw_rows', 'staged_revisions + deleted_rows',
            "'raw rows = revisions in staging + ' || cast(deleted_rows as string) || ' of deleted keys'"
        ) }}
    from feeds

    union all

    select
        {{ control_row(
            'R-13', 'CRITICAL', "'feed=' || staged_keys.feed_name || '|hop=fact'", 'staged_keys.key_count',
            'facts.row_count + facts.rejected_count',
            "'staged keys = fact rows + ' || cast(facts.rejected_count as string) || ' rejected'"
        ) }}
    from staged_keys
    inner join facts on staged_keys.feed_name = facts.feed_name

)

select * from results
