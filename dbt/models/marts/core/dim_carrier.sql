select
    carrier_id,
    carrier_name,
    scac,
    modes,
    is_hazmat_approved,
    insured_to_date
from {{ ref('int_carrier__carrier') }}
