-- What was missing in the first delivery comes two days after it.
with parts as (
    select *, 1 as part, received_on as came_on, received_units as qty from purchase
    union all
    select *, 2, (received_on + 2)::date, units - received_units from purchase where received_units < units
)
select
    'RC' || po_id || lpad(line_no::varchar, 5, '0') || '-' || part as receipt_id,
    po_id,
    line_no,
    came_on + interval 7 hour as received_at,
    qty::decimal(18, 4) as received_qty,
    0::decimal(18, 4) as rejected_qty,
    window_of(came_on + interval 7 hour) as _window
from parts
where came_on + interval 7 hour < getvariable('end_at')
