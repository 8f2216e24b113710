with

batches as (

    select
        *,
        system || '.' || feed as feed_name
    from {{ ref('stg_landing__batch') }}

),

-- A batch that came in badly is done with once its correction, its own window, or a later full
-- extract has been accepted.
unresolved as (

    select
        batch.feed_name,
        batch.batch_id,
        batch.status || ': ' || coalesce(batch.reason, 'no reason given') as problem
    from batches as batch
    where batch.status in ('held', 'waiting')
        and not exists (
            select 1 from batches as later
            where later.feed_name = batch.feed_name
                and later.batch_id <> batch.batch_id
                and (
                    later.supersedes_batch_id = batch.batch_id
                    or (later.status = 'accepted' and later.mode = 'FULL' and later.extracted_at > batch.extracted_at)
                    or (
                        later.status = 'accepted' and later.is_active
                        and later.window_from = batch.window_from
                        and later.window_to = batch.window_to
                    )
                )
        )

),

miscounted as (

    select feed_name, batch_id, 'manifest says ' || cast(manifest_rows as string) || ' rows, found '
        || cast(landed_rows as string) as problem
    from batches
    where status = 'accepted'
        and manifest_rows <> landed_rows

),

-- Nothing says which of the rows is meant.
repeated as (

    select feed_name, batch_id, cast(duplicate_key_rows as string)
        || ' rows repeat a key of the same batch' as problem
    from batches
    where is_active
        and duplicate_key_rows > 0

),

full_extracts as (

    select feed_name, source_system, max(extracted_at) as extracted_at
    from batches
    where is_active and mode = 'FULL'
    group by feed_name, source_system

),

windows as (

    select
        batch.feed_name,
        batch.batch_id,
        batch.window_from,
        full_extract.extracted_at as full_extracted_at,
        max(batch.window_to) over (
            partition by batch.feed_name, batch.source_system
            order by batch.window_from, batch.window_to, batch.batch_id
            rows between unbounded preceding and 1 preceding
        ) as reached_at
    from batches as batch
    left join full_extracts as full_extract
        on batch.feed_name = full_extract.feed_name
        and batch.source_system = full_extract.source_system
    where batch.is_active and batch.mode = 'DELTA'

),

broken_windows as (

    select
        feed_name,
        batch_id,
        (case when window_from > coalesce(reached_at, full_extracted_at) then 'gap' else 'overlap' end)
            || ': the window starts at ' || cast(window_from as string) || ' and the one before ends at '
            || cast(coalesce(reached_at, full_extracted_at) as string) as problem
    from windows
    where window_from <> reached_at
        or (reached_at is null and window_from > full_extracted_at)

),

problems as (

    select feed_name, batch_id, problem from unresolved
    union all
    select feed_name, batch_id, problem from miscounted
    union all
    select feed_name, batch_id, problem from repeated
    union all
    select feed_name, batch_id, problem from broken_windows

),

feeds as (

    select feed_name, count(*) as batch_count from batches group by feed_name

),

counted as (

    select
        feeds.feed_name,
        feeds.batch_count,
        count(problems.batch_id) as problem_count,
        min(problems.batch_id || ' ' || problems.problem) as first_problem
    from feeds
    left join problems on feeds.feed_name = problems.feed_name
    group by feeds.feed_name, feeds.batch_count

)

select
    {{ control_row(
        'R-12', 'CRITICAL', "'feed=' || feed_name", 'problem_count', '0',
        "coalesce(first_problem, cast(batch_count as string)
            || ' batches, complete, without gap, overlap or repeated key')"
    ) }}
from counted
