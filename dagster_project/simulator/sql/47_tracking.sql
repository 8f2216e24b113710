-- What carriers report, and which cases customers open because of it.

create or replace temp table events as
with reported as (
    select *, u('reports', shipment_no) as draw, shipment_no * 100 as event_base from shipments
),
listed as (
    select event_base + 1 as event_no, 'PICKUP' as code, departed_at + to_seconds(600 + pick('pickup', shipment_no, 2400)) as event_at, * from reported
    where u('pickup seen', shipment_no) < 0.8
    union all
    select event_base + 2, 'CUSTOMS', departed_at + interval 40 hour, * from reported where country in ('US', 'JP')
    union all
    select event_base + 3, 'EXCEPTION', refused_at, * from reported where cause = 'CARRIER_DELAY'
    union all
    select event_base + 4, 'REFUSED', refused_at, * from reported where cause = 'CUSTOMER_REFUSED'
    union all
    select event_base + 5, 'OUT_FOR_DELIVERY', delivered_at - interval 50 minute, * from reported
    where u('out seen', shipment_no) < 0.3
    union all
    -- 60 % both, 28 % only DELIVERED, 10 % only POD, 2 % nothing.
    select event_base + 6, 'DELIVERED', delivered_at, * from reported where draw < 0.88
    union all
    select event_base + 7, 'POD', delivered_at + to_seconds(60 + pick('signed', shipment_no, 900)), * from reported
    where draw < 0.60 or draw between 0.88 and 0.98
    union all
    -- The same delivery sent twice by the carrier's gateway.
    select event_base + 8, 'DELIVERED', delivered_at, * from reported where draw < 0.01
)
select
    event_no, shipment_no, load_no, code, event_at, tz_name, site_no, dc, units, line_count,
    greatest(known_at, event_at + interval 20 minute) as known_at
from listed
where greatest(known_at, event_at + interval 20 minute) < getvariable('end_at');

-- The true state of every line whose promise was not kept, as the simulator knows it.
create or replace temp table failures as
with shipped as (
    select
        line_key, max(s.delivered_at) as delivered_at, sum(p.qty) as qty, min(s.delivered_at) as first_delivered_at,
        max(s.known_at) as known_at
    from planned_piece as p
    inner join shipments as s on s.shipment_no = p.shipment_no
    group by line_key
)
select
    l.line_key, l.order_no, l.line_no, l.cust, l.product, l.kind, l.due_at, s.delivered_at,
    s.delivered_at > coalesce(moved.close_at, l.due_at) as is_late,
    coalesce(s.qty, 0) < l.qty - case when l.cancelled_by = 'CUSTOMER' then l.cancelled_qty else 0 end as is_short,
    case
        when l.fate = 'SELLER_CANCELS' then 'CANCELLED_BY_SELLER'
        when l.fate = 'NEVER_SHIPPED' then 'FORGOTTEN'
        when l.fate in ('PICK_SHORT', 'UNDER_DELIVERED') then l.fate
        when l.fate = 'STOCKOUT' then case when l.is_supplier_late then 'SUPPLIER_LATE' else 'STOCKOUT' end
        when l.fate = 'SELLER_MOVES' then 'CAPACITY'
        when l.fate = 'SPLIT' then 'SPLIT_SHIPMENT'
        else l.cause
    end as cause,
    l.cause as transport_cause
from lines as l
left join shipped as s on s.line_key = l.line_key
left join working_day as moved
    on l.fate = 'CUSTOMER_MOVES' and moved.place = l.place and moved.working_no = l.due_no + l.first_shift
where (s.delivered_at is not null and s.delivered_at < getvariable('end_at')
        and (s.delivered_at > coalesce(moved.close_at, l.due_at) or s.qty < l.qty - case when l.cancelled_by = 'CUSTOMER' then l.cancelled_qty else 0 end))
    or (l.fate in ('SELLER_CANCELS', 'NEVER_SHIPPED') and l.due_at < getvariable('end_at'));

create or replace temp table cases as
with raised as (
    select line_key, order_no, line_no, cust, kind, case when is_late then 'LATE' else 'SHORT' end as category,
        coalesce(delivered_at, due_at) + to_seconds(3600 + pick('opened', line_key, 172800)) as opened_at
    from failures
    where cause is not null and u('complains', line_key) < 0.12
    union all
    select piece_key // 10, order_no, order_line_no, cust, kind, case reason when 'DAMAGE' then 'DAMAGE' else 'WRONG_ITEM' end,
        received_at - interval 30 hour
    from returns
    where reason in ('DAMAGE', 'WRONG_ITEM') and u('complains', piece_key) < 0.5
    union all
    select order_no * 100, order_no, null, cust, kind, ['INFO', 'DOC', 'PRICE', 'OTHER'][1 + pick('asks', order_no, 4)],
        ordered_at + to_seconds(7200 + pick('asked', order_no, 400000))
    from orders
    where u('has question', order_no) < 0.01
)
select
    'CS' || lpad(line_key::varchar, 10, '0') || left(category, 1) as case_id,
    *,
    1 + pick('severity', line_key, 4) as severity,
    opened_at + to_seconds(900 + pick('answered', line_key, 60000)) as first_response_at,
    opened_at + to_seconds(90000 + pick('closed', line_key, 900000)) as closed_at,
    (5 + pick('handled', line_key, 110))::decimal(18, 4) as handle_minutes
from raised
where opened_at < getvariable('end_at') - interval 1 hour
qualify row_number() over (partition by line_key, category order by opened_at) = 1
order by case_id;

insert into failure_total
select coalesce(cause, 'NONE'), count(*) from failures group by all;
