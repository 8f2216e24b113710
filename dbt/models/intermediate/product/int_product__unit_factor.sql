with

products as (

    select product_id, base_uom from {{ ref('stg_erp__product') }}

),

conversions as (

    select product_id, from_uom, to_uom, factor from {{ ref('stg_erp__uom_conversion') }}

),

both_ways as (

    select product_id, from_uom as uom, to_uom as base_uom, cast(factor as decimal(18, 8)) as factor, 0 as is_inverse
    from conversions

    union all

    select product_id, to_uom, from_uom, cast(round({{ safe_divide('1', 'factor') }}, 8) as decimal(18, 8)), 1
    from conversions

),

candidates as (

    select product_id, base_uom as uom, cast(1 as decimal(18, 8)) as factor, 'BASE' as method, 0 as preference
    from products

    union all

    select
        products.product_id,
        both_ways.uom,
        both_ways.factor,
        case when both_ways.is_inverse = 1 then 'PRODUCT_INVERSE' else 'PRODUCT' end,
        1 + both_ways.is_inverse
    from products
    inner join both_ways
        on products.product_id = both_ways.product_id
        and products.base_uom = both_ways.base_uom

    union all

    select
        products.product_id,
        both_ways.uom,
        both_ways.factor,
        case when both_ways.is_inverse = 1 then 'GLOBAL_INVERSE' else 'GLOBAL' end,
        3 + both_ways.is_inverse
    from products
    inner join both_ways on products.base_uom = both_ways.base_uom
    where both_ways.product_id is null

),

ranked as (

    select
        *,
        row_number() over (partition by product_id, uom order by preference) as rank_no
    from candidates
    where factor > 0

),

final as (

    select product_id, uom, factor, method from ranked where rank_no = 1

)

select * from final
