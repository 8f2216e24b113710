-- One movement per article and site between two counts of the stock: what came or went on balance.
with counted as (
    select day, dc_no, dc, product, sum(qty) as qty
    from stock
    group by all
),
changes as (
    select
        *,
        qty - lag(qty) over (partition by dc_no, product order by day) as moved_qty,
        lag(day) over (partition by dc_no, product order by day) as day_before,
        (product * 16 + dc_no) * 4096 + date_diff('day', date '2023-01-01', day) as key
    from counted
),
dated as (
    select
        *,
        (day_before + 1 + pick('moved', key, date_diff('day', day_before, day))::int)::date as moved_on
    from changes
    where moved_qty <> 0
)
select
    'MV' || lpad(key::varchar, 10, '0') as movement_id,
    moved_on + to_seconds(28800 + pick('moved at', key, 28800)) as moved_at,
    dc as site_id,
    product_code(product) as product_id,
    case
        when u('adjusted', key) < 0.02 then 'ADJUST'
        when moved_qty > 0 then 'RECEIPT'
        else 'ISSUE'
    end as movement_type,
    moved_qty::decimal(18, 4) as moved_base_qty,
    null as reference,
    window_of(moved_on + interval 22 hour) as _window
from dated
