with

months as (

    select * from {{ ref('int_service__split') }}

),

final as (

    select
        site_id,
        product_family,
        demand_month,
        series_count,
        demand_base_qty,
        planned_base_qty,
        open_planned_base_qty,
        open_actual_demand_base_qty,
        open_actual_supply_base_qty,
        open_actual_base_qty,
        cast(open_actual_base_qty - open_planned_base_qty as decimal(28, 7)) as open_beyond_plan_base_qty,
        demand_part_base_qty,
        execution_part_base_qty,
        bias_part_base_qty,
        noise_part_base_qty
    from months

)

select * from final
