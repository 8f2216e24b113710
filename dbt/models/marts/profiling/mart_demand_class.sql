{%- set limit_names = [
    'adi_limit', 'cv2_limit', 'min_demands', 'last_quarter_periods', 'obsolete_min_periods',
    'obsolete_adi_multiple', 'volume_share_limit', 'volume_months',
] -%}
with

limits as (

    select
        {% for name in limit_names -%}
        max(case when limit_name = '{{ name }}' then limit_value end) as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('demand_class_rule') }}

),

series as (

    -- An earlier spell of a customer who came back is history that no class is made of.
    select * from {{ ref('int_demand__series') }}
    where is_current_spell

),

complete_months as (

    -- The current spells all run to the same last month.
    select
        series.*,
        (extract(year from newest.demand_month) - extract(year from series.demand_month)) * 12
        + extract(month from newest.demand_month) - extract(month from series.demand_month) as months_ago
    from series
    cross join (select max(demand_month) as demand_month from series where is_complete_month) as newest
    where series.is_complete_month

),

demands as (

    select
        complete_months.*,
        -- What a promotion added is no habit of the customer; one-off orders are judged beside.
        cast(case when is_promo then cleansed_base_qty else demand_base_qty end as decimal(18, 6)) as size_qty,
        case
            when is_promo then {{ times('cleansed_base_qty', 'cleansed_base_qty') }}
            else {{ times('demand_base_qty', 'demand_base_qty') }}
        end as squared_qty,
        period_no - lag(period_no) over (partition by entity_id, product_family order by period_no) as gap_periods
    from complete_months
    where demand_base_qty > 0

),

histories as (

    select
        entity_id,
        product_family,
        min(demand_month) as first_demand_month,
        max(case when demand_base_qty > 0 then demand_month end) as last_demand_month,
        max(case when is_reactivated then 1 else 0 end) = 1 as is_reactivated,
        max(base_uom) as base_uom
    from series
    group by entity_id, product_family

),

periods as (

    select
        complete_months.entity_id,
        complete_months.product_family,
        count(*) as n_periods,
        sum(case when months_ago < limits.last_quarter_periods then 1 else 0 end) as recent_count,
        sum(case when months_ago < limits.last_quarter_periods and demand_base_qty = 0 then 1 else 0 end)
            as recent_zero_count,
        sum(case when is_promo then 1 else 0 end) as promo_count,
        sum(case when is_one_off then 1 else 0 end) as one_off_count,
        sum(case when months_ago < limits.volume_months then demand_base_qty else 0 end) as volume_base_qty,
        sum(case when months_ago < limits.volume_months then demand_amount_group else 0 end) as amount_group
    from complete_months
    cross join limits
    group by complete_months.entity_id, complete_months.product_family

),

sums as (

    -- Exact sums; the doubles below are made of them in one go, so no order of rows shows.
    select
        entity_id,
        product_family,
        max(period_no) as last_period_no,
        count(*) as n_demands,
        cast(sum(size_qty) as double) as total,
        cast(sum(squared_qty) as double) as total_squared,
        count(case when not is_one_off then 1 end) as n_demands_robust,
        cast(sum(case when not is_one_off then size_qty else 0 end) as double) as total_robust,
        cast(sum(case when not is_one_off then squared_qty else 0 end) as double) as total_squared_robust,
        count(gap_periods) as gap_count,
        sum(gap_periods) as gap_total,
        sqrt(cast(count(gap_periods) * sum(gap_periods * gap_periods) - sum(gap_periods) * sum(gap_periods) as double))
            as gap_spread
    from demands
    group by entity_id, product_family

),

measured as (

    select
        histories.*,
        coalesce(periods.n_periods, 0) as n_periods,
        coalesce(sums.n_demands, 0) as n_demands,
        coalesce(sums.n_demands_robust, 0) as n_demands_robust,
        coalesce(periods.promo_count, 0) as promo_count,
        coalesce(periods.one_off_count, 0) as one_off_count,
        coalesce(periods.n_periods - coalesce(sums.last_period_no, 0), 0) as trailing_zero_count,
        coalesce(periods.volume_base_qty, 0) as volume_base_qty,
        coalesce(periods.amount_group, 0) as amount_group,
        cast(round({{ safe_divide('sums.last_period_no', 'sums.n_demands') }}, 10) as decimal(18, 10)) as adi,
        -- Squared standard deviation (n - 1) over squared mean, from sums alone.
        {% for suffix in ['', '_robust'] -%}
        {%- set n, total = 'sums.n_demands' ~ suffix, 'sums.total' ~ suffix -%}
        case
            when {{ n }} >= 2 then cast(round(greatest({{ safe_divide(
                n ~ ' * (' ~ n ~ ' * sums.total_squared' ~ suffix ~ ' - ' ~ total ~ ' * ' ~ total ~ ')',
                '(' ~ n ~ ' - 1) * (' ~ total ~ ' * ' ~ total ~ ')'
            ) }}, cast(0 as double)), 10) as decimal(18, 10))
        end as cv2{{ suffix }},
        {% endfor -%}
        -- Spread less mean over spread plus mean of the intervals between demands.
        case
            when sums.gap_count >= 2 then cast(
                round({{ safe_divide('sums.gap_spread - sums.gap_total', 'sums.gap_spread + sums.gap_total') }}, 10)
                as decimal(18, 10)
            )
        end as burstiness,
        {{ safe_divide('periods.recent_zero_count', 'periods.recent_count') }} as zero_share_last_quarter
    from histories
    left join periods
        on histories.entity_id = periods.entity_id
        and histories.product_family = periods.product_family
    left join sums
        on histories.entity_id = sums.entity_id
        and histories.product_family = sums.product_family

),

