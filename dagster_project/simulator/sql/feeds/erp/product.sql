select
    product_code(product) as product_id,
    family || ' ' || lpad(product::varchar, 4, '0') as name,
    family,
    family || ' ' || ['light', 'medium', 'heavy'][1 + pick('category', product, 3)] as category,
    'EA' as base_uom,
    weight_kg::decimal(18, 6) as net_weight_kg,
    volume_m3::decimal(18, 6) as volume_m3,
    case_units::decimal(18, 6) as units_per_case,
    (pallet_units // case_units)::decimal(18, 6) as cases_per_pallet,
    ['A', 'B', 'C'][1 + (product > getvariable('products') * 0.15)::int + (product > getvariable('products') * 0.5)::int]
        as criticality,
    case when family_no in (1, 3) then 365 else null end::bigint as shelf_life_days,
    family_no = 3 as is_hazmat,
    product % 29 = 5 as is_cold_chain,
    date '2019-01-01' + pick('launched', product, 900)::int as launch_date,
    null::date as discontinue_date,
    null as successor_product_id,
    '39' || lpad(pick('tariff', product, 10000)::varchar, 4, '0') as hs_code,
    product % 40 = 17 as is_kit
from product
