-- Orders of the months from `month_from` up to `month_to`: who orders when, what is promised and
-- what will go wrong with the whole order.

create or replace temp table orders as
with customer_months as (
    select
        c.*, m.month_no, m.period, m.first_day, m.days, m.season,
        case when c.moved_in is not null and m.month_no >= c.moved_in then c.tier_after
            else c.tier_before end as tier,
        c.cust * 64 + m.month_no as cell
    from customer as c
    inner join month as m
        on m.month_no between c.first_month and c.last_month
        and not (m.month_no >= c.pause_from and m.month_no < c.pause_to)
    where c.is_buyer
        and m.month_no >= getvariable('month_from')
        and m.month_no < getvariable('month_to')
),
intensities as (
    select
        cm.*, h.line_share, h.quantity_share, h.lead_days, h.reliability, h.stockout_share,
        h.discount_pct, h.return_share, h.pays_late_days,
        case
            when cm.kind = 'ONE_TIME' then (cm.month_no = pick('once', cm.cust, getvariable('months')))::bigint
            when cm.demand_class in ('INTERMITTENT', 'LUMPY') and u('active', cm.cell) > 0.4 then 0
            when cm.demand_class in ('INTERMITTENT', 'LUMPY')
                then greatest(1, floor(e.expected * 1.6 + u('orders', cm.cell)))
            else greatest((cm.kind = 'SOLD_TO')::bigint, floor(e.expected + u('orders', cm.cell)))
        end::bigint as order_count,
        -- Erratic demand: in some months everything is several times as big.
        cm.demand_class in ('ERRATIC', 'LUMPY') as is_erratic,
        case when cm.demand_class in ('ERRATIC', 'LUMPY') and u('bursts', cm.cell) < 0.25
            then 6 + 4 * u('burst', cm.cell) else 1.0 end as burst
    from customer_months as cm
    inner join habit as h on h.tier = cm.tier
    cross join lateral (
        select getvariable('orders_per_month') * h.order_share * cm.season * cm.kind_share
            * (0.75 + 0.5 * u('size', cm.cust)) as expected
    ) as e
),
placed as (
    select
        *,
        (month_no + 1) * 1000000
            + row_number() over (partition by month_no order by cust, nth) as order_no
    from (select *, unnest(range(order_count)) as nth from intensities)
),
dated as (
    select
        *,
        (first_day + pick('day', order_no, days)::int)::date as wished_day,
        -- Nobody orders on a Sunday, few do on a Saturday.
        case isodow(wished_day)
            when 7 then case when day(wished_day) > 1 then -1 else 1 end
            when 6 then case when u('saturday', order_no) < 0.8 and day(wished_day) > 1 then -1 else 0 end
            else 0
        end as shift_days,
        (wished_day + shift_days::int)::date as order_day,
        order_day + to_seconds(order_hour * 3600 + pick('second', order_no, 39600)) as ordered_at,
        case
            when kind = 'INTERCOMPANY' then 'INTERCO'
            when u('type', order_no) < 0.05 then 'RUSH'
            when u('type', order_no) < 0.06 then 'SAMPLE'
            when u('type', order_no) < 0.065 then 'FREE'
            when u('type', order_no) < 0.075 then 'DROPSHIP'
            else 'STANDARD'
        end as order_type,
        u('fails', order_no) > reliability as has_failed,
        u('cause', order_no) as cause_pick,
        greatest(
            transit_days + 1,
            case when order_type = 'RUSH' then transit_days + 1 else lead_days + pick('lead', order_no, 2) end
        ) as promised_days
    from placed
),
judged as (
    select
        *,
        case
            when not has_failed then null
            when cause_pick < 0.40 then 'CARRIER_DELAY'
            when cause_pick < 0.70 then 'WAREHOUSE_DELAY'
            when cause_pick < 0.85 then 'CREDIT_HOLD'
            else 'CUSTOMER_REFUSED'
        end as cause,
        case when has_failed then 1 + pick('delay', order_no, 5) else 0 end as delay_days,
        -- Some goods arrive a working day early.
        case when not has_failed and promised_days >= transit_days + 2 and u('early', order_no) < 0.04
            then 1 else 0 end as early_days
    from dated
)
select
    j.order_no, j.month_no, j.period, j.cust, j.kind, j.tier, j.place, j.country, j.tz_name, j.company_code,
    j.document_currency as currency, j.dc, j.order_type, j.ordered_at, j.cause, j.delay_days,
    j.early_days, j.transit_days, j.burst, j.is_erratic, j.line_share, j.quantity_share, j.stockout_share,
    j.discount_pct, j.return_share, j.pays_late_days, j.is_billed_monthly, j.payment_terms_days,
    j.bill_to, j.contract_no, j.tax_share,
    case
        when j.has_second_site and u('dock', j.order_no) < 0.25 then j.cust * 10 + 2
        when j.ship_to is not null and u('dock', j.order_no) < 0.5 then j.ship_to * 10 + 1
        else j.dock_of * 10 + 1
    end as site_no,
    u('partial', j.order_no) < 0.85 as is_partial_allowed,
    case when j.order_type = 'STANDARD' and u('withdrawn', j.order_no) < 0.005
        then j.ordered_at + to_seconds(600 + pick('withdrawn at', j.order_no, 14400)) end as cancelled_at,
    f.working_no + j.promised_days as due_no,
    due.close_at as due_at,
    asked.close_at as requested_at,
    leaves.day + interval 6 hour as cutoff_at,
    1 + least(39, floor(
        -- A steady customer's orders are alike, the others' are not.
        case when j.is_erratic then -ln(1 - u('lines', j.order_no)) else 0.8 + 0.6 * u('lines', j.order_no) end
        * (getvariable('lines_per_order') * j.line_share - 0.5)
    ))::bigint as line_count
from judged as j
inner join first_working as f on f.place = j.place and f.day = j.order_day
inner join working_day as due on due.place = j.place and due.working_no = f.working_no + j.promised_days
inner join working_day as asked
    on asked.place = j.place
    and asked.working_no = f.working_no + j.promised_days
        - case when u('asks', j.order_no) < 0.2 then 1 else 0 end
inner join working_day as leaves
    on leaves.place = j.place and leaves.working_no = f.working_no + j.promised_days - j.transit_days
order by j.order_no;
