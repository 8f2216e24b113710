{{ config(materialized='view') }}

with

echoes as (

    select
        customer_id,
        held_in,
        segment_code,
        changed_date,
        cast(_extracted_at as date) as read_date
    from {{ ref('stg_erp__segment_echo') }}

),

limits as (

    select cast({{ gate_limit('A8', 'exchange_days') }} as bigint) as exchange_days

),

codes as (

    select segment_code from {{ ref('segment') }} where scheme_id = '{{ fact_scheme() }}'

),

-- A code is in order where it was, is or will be assigned within the days of exchange, as it was
-- believed when it was read or since: what was not yet due for sending, or is on its way, is no drift.
compared as (

    select
        echoes.customer_id,
        echoes.held_in,
        echoes.segment_code as held_segment_code,
        echoes.changed_date,
        echoes.read_date,
        own.entity_id,
        own.scheme_id,
        max(case when own.is_then then own.segment_code end) as our_segment_code,
        max(case when own.is_then then own.valid_from end) as our_since_date,
        max(case when own.is_then then own.event_seq end) as our_event_seq,
        max(case
            when own.segment_code = echoes.segment_code
                and own.valid_from <= {{ add_days('echoes.read_date', 'limits.exchange_days') }}
                and own.valid_to > {{ add_days('echoes.read_date', '-1 * limits.exchange_days') }}
                and cast(own.recorded_to as date) > {{ add_days('echoes.read_date', '-1 * limits.exchange_days') }}
                then 1
            else 0
        end) as is_in_order,
        max(case
            when own.segment_code = echoes.segment_code and own.valid_from <= echoes.read_date then 1 else 0
        end) as was_ours,
        max(limits.exchange_days) as exchange_days
    from echoes
    cross join limits
    inner join (
        select
            entity.customer_id,
            read.held_in,
            belief.*,
            belief.is_latest_belief and read.read_date >= belief.valid_from
            and read.read_date < belief.valid_to as is_then
        from {{ ref('int_customer__segmentation_entity') }} as entity
        inner join echoes as read on entity.customer_id = read.customer_id
        inner join {{ ref('int_segment__assignment') }} as belief
            on entity.entity_id = belief.entity_id
            and belief.scheme_id = '{{ fact_scheme() }}'
    ) as own
        on echoes.customer_id = own.customer_id
        and echoes.held_in = own.held_in
    group by
        echoes.customer_id, echoes.held_in, echoes.segment_code, echoes.changed_date, echoes.read_date,
        own.entity_id, own.scheme_id

),

final as (

    select
        compared.customer_id,
        compared.held_in,
        compared.entity_id,
        compared.scheme_id,
        compared.held_segment_code,
        compared.our_segment_code,
        compared.our_since_date,
        compared.our_event_seq,
        compared.changed_date,
        compared.read_date,
        case
            when compared.is_in_order = 1 then null
            when compared.held_segment_code is null then 'MISSING'
            when codes.segment_code is null then 'UNKNOWN_CODE'
            when compared.was_ours = 1
                and (
                    compared.changed_date is null
                    or compared.changed_date <= {{ add_days('compared.our_since_date', 'compared.exchange_days') }}
                )
                then 'NOT_TAKEN_OVER'
            else 'CHANGED_BY_HAND'
        end as drift_kind
    from compared
    left join codes on compared.held_segment_code = codes.segment_code
    where compared.our_segment_code is not null

)

select * from final
