select
    order_id,
    line_no,
    1 as schedule_no,
    1 as revision,
    product_id,
    quantity as ordered_qty,
    'EA' as uom,
    -- Six decimals per unit give back the amount of the line at four, for any quantity up to 99.
    gross / quantity as list_price,
    (gross - discount) / quantity as net_price,
    discount_rate * 100 as discount_pct,
    promised_ship_at,
    case when is_cancelled then quantity end as cancelled_qty,
    case when is_cancelled and order_status = 'SUSPECTED_FRAUD' then 'SELLER' end as cancelled_by,
    case when is_cancelled then ordered_at end as cancelled_at,
    case when is_cancelled then order_status end as cancel_reason
from order_line
inner join order_header using (order_id)
