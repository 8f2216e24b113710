with

members as (

    select source_system || ':' || source_id as record_id, party_key
    from {{ ref('int_customer__crosswalk') }}

)

-- Nobody is asked about two records that something surer has made one party.
select
    pair.left_id,
    pair.right_id,
    pair.left_name,
    pair.right_name,
    pair.rule,
    pair.match_weight,
    pair.match_probability,
    pair.reason,
    pair.is_cut
from {{ ref('int_party__match_pair') }} as pair
inner join members as one on pair.left_id = one.record_id
inner join members as other on pair.right_id = other.record_id
where pair.decision = 'review'
    and one.party_key <> other.party_key
