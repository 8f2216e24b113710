with

years as (

    select
        entity_id,
        net_revenue_group,
        net_to_serve_group,
        case when net_revenue_group > 0 then {{ safe_divide('net_to_serve_group', 'net_revenue_group') }} end
            as net_to_serve_ratio,
        net_to_serve_basis,
        null_reason
    from {{ ref('int_profit__entity_year') }}

),

-- Equal profits are ranked by name, so that the curve is one; they share a score all the same.
ranked as (

    select
        entity_id,
        row_number() over (order by net_to_serve_group desc, entity_id) as profit_rank,
        count(*) over () as customers_count,
        sum(net_to_serve_group) over (
            order by net_to_serve_group desc, entity_id rows between unbounded preceding and current row
        ) as cumulative_profit_group,
        sum(net_to_serve_group) over () as final_profit_group,
        count(*) over (
            order by net_to_serve_group, case when net_to_serve_ratio is null then 0 else 1 end, net_to_serve_ratio
            range between unbounded preceding and current row
        ) as no_better_count
    from years
    where net_to_serve_group is not null

),

peaks as (

    select
        ranked.*,
        max(cumulative_profit_group) over () as peak_profit_group
    from ranked

),

curve as (

    select
        peaks.*,
        min(case when cumulative_profit_group = peak_profit_group then profit_rank end) over () as peak_rank
    from peaks

)

select
    years.entity_id,
    cast(curve.profit_rank as bigint) as profit_rank,
    years.net_revenue_group,
    years.net_to_serve_group,
    years.net_to_serve_ratio,
    years.net_to_serve_basis,
    {{ safe_divide('curve.no_better_count', 'curve.customers_count') }} as profit_score,
    {{ safe_divide('curve.profit_rank', 'curve.customers_count') }} as cumulative_customers_share,
    cast(curve.cumulative_profit_group as decimal(18, 4)) as cumulative_profit_group,
    case
        when curve.final_profit_group > 0
            then {{ safe_divide('curve.cumulative_profit_group', 'curve.final_profit_group') }}
    end as cumulative_profit_share,
    coalesce(curve.profit_rank = curve.peak_rank, false) as is_peak,
    cast(curve.peak_profit_group as decimal(18, 4)) as peak_profit_group,
    cast(curve.final_profit_group as decimal(18, 4)) as final_profit_group,
    case
        when curve.final_profit_group > 0
            then {{ safe_divide('curve.peak_profit_group', 'curve.final_profit_group') }}
    end as peak_ratio,
    case
        when years.null_reason is not null then years.null_reason
        when years.net_to_serve_group is null then 'net-to-serve is unknown'
        when curve.final_profit_group <= 0 then 'profit of all customers is not positive'
        when years.net_revenue_group <= 0 then 'net revenue is not positive'
    end as null_reason
from years
left join curve on years.entity_id = curve.entity_id
