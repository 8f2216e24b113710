select
    ShipperID as carrier_id,
    clean_text(CompanyName) as name,
    false as is_hazmat_approved
from shippers
