select
    'CR' || lpad(carrier::varchar, 3, '0') as carrier_id,
    name,
    scac,
    modes,
    is_hazmat_approved,
    date '2027-06-30' as insured_to_date
from carrier
