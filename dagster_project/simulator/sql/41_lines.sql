-- Order lines with their fate: what is shipped when, moved, split, cancelled or never delivered.

create or replace temp table lines as
with numbered as (
    select *, unnest(range(1, line_count + 1)) as line_no from orders
),
chosen as (
    select
        *,
        order_no * 100 + line_no as line_key,
        -- Every customer has favourites, all customers share the fast movers.
        1 + case when u('favourite', line_key) < 0.5
            then (pick('assortment', cust, getvariable('products'))
                + floor(pow(u('product', line_key), 2) * 15)::bigint) % getvariable('products')
            else least(getvariable('products') - 1,
                floor(pow(u('product', line_key), 2.5) * getvariable('products'))::bigint) end as product,
        -- A customer buys by the piece or by the case; pallets are for those who buy in bursts.
        case when is_erratic and u('unit', line_key) < 0.05 then 'PAL'
            when cust % 10 < 4 and u('unit', line_key) < 0.95 then 'CS'
            else 'EA' end as uom
    from numbered
),
priced as (
    select
        c.*, p.family, p.case_units, p.stockout_factor,
        case c.uom when 'EA' then 1 when 'CS' then p.case_units else p.pallet_units end as units,
        greatest(1, floor(
            case c.uom when 'EA' then 25.0 when 'CS' then 60.0 / p.case_units else 1.0 end
            * case when c.is_erratic then 0.2 + 2.5 * pow(u('quantity', line_key), 2)
                else 0.6 + 0.8 * u('quantity', line_key) end
            * case c.uom when 'PAL' then 1.0 else c.quantity_share * c.burst end
        ))::bigint as qty,
        (
            round(p.price_eur * case c.currency when 'EUR' then 1.00 when 'GBP' then 0.85 else 1.10 end::decimal(4, 2), 2)
            * case c.uom when 'EA' then 1 when 'CS' then p.case_units else p.pallet_units end::decimal(4, 0)
        )::decimal(12, 2) as list_price,
        case
            when c.order_type in ('SAMPLE', 'FREE') then 100.0
            else greatest(0, c.discount_pct + pick('discount', line_key, 41) * 0.1 - 2.0)
        end::decimal(5, 1) as discount,
        u('fate', line_key) as fate_pick
    from chosen as c
    inner join product as p on p.product = c.product
),
fated as (
    select
        *,
        (list_price * ((100 - discount) * 0.01)::decimal(4, 3))::decimal(12, 6) as net_price,
        case
            when cancelled_at is not null then 'ORDER_WITHDRAWN'
            when order_type in ('SAMPLE', 'FREE') then 'NORMAL'
            when fate_pick < 0.010 then 'CUSTOMER_CANCELS_EARLY'
            when fate_pick < 0.020 and qty >= 3 then 'CUSTOMER_REDUCES_EARLY'
            when fate_pick < 0.025 then 'CUSTOMER_CANCELS_LATE'
            when fate_pick < 0.030 and qty >= 3 then 'CUSTOMER_REDUCES_LATE'
            when fate_pick < 0.037 then 'SELLER_CANCELS'
            when fate_pick < 0.039 then 'NEVER_SHIPPED'
            when fate_pick < 0.060 and is_partial_allowed and qty >= 2 then 'SPLIT'
            when fate_pick < 0.068 and qty >= 10 then 'PICK_SHORT'
            when fate_pick < 0.074 and qty >= 50 then 'UNDER_DELIVERED'
            when fate_pick < 0.080 and qty >= 50 then 'OVER_DELIVERED'
            when fate_pick < 0.100 then 'SELLER_MOVES'
            when fate_pick < 0.120 then 'CUSTOMER_MOVES'
            when fate_pick < 0.120 + stockout_share * stockout_factor then 'STOCKOUT'
            else 'NORMAL'
        end as fate
    from priced
),
planned as (
    select
        *,
        -- Quantity of the first and of the second piece, and working days after the plan.
        case
            when fate in ('ORDER_WITHDRAWN', 'CUSTOMER_CANCELS_EARLY', 'CUSTOMER_CANCELS_LATE',
                'SELLER_CANCELS', 'NEVER_SHIPPED') then 0
            when fate in ('CUSTOMER_REDUCES_EARLY', 'CUSTOMER_REDUCES_LATE') then qty - qty * 3 // 10 - 1
            when fate = 'SPLIT' then (qty * 6 + 9) // 10
            when fate = 'PICK_SHORT' then qty - greatest(1, qty // 20)
            when fate = 'UNDER_DELIVERED' then qty - greatest(1, qty // 100)
            when fate = 'OVER_DELIVERED' then qty + greatest(1, qty // 100)
            when fate = 'STOCKOUT' then floor(qty * 0.8 * u('available', line_key))::bigint
            else qty
        end as first_qty,
        case when fate in ('SPLIT', 'STOCKOUT') then qty - first_qty else 0 end as second_qty,
        case fate when 'SELLER_MOVES' then 2 + pick('moved by', line_key, 6)
            when 'CUSTOMER_MOVES' then 3 + pick('moved by', line_key, 8) else 0 end as first_shift,
        case fate when 'SPLIT' then 1 + pick('moved by', line_key, 3)
            when 'STOCKOUT' then 3 + pick('moved by', line_key, 8) else 0 end as second_shift,
        case fate when 'SELLER_MOVES' then 1 + pick('moves', line_key, 3) when 'CUSTOMER_MOVES' then 1
            when 'STOCKOUT' then (u('told', line_key) < 0.7)::bigint else 0 end as change_count,
        case fate when 'SELLER_MOVES' then 'SELLER' when 'STOCKOUT' then 'SELLER'
            when 'CUSTOMER_MOVES' then 'CUSTOMER' end as changed_by
    from fated
)
select
    * replace (
        case
            when fate = 'ORDER_WITHDRAWN' then cancelled_at
            when fate in ('CUSTOMER_CANCELS_EARLY', 'CUSTOMER_REDUCES_EARLY')
                then ordered_at + to_seconds((date_diff('second', ordered_at, cutoff_at) * 0.9 * u('when', line_key))::bigint)
            when fate in ('CUSTOMER_CANCELS_LATE', 'CUSTOMER_REDUCES_LATE', 'SELLER_CANCELS')
                then cutoff_at + to_seconds(600 + pick('when', line_key, 18000))
            when fate = 'PICK_SHORT' then cutoff_at + interval 36 hour
        end as cancelled_at
    ),
    fate = 'STOCKOUT' and u('supplier late', line_key) < 0.5 as is_supplier_late,
    case when fate in ('ORDER_WITHDRAWN', 'CUSTOMER_CANCELS_EARLY', 'CUSTOMER_CANCELS_LATE',
            'CUSTOMER_REDUCES_EARLY', 'CUSTOMER_REDUCES_LATE', 'SELLER_CANCELS', 'PICK_SHORT')
        then qty - first_qty else 0 end as cancelled_qty,
    case when fate in ('SELLER_CANCELS', 'PICK_SHORT') then 'SELLER'
        when fate = 'ORDER_WITHDRAWN' or fate like 'CUSTOMER_CANCELS%' or fate like 'CUSTOMER_REDUCES%'
        then 'CUSTOMER' end as cancelled_by
from planned;

create or replace temp table order_value as
select order_no, sum(round(net_price * qty::decimal(6, 0), 2))::decimal(18, 4) as total_net
from lines
group by order_no;
