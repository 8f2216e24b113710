-- What the lines of these months ask of the stock, and the purchase orders that left them without.

insert into asked
select product, dc, month_no, sum(qty * units)::bigint
from lines
where order_type <> 'DROPSHIP'
group by all;

insert into late_supply
select
    line_key, product, dc, qty * units,
    (cutoff_at::date - 1 - pick('supply promised', line_key, 3)::int)::date,
    (cutoff_at::date + 2 + pick('supply received', line_key, 2)::int)::date
from lines
where fate = 'STOCKOUT' and is_supplier_late;
