{{ config(materialized='view') }}

with

verdicts as (

    select
        left_id,
        right_id,
        verdict,
        cast(decided_at as date) as decided_date,
        lag(verdict) over (
            partition by least(left_id, right_id), greatest(left_id, right_id)
            order by seq
        ) as verdict_before
    from {{ ref('stg_decisions__identity_verdict') }}

),

-- Two numbers that a person declared one customer, and then two again.
split as (

    select left_id as record_id, decided_date from verdicts where verdict = 'different' and verdict_before = 'same'
    union
    select right_id, decided_date from verdicts where verdict = 'different' and verdict_before = 'same'

),

happened as (

    select 'SPLIT' as event_kind, customers.customer_id, split.decided_date as event_date
    from split
    inner join {{ ref('int_customer__segmentation_entity') }} as customers
        on split.record_id = 'erp:' || customers.customer_id

    union all

    select 'CREDIT_HOLD', changes.entity_id, cast(changes.changed_at as date)
    from {{ ref('int_governance__profile_change') }} as changes
    where changes.entity_kind = 'customer'
        and changes.attribute = 'is_credit_hold'
        and changes.new_value = 'true'

)

select distinct
    entity.entity_id,
    happened.event_kind,
    happened.event_date
from happened
inner join {{ ref('int_customer__segmentation_entity') }} as entity
    on happened.customer_id = entity.customer_id
