with

stages as (

    select * from {{ ref('int_service__bottleneck') }}

),

standards as (

    select stage, standard_minutes from {{ ref('stage_standard') }}

),

final as (

    select
        stages.stage,
        stages.stage_no,
        stages.site_id,
        stages.segment_key,
        stages.first_day as first_ordered_date,
        stages.last_day as last_ordered_date,
        stages.shipments_count,
        stages.measured_count,
        {{ safe_divide('stages.measured_count', 'stages.shipments_count') }} as coverage_share,
        case
            when stages.measured_count = 0 then 'no times of this stage in the sources'
            when standards.standard_minutes is null then 'no standard holds for this stage'
        end as null_reason,
        standards.standard_minutes,
        {{ safe_divide('stages.total_minutes', 'stages.measured_count') }} as mean_minutes,
        stages.delayed_count,
        stages.delay_minutes,
        stages.peak_hour as peak_hour_utc,
        stages.lines_count,
        stages.late_lines_count,
        {{ safe_divide('stages.late_lines_count', 'sum(stages.late_lines_count) over (partition by stages.segment_key)') }}
            as late_lines_share,
        stages.late_amount_group,
        stages.delayed_amount_group,
        stages.excess_amount_group,
        stages.hit_index,
        stages.hit_index_low,
        stages.hit_index_high,
        stages.is_longest_wait,
        stages.is_flagged,
        stages.place_no
    from stages
    left join standards on stages.stage = standards.stage

)

select * from final
