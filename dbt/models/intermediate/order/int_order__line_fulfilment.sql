{%- set bases = ['req', 'first', 'last'] -%}
{{ config(materialized=large_table(), unique_key=['order_id'], touched='int_touched__order') }}

with

shipment_lines as (

    select * from {{ ref('int_shipment__line') }}
    {{ only_touched('order_id', 'int_touched__order', 'order_id') }}

),

schedule_splits as (

    select * from {{ ref('int_shipment__schedule_split') }}
    {{ only_touched('order_id', 'int_touched__order', 'order_id') }}

),

order_lines as (

    select
        order_id,
        line_no,
        schedule_no,
        due_test,
        {% for basis in bases -%}
        due_{{ basis }}_limit{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('int_order__line') }}
    {{ only_touched('order_id', 'int_touched__order', 'order_id') }}

),

pieces as (

    select
        order_id,
        order_line_no as line_no,
        schedule_no,
        shipped_base_qty,
        departed_at,
        departed_date,
        delivered_at,
        delivered_date,
        is_clock_skewed
    from shipment_lines
    where schedule_no is not null

    union all

    select
        split.order_id,
        split.line_no,
        split.schedule_no,
        split.shipped_base_qty,
        shipped.departed_at,
        shipped.departed_date,
        shipped.delivered_at,
        shipped.delivered_date,
        shipped.is_clock_skewed
    from schedule_splits as split
    inner join shipment_lines as shipped
        on split.shipment_id = shipped.shipment_id
        and split.shipment_line_no = shipped.line_no

),

timed as (

    -- A delivery is compared in the time in which its window is written: local day or UTC.
    select
        pieces.*,
        case
            when order_lines.due_test = 'DAY' then cast(pieces.delivered_date as timestamp)
            else pieces.delivered_at
        end as arrived,
        {% for basis in bases -%}
        order_lines.due_{{ basis }}_limit{{ ',' if not loop.last }}
        {% endfor %}
    from pieces
    inner join order_lines
        on pieces.order_id = order_lines.order_id
        and pieces.line_no = order_lines.line_no
        and pieces.schedule_no = order_lines.schedule_no

),

fulfilled as (

    select
        order_id,
        line_no,
        schedule_no,
        cast(count(*) as bigint) as piece_count,
        cast(count(case when shipped_base_qty is null then 1 end) as bigint) as unquantified_piece_count,
        cast(count(case when delivered_at is null then 1 end) as bigint) as undelivered_piece_count,
        cast(sum(shipped_base_qty) as decimal(18, 6)) as shipped_base_qty,
        cast(sum(case when delivered_at is not null then shipped_base_qty end) as decimal(18, 6))
            as delivered_base_qty,
        {% for basis in bases -%}
        cast(sum(case when arrived < due_{{ basis }}_limit then shipped_base_qty end) as decimal(18, 6))
            as delivered_by_due_{{ basis }}_base_qty,
        {% endfor -%}
        min(departed_at) as first_departed_at,
        max(departed_at) as last_departed_at,
        min(departed_date) as first_departed_date,
        max(departed_date) as last_departed_date,
        min(delivered_at) as first_delivered_at,
        max(delivered_at) as last_delivered_at,
        min(arrived) as first_arrived,
        max(arrived) as last_arrived,
        max(is_clock_skewed) as is_clock_skewed
    from timed
    group by order_id, line_no, schedule_no

)

select * from fulfilled
