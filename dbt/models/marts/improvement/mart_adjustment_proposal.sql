with

requests as (

    select * from {{ ref('mart_definition_request') }}

),

taken_up as (

    -- Definitions that were approved in the calendar quarter of the logical date.
    select count(*) as definitions_count
    from requests
    where date_trunc('quarter', approved_at) = date_trunc('quarter', cast({{ as_of() }} as timestamp))

),

proposals as (

    select
        proposal.*,
        requests.state as request_state,
        proposal.priority_no is not null
            and (requests.state is null or requests.state not in ('REJECTED', 'APPROVED', 'IN_FORCE')) as is_free
    from {{ source('analytics', 'adjustment_proposal') }} as proposal
    left join requests on proposal.request_id = requests.request_id

),

first_free as (

    select min(priority_no) as priority_no from proposals where is_free

)

select
    proposals.as_of_month,
    proposals.proposal_id,
    proposals.proposal_type,
    proposals.scheme_id,
    proposals.from_version,
    proposals.to_version,
    proposals.request_id,
    proposals.segment_key,
    proposals.element,
    proposals.direction,
    proposals.target,
    proposals.new_target,
    proposals.capability_p10,
    proposals.capability_p50,
    proposals.expected_value,
    proposals.attainment_gap,
    proposals.expectation_gap,
    proposals.competitor_gap,
    proposals.shift_index,
    proposals.cluster_stability,
    proposals.sustainability,
    proposals.lever,
    proposals.is_blocked_by_contract,
    proposals.entities_count,
    proposals.months_met_before,
    proposals.months_met_after,
    proposals.entities_moved_count,
    proposals.revenue_moved_group,
    proposals.saving_per_quarter_group,
    proposals.reason,
    proposals.priority_no,
    proposals.request_state,
    proposals.is_free
        and proposals.priority_no = first_free.priority_no
        and taken_up.definitions_count = 0 as is_next
from proposals
cross join first_free
cross join taken_up
