{{ config(materialized='view') }}

with

chain as (

    select
        *,
        lag(seq, 1, 0) over (order by seq) as seq_before,
        lag(hash, 1, '{{ '0' * 64 }}') over (order by seq) as hash_before
    from {{ ref('stg_audit__chain') }}

),

requests as (

    select * from {{ ref('stg_decisions__segment_request') }}

),

verdicts as (

    select * from {{ ref('stg_decisions__segment_request_verdict') }}

),

identity_verdicts as (

    select * from {{ ref('stg_decisions__identity_verdict') }}

),

final as (

    select
        chain.seq,
        chain.decided_at,
        chain.kind,
        chain.subject,
        chain.actor,
        chain.role,
        chain.reason,
        chain.prev_hash,
        chain.hash,
        case
            when chain.seq <> chain.seq_before + 1 then 'a decision before it is missing'
            when chain.prev_hash <> chain.hash_before then 'it does not follow from the decision before it'
            when chain.hash <> {{ sha256_hex('chain.prev_hash || chain.content') }}
                then 'its fields are not those that its hash was made from'
        end as chain_fault,
        coalesce(request.request_id, verdict.request_id) as request_id,
        verdict.act,
        verdict.outcome,
        identity_verdict.verdict as identity_verdict,
        request.scheme_id,
        request.entity_id,
        request.effective_date,
        request.is_emergency
    from chain
    left join requests as request on chain.seq = request.seq
    left join verdicts as verdict on chain.seq = verdict.seq
    left join identity_verdicts as identity_verdict on chain.seq = identity_verdict.seq

)

select * from final