classed as (

    select
        measured.*,
        limits.volume_share_limit,
        {% for suffix in ['', '_robust'] -%}
        case
            when n_demands{{ suffix }} < limits.min_demands then 'UNDETERMINED'
            when adi < limits.adi_limit and cv2{{ suffix }} < limits.cv2_limit then 'SMOOTH'
            when adi < limits.adi_limit then 'ERRATIC'
            when cv2{{ suffix }} < limits.cv2_limit then 'INTERMITTENT'
            else 'LUMPY'
        end as demand_class{{ suffix }},
        {% endfor -%}
        coalesce(
            trailing_zero_count >= limits.obsolete_min_periods
            and trailing_zero_count >= limits.obsolete_adi_multiple * adi,
            false
        ) as is_obsolete,
        {{ safe_divide(
            'coalesce(sum(volume_base_qty) over (partition by product_family'
            ~ ' order by volume_base_qty desc, entity_id'
            ~ ' rows between unbounded preceding and 1 preceding), 0)',
            'sum(volume_base_qty) over (partition by product_family)'
        ) }} as volume_share_before
    from measured
    cross join limits

),

ruled as (

    select
        classed.*,
        case
            when volume_share_before < cast(volume_share_limit as double) then 'REGULAR'
            else 'SPORADIC'
        end as volume_rule_class,
        case
            when demand_class in ('SMOOTH', 'ERRATIC') then 'REGULAR'
            when demand_class in ('INTERMITTENT', 'LUMPY') then 'SPORADIC'
        end as rhythm
    from classed

),

clusters as (

    select * from {{ source('analytics', 'demand_cluster') }}

),

final as (

    select
        ruled.entity_id,
        ruled.product_family,
        base_uom,
        first_demand_month,
        last_demand_month,
        is_reactivated,
        case when is_reactivated then first_demand_month end as reactivated_month,
        cast(n_periods as bigint) as n_periods,
        cast(n_demands as bigint) as n_demands,
        adi,
        cv2,
        demand_class,
        case when demand_class = 'UNDETERMINED' then 'too few demands in complete months' end as undetermined_reason,
        cast(promo_count as bigint) as promo_months_count,
        cast(one_off_count as bigint) as one_off_months_count,
        cv2_robust as cv2_without_one_off,
        demand_class_robust as demand_class_without_one_off,
        demand_class = demand_class_robust as is_class_robust,
        burstiness,
        zero_share_last_quarter,
        cast(trailing_zero_count as bigint) as trailing_zero_months_count,
        is_obsolete,
        case
            when demand_class = 'UNDETERMINED' then 'EMPIRICAL_BAYES'
            when is_obsolete then 'TSB'
            when demand_class = 'SMOOTH' then 'AUTO_ETS'
            when demand_class = 'ERRATIC' then 'SES'
            else 'SBA'
        end as forecast_method,
        cast(volume_base_qty as decimal(18, 6)) as volume_base_qty,
        cast(amount_group as decimal(18, 4)) as demand_amount_group,
        volume_rule_class,
        rhythm <> volume_rule_class as is_volume_rule_wrong,
        clusters.cluster_id,
        clusters.cluster_label,
        clusters.cluster_probability,
        clusters.trend,
        clusters.seasonality_strength
    from ruled
    left join clusters
        on ruled.entity_id = clusters.entity_id
        and ruled.product_family = clusters.product_family

)

select
    entity_id,
    product_family,
    base_uom,
    first_demand_month,
    last_demand_month,
    is_reactivated,
    reactivated_month,
    n_periods,
    n_demands,
    adi,
    cv2,
    demand_class,
    undetermined_reason,
    promo_months_count,
    one_off_months_count,
    cv2_without_one_off,
    demand_class_without_one_off,
    is_class_robust,
    burstiness,
    zero_share_last_quarter,
    trailing_zero_months_count,
    is_obsolete,
    forecast_method,
    volume_base_qty,
    demand_amount_group,
    volume_rule_class,
    is_volume_rule_wrong,
    cluster_id,
    cluster_label,
    cluster_probability,
    trend,
    seasonality_strength
from final
