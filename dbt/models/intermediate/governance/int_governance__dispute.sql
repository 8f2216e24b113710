{{ config(materialized='view') }}

with

-- A name stands for one dispute, the first.
opened as (

    select *
    from (
        select *, row_number() over (partition by dispute_id order by seq) as place_no
        from {{ ref('stg_decisions__dispute') }}
    ) as numbered
    where place_no = 1

),

settled as (

    select
        dispute_id,
        min(decided_at) as settled_at,
        min_by(actor, seq) as settled_by,
        min_by(settled_value, seq) as settled_value
    from {{ ref('stg_decisions__dispute_settlement') }}
    group by dispute_id

),

final as (

    select
        opened.dispute_id,
        opened.metric_id,
        opened.segment_key,
        opened.activity_month,
        opened.actor as claimed_by,
        opened.role as claimed_by_role,
        opened.own_value as claimed_value,
        opened.other_party,
        opened.other_value,
        opened.reason,
        opened.decided_at as opened_at,
        settled.settled_at,
        settled.settled_by,
        settled.settled_value
    from opened
    left join settled on opened.dispute_id = settled.dispute_id

)

select * from final
