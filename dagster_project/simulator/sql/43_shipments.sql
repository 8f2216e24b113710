-- What leaves the distribution centres: pieces of order lines and the shipments that carry them.
-- One shipment holds all pieces of an order that leave on the same day.

create or replace temp table planned_piece as
with numbered as (
    select *, unnest([1, 2]) as piece from lines where first_qty + second_qty > 0
)
select
    n.line_key * 10 + n.piece as piece_key,
    n.order_no * 100 + case n.piece when 1 then n.first_shift else n.second_shift end as shipment_no,
    case n.piece when 1 then n.first_shift else n.second_shift end as shift_days,
    case n.piece when 1 then n.first_qty else n.second_qty end as qty,
    n.order_no, n.line_no, n.line_key, n.product, n.units, n.uom, n.fate, n.piece, n.list_price, n.net_price,
    n.qty as ordered_qty, n.return_share,
    case when n.fate = 'PICK_SHORT' then n.qty - n.first_qty
        when n.fate = 'STOCKOUT' and n.piece = 1 then n.second_qty else 0 end as short_qty,
    p.weight_kg, p.volume_m3
from numbered as n
inner join product as p on p.product = n.product
where case n.piece when 1 then n.first_qty else n.second_qty end > 0;

create or replace temp table shipments as
with grouped as (
    select
        shipment_no, any_value(order_no) as order_no, any_value(shift_days) as shift_days,
        count(*) as line_count, sum(qty * units)::bigint as units,
        sum(qty * units * weight_kg)::decimal(18, 3) as weight_kg,
        sum(qty * units * volume_m3)::decimal(18, 5) as volume_m3
    from planned_piece
    group by shipment_no
),
dated as (
    select
        g.*, o.cust, o.tier, o.place, o.country, o.tz_name, o.dc, o.site_no, o.cause, o.month_no, o.company_code,
        o.order_type, o.ordered_at, o.delay_days, o.currency, o.is_billed_monthly,
        o.payment_terms_days, o.bill_to, o.pays_late_days, o.tax_share, o.kind,
        o.due_no - o.transit_days - o.early_days + g.shift_days
            + case when o.cause in ('WAREHOUSE_DELAY', 'CREDIT_HOLD') then o.delay_days else 0 end as leaves_no,
        o.due_no - o.early_days + g.shift_days + o.delay_days as arrives_no
    from grouped as g
    inner join orders as o on o.order_no = g.order_no
),
moving as (
    select
        d.*,
        leaves.day as left_day,
        g.weight_kg_is_parcel as is_parcel,
        case when g.weight_kg_is_parcel then 7 + pick('parcel', d.order_no, 2)
            when d.country = 'GB' or d.country = 'IE' then 3
            when d.country = 'US' then 5 when d.country = 'JP' then 4
            else 1 + s.slot % 2 end as carrier,
        s.slot,
        leaves.day + interval 13 hour + to_seconds(300 * s.slot) as departed_at,
        arrives.open_at + to_seconds(pick('hour', d.shipment_no, 28800)) as delivered_at,
        refused.open_at + to_seconds(pick('refused', d.shipment_no, 28800)) as refused_at
    from dated as d
    cross join lateral (select pick('slot', d.order_no, getvariable('load_slots')) as slot) as s
    cross join lateral (select d.weight_kg < 8 as weight_kg_is_parcel) as g
    inner join working_day as leaves on leaves.place = d.place and leaves.working_no = d.leaves_no
    inner join working_day as arrives on arrives.place = d.place and arrives.working_no = d.arrives_no
    inner join working_day as refused
        on refused.place = d.place and refused.working_no = d.arrives_no - d.delay_days
)
select
    *,
    case when not is_parcel
        then place * 1000000 + date_diff('day', date '2023-01-01', left_day) * 100 + slot end as load_no,
    u('late fact', shipment_no) < 0.004 as is_late_fact,
    least(
        getvariable('end_at') - interval 1 hour,
        departed_at + interval 1 hour
            + case when u('late fact', shipment_no) < 0.004
                then to_days((20 + pick('late by', shipment_no, 40))::int) else interval 0 day end
    ) as known_at
from moving
where departed_at < getvariable('end_at') - interval 2 hour;

create or replace temp table pieces as
select
    p.*, s.cust, s.dc, s.place, s.company_code, s.currency, s.known_at, s.departed_at,
    s.delivered_at, s.tax_share, s.tier,
    -- Cases are sometimes picked and booked as single pieces.
    p.uom = 'CS' and u('picked as', p.piece_key) < 0.2 as is_shipped_in_base
from planned_piece as p
inner join shipments as s on s.shipment_no = p.shipment_no;

insert into used_load
select load_no, place, carrier, departed_at, sum(weight_kg), sum(volume_m3)
from shipments
where load_no is not null
group by all;
