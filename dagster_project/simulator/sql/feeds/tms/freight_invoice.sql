select
    freight_invoice_id,
    charge_type,
    'CR' || lpad(carrier::varchar, 3, '0') as carrier_id,
    case when load_no is not null then load_code(load_no) end as load_id,
    case when shipment_no is not null then shipment_code(shipment_no) end as shipment_id,
    amount::decimal(18, 4) as amount,
    currency,
    weight_kg::decimal(18, 6) as billed_weight_kg,
    billed_on as invoice_date,
    window_of(known_at) as _window
from freight
