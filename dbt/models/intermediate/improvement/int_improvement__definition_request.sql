{#- A view: decisions change without any feed. -#}
{{ config(materialized='view') }}

with

acts as (

    select * from {{ ref('stg_decisions__definition_act') }}

),

verdicts as (

    select
        request_id,
        count(distinct case when act = 'approve' then role end) as roles_approved_count,
        max(case when act = 'approve' then decided_at end) as last_approved_at,
        count(case when act = 'reject' then 1 end) as rejections_count
    from acts
    group by request_id

)

select
    opened.request_id,
    opened.proposal_id,
    opened.proposal_type,
    opened.scheme_id,
    opened.from_version,
    opened.to_version,
    opened.segment_key,
    opened.element,
    opened.direction,
    opened.target,
    opened.new_target,
    opened.entities_moved,
    opened.saving_group,
    opened.roles_needed,
    opened.decided_at as opened_at,
    verdicts.roles_approved_count,
    verdicts.last_approved_at,
    verdicts.rejections_count > 0 as is_rejected,
    -- Roles stand with one blank between them.
    verdicts.roles_approved_count
    >= 1 + length(opened.roles_needed) - length(replace(opened.roles_needed, ' ', '')) as is_approved
from acts as opened
inner join verdicts on opened.request_id = verdicts.request_id
where opened.act = 'open'
