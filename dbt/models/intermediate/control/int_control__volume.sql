{{ config(materialized='view') }}

{#-
    Windows of a week or more are compared with the windows before them. Shorter ones have a rhythm
    of weekdays: they are compared with windows of the same length that start on the same weekday.
-#}
with

windows as (

    select
        batch.system || '.' || batch.feed as feed_name,
        batch.window_from,
        batch.window_to,
        cast(batch.accepted_rows as decimal(18, 4)) as row_count,
        {{ days_between('cast(batch.window_from as date)', 'cast(batch.window_to as date)') }} as day_count,
        {{ iso_weekday('cast(batch.window_from as date)') }} as weekday_no
    from {{ ref('stg_landing__batch') }} as batch
    inner join {{ ref('int_control__feed') }} as feed
        on batch.system = feed.system
        and batch.feed = feed.feed
    where batch.is_active
        and batch.mode = 'DELTA'
        and feed.is_large
        and batch.window_to > batch.window_from

),

ranked as (

    select
        *,
        row_number() over (partition by feed_name order by window_from desc, window_to desc, row_count desc) as age_no
    from windows
    where day_count > 0

),

newest as (

    select * from ranked where age_no = 1

),

history as (

    select
        newest.feed_name,
        past.row_count,
        past.day_count,
        row_number() over (partition by newest.feed_name order by past.window_from desc, past.window_to desc, past.row_count desc) as rank_no
    from newest
    inner join ranked as past
        on newest.feed_name = past.feed_name
        and past.age_no > 1
        and (
            (newest.day_count >= 7 and past.day_count >= 7)
            or (newest.day_count = past.day_count and newest.weekday_no = past.weekday_no)
        )

),

bands as (

    select
        feed_name,
        count(*) as history_count,
        {{ safe_divide('sum(row_count)', 'sum(day_count)') }} as usual_rows_per_day
    from history
    where rank_no <= {{ gate_limit('P-04', 'max_history') }}
    group by feed_name

),

judged as (

    select
        newest.feed_name,
        newest.row_count,
        cast(round(bands.usual_rows_per_day * newest.day_count, 4) as decimal(18, 4)) as expected_rows,
        coalesce(bands.history_count, 0) as history_count,
        {{ gate_limit('P-04', 'min_ratio', 'newest.feed_name') }} as min_ratio,
        {{ gate_limit('P-04', 'max_ratio', 'newest.feed_name') }} as max_ratio,
        {{ gate_limit('P-04', 'min_history') }} as min_history,
        {{ gate_limit('P-04', 'min_expected_rows') }} as min_expected_rows
    from newest
    left join bands on newest.feed_name = bands.feed_name

),

results as (

    select
        {{ control_row(
            'P-04', 'HIGH', "'feed=' || feed_name", 'row_count', 'coalesce(expected_rows, 0)',
            "case
                when history_count < min_history then 'not judged: ' || cast(history_count as string)
                    || ' comparable windows before'
                when expected_rows < min_expected_rows then 'not judged: too few rows to tell chance from loss'
                else 'rows of the newest window against ' || cast(history_count as string)
                    || ' windows before it'
            end",
            status="case
                when history_count < min_history or expected_rows < min_expected_rows then 'NO_DATA'
                when row_count between expected_rows * min_ratio and expected_rows * max_ratio then 'PASS'
                else 'FAIL'
            end"
        ) }}
    from judged

),

no_windows as (

    select
        {{ control_row('P-04', 'HIGH', "'all'", '0', '0', "'no feed comes in windows yet'", status="'NO_DATA'") }}
    from (select count(*) as window_count from windows) as window_counts
    where window_count = 0

)

select * from results
union all
select * from no_windows
