select distinct
    l_shipmode as carrier_id,
    l_shipmode as name,
    case l_shipmode
        when 'AIR' then 'AIR'
        when 'REG AIR' then 'AIR'
        when 'RAIL' then 'RAIL'
        when 'SHIP' then 'SEA'
        when 'TRUCK' then 'FTL'
        when 'MAIL' then 'PARCEL'
        when 'FOB' then 'OWN'
    end as modes,
    false as is_hazmat_approved
from lineitem
