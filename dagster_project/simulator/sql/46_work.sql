-- What this chunk of months adds to the work of each period.

insert into work_done
with ordered as (
    select order_no, period_of(ordered_at) as period, order_type = 'RUSH' as is_rush,
        1 + pick('came by', order_no, 5) >= 3 as is_manual
    from orders
),
line_counts as (
    select order_no, count(*) as line_count from lines group by order_no
)
select period, unnest(['ORDER', 'MANUAL_ORDER', 'RUSH_ORDER', 'ORDER_LINE', 'MANUAL_ORDER_LINE']),
    unnest([
        count(*), count(*) filter (is_manual), count(*) filter (is_rush), sum(line_count),
        coalesce(sum(line_count) filter (is_manual), 0)
    ])::bigint
from ordered
inner join line_counts using (order_no)
group by period
union all
select period_of(departed_at), 'SHIPMENT', count(*) from shipments group by all
union all
select period_of(p.departed_at), unnest(['SHIPMENT_LINE', 'HAZMAT_LINE']),
    unnest([count(*), count(*) filter (a.family_no = 3)])
from pieces as p
inner join product as a on a.product = p.product
group by period_of(p.departed_at)
union all
select period_of(received_at), 'RETURN_LINE', count(*) from returns group by all;
