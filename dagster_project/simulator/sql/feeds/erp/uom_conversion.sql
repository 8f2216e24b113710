select
    null as product_id, from_uom, 'EA' as to_uom, factor::decimal(18, 6) as factor, date '2015-01-01' as valid_from
from (values ('CS', 12), ('PAL', 480)) as t(from_uom, factor)
union all
select product_code(product), 'CS', 'EA', case_units::decimal(18, 6), date '2015-01-01'
from product
where case_units <> 12
union all
select product_code(product), 'PAL', 'EA', pallet_units::decimal(18, 6), date '2015-01-01'
from product
where pallet_units <> 480
