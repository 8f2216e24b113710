with

classes as (

    select * from {{ ref('mart_demand_class') }}

),

counted as (

    select
        demand_class,
        count(*) as series_count,
        sum(case when volume_rule_class = 'REGULAR' then 1 else 0 end) as volume_regular_count,
        sum(case when volume_rule_class = 'SPORADIC' then 1 else 0 end) as volume_sporadic_count,
        count(is_volume_rule_wrong) as judged_count,
        sum(case when is_volume_rule_wrong then 1 else 0 end) as mislabelled_count,
        count(distinct case when is_volume_rule_wrong then entity_id end) as mislabelled_entities_count,
        sum(demand_amount_group) as demand_amount_group,
        sum(case when is_volume_rule_wrong then demand_amount_group else 0 end) as mislabelled_amount_group
    from classes
    group by demand_class

)

select
    demand_class,
    cast(series_count as bigint) as series_count,
    cast(volume_regular_count as bigint) as volume_regular_series_count,
    cast(volume_sporadic_count as bigint) as volume_sporadic_series_count,
    case when judged_count > 0 then cast(mislabelled_count as bigint) end as mislabelled_series_count,
    case when judged_count > 0 then cast(mislabelled_entities_count as bigint) end as mislabelled_entities_count,
    case when judged_count > 0 then {{ safe_divide('mislabelled_count', 'judged_count') }} end as mislabelled_share,
    cast(demand_amount_group as decimal(18, 4)) as demand_amount_group,
    case when judged_count > 0 then cast(mislabelled_amount_group as decimal(18, 4)) end as mislabelled_amount_group,
    case when judged_count = 0 then 'too few demands to say what is right' end as null_reason
from counted
