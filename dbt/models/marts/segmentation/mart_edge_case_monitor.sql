with

tiers as (

    select segment_key, tier_rank from {{ ref('dim_segment') }} where tier_rank is not null

),

shipped as (

    select
        segment_at_order_key,
        segment_at_event_key,
        count(*) as line_count,
        min(departed_date) as first_date,
        max(departed_date) as last_date
    from {{ ref('fct_shipment_line') }}
    where segment_at_order_key <> segment_at_event_key
    group by segment_at_order_key, segment_at_event_key

),

decisions as (

    select * from {{ ref('int_governance__decision') }}

),

seen as (

    select
        case when now_in.tier_rank < promised.tier_rank then 'E02' else 'E03' end as edge_id,
        shipped.line_count as occurrences_count,
        shipped.first_date,
        shipped.last_date
    from shipped
    inner join tiers as promised on shipped.segment_at_order_key = promised.segment_key
    inner join tiers as now_in on shipped.segment_at_event_key = now_in.segment_key

    union all

    select 'E10', 1, cast(decided_at as date), cast(decided_at as date)
    from decisions
    where identity_verdict = 'same'

    union all

    -- Two records that were one customer by a decision and are two again.
    select 'E11', 1, cast(apart.decided_at as date), cast(apart.decided_at as date)
    from decisions as apart
    where apart.identity_verdict = 'different'
        and apart.subject in (
            select together.subject from decisions as together where together.identity_verdict = 'same'
        )

    union all

    select 'E12', 1, cast(changed_at as date), cast(changed_at as date)
    from {{ ref('int_governance__profile_change') }}
    where attribute in ('group_id', 'parent_customer_id')
        and old_value is not null
        and new_value is not null

    union all

    select 'E27', 1, cast(restated_at as date), cast(restated_at as date)
    from {{ ref('mart_restatement') }}
    where restatement_kind = 'LATE_FACT'

    union all

    select 'E50', 1, cast(decided_at as date), cast(decided_at as date)
    from decisions
    where chain_fault is not null

    union all

    select 'E53', 1, cast(opened_at as date), cast(opened_at as date)
    from {{ ref('int_governance__dispute') }}

    union all

    select 'E54', 1, valid_from, valid_from
    from {{ ref('audit_segment_assignment') }}
    where is_rebase

),

edges as (

    {% for edge_id, edge_name, counted in [
        ('E02', 'upgraded between the order and its shipment', 'shipment lines'),
        ('E03', 'downgraded while orders were open', 'shipment lines'),
        ('E10', 'two records were merged by a decision', 'decisions'),
        ('E11', 'a merge was taken back', 'decisions'),
        ('E12', 'a customer changed its group or parent', 'changes of master data'),
        ('E27', 'a fact came late for a closed period', 'facts'),
        ('E50', 'the chain of decisions does not hold', 'decisions'),
        ('E53', 'a figure was disputed', 'disputes'),
        ('E54', 'a new version of a rule moved somebody', 'changes of segment')
    ] -%}
    select '{{ edge_id }}' as edge_id, '{{ edge_name }}' as edge_name, '{{ counted }}' as counted
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    edges.edge_id,
    edges.edge_name,
    edges.counted,
    cast(coalesce(sum(seen.occurrences_count), 0) as bigint) as occurrences_count,
    min(seen.first_date) as first_date,
    max(seen.last_date) as last_date
from edges
left join seen on edges.edge_id = seen.edge_id
group by edges.edge_id, edges.edge_name, edges.counted
