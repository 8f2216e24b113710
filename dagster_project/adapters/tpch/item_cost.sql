select
    ps_partkey as product_id,
    'S-' || ps_suppkey as site_id,
    'PURCHASE' as cost_type,
    (select min(cast(o_orderdate as date)) from orders) as valid_from,
    ps_supplycost as amount,
    'USD' as currency,
    'EA' as per_uom
from partsupp
