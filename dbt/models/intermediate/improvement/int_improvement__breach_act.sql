{{ config(materialized='view') }}

select
    breach_id,
    seq,
    act,
    step,
    cause,
    evidence,
    cost_group,
    pause_reason,
    actor,
    decided_at as acted_at,
    -- A pause lasts until the clock is started again; null: it still lasts.
    case
        when act = 'pause'
            then lead(decided_at) over (
                partition by breach_id, act in ('pause', 'resume')
                order by seq
            )
    end as resumed_at
from {{ ref('stg_decisions__breach_act') }}
