select
    p_partkey as product_id,
    p_name as name,
    p_brand as family,
    p_type as category,
    'EA' as base_uom,
    false as is_hazmat,
    false as is_cold_chain,
    false as is_kit
from part
