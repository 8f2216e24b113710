{{ config(materialized='view') }}

{#- Every entity that can buy is in exactly one segment of each active scheme. -#}
with

schemes as (

    select scheme_id from {{ ref('segment_scheme') }}
    where status = 'ACTIVE'

),

current_members as (

    select scheme_id, entity_id, count(*) as segment_count
    from {{ ref('dim_customer_segment') }}
    where is_current
    group by scheme_id, entity_id

),

entities as (

    -- Accounts opened after the logical date wait for it.
    select entity_id from {{ ref('int_segment__entity') }}
    where start_date <= {{ as_of() }}

),

compared as (

    select
        schemes.scheme_id,
        count(entities.entity_id) as entity_count,
        coalesce(sum(current_members.segment_count), 0) as segment_count,
        coalesce(sum(case when current_members.segment_count > 1 then 1 else 0 end), 0) as doubled_count,
        coalesce(sum(case when current_members.entity_id is null then 1 else 0 end), 0) as missing_count,
        min(case when current_members.entity_id is null then entities.entity_id end) as first_missing_id
    from schemes
    cross join entities
    left join current_members
        on schemes.scheme_id = current_members.scheme_id
        and entities.entity_id = current_members.entity_id
    group by schemes.scheme_id

),

strangers as (

    select current_members.scheme_id, count(*) as stranger_count
    from current_members
    left join entities on current_members.entity_id = entities.entity_id
    where entities.entity_id is null
    group by current_members.scheme_id

)

select
    {{ control_row(
        'R-19', 'CRITICAL', "'scheme=' || compared.scheme_id", 'segment_count + coalesce(stranger_count, 0)', 'entity_count',
        "cast(missing_count as string) || ' entities in no segment' || coalesce(', first '
            || first_missing_id, '') || '; ' || cast(doubled_count as string) || ' in several; '
            || cast(coalesce(stranger_count, 0) as string) || ' unknown'",
        status="case when missing_count + doubled_count + coalesce(stranger_count, 0) = 0 then 'PASS' else 'FAIL' end"
    ) }}
from compared
left join strangers on compared.scheme_id = strangers.scheme_id
