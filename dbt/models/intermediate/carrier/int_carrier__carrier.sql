select
    carrier_id,
    name as carrier_name,
    scac,
    modes,
    is_hazmat_approved,
    insured_to_date
from {{ ref('stg_tms__carrier') }}
