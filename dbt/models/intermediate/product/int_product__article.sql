with

conversions as (

    select product_id, cast(count(*) as bigint) as unit_count
    from {{ ref('int_product__unit_factor') }}
    group by product_id

),

final as (

    select
        product.product_id,
        product.name as product_name,
        product.family as product_family,
        product.category as product_category,
        product.base_uom,
        unit.unit_name as base_uom_name,
        coalesce(conversions.unit_count, 0) as unit_count,
        product.net_weight_kg,
        product.volume_m3,
        product.units_per_case,
        product.cases_per_pallet,
        product.criticality,
        product.shelf_life_days,
        product.is_hazmat,
        product.is_cold_chain,
        product.is_kit,
        product.launch_date,
        product.discontinue_date,
        product.successor_product_id,
        product.hs_code
    from {{ ref('stg_erp__product') }} as product
    left join {{ ref('unit_of_measure') }} as unit on product.base_uom = unit.uom
    left join conversions on product.product_id = conversions.product_id

)

select * from final
