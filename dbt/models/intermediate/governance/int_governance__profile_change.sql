{{ config(materialized='view') }}

with

batch_changes as (

    select * from {{ ref('stg_history__profile_change') }}

),

verdicts as (

    select * from {{ ref('stg_decisions__identity_verdict') }}

),

erasures as (

    select * from {{ ref('stg_decisions__person_erasure') }}

),

-- A source does not tell which of its users changed a value: the batch answers for it.
from_batches as (

    select
        entity_kind,
        entity_id,
        attribute,
        old_value,
        new_value,
        'batch' as source,
        source_system as actor,
        changed_at,
        batch_id as request_id,
        cast(null as string) as reason
    from batch_changes

),

-- A verdict is about two records, so each of them changed.
from_verdicts as (

    select
        'record' as entity_kind,
        left_id as entity_id,
        'identity' as attribute,
        cast(null as string) as old_value,
        verdict || ' as ' || right_id as new_value,
        'decision' as source,
        actor,
        decided_at as changed_at,
        cast(seq as string) as request_id,
        reason
    from verdicts

    union all

    select
        'record',
        right_id,
        'identity',
        cast(null as string),
        verdict || ' as ' || left_id,
        'decision',
        actor,
        decided_at,
        cast(seq as string),
        reason
    from verdicts

),

from_erasures as (

    select
        person_kind as entity_kind,
        person_id as entity_id,
        'personal_data' as attribute,
        'kept' as old_value,
        'erased' as new_value,
        'decision' as source,
        actor,
        decided_at as changed_at,
        cast(seq as string) as request_id,
        reason
    from erasures

),

final as (

    select * from from_batches
    union all
    select * from from_verdicts
    union all
    select * from from_erasures

)

select * from final
