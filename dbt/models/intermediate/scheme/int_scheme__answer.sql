{#- A view: answers are few, and the analyses ask once a month. -#}
{{ config(materialized='view') }}

select
    response.response_id,
    response.item_id,
    response.campaign_id,
    campaign.survey_type,
    campaign.population_count,
    entity.entity_id,
    response.respondent_role,
    cast(response.submitted_at as date) as submitted_date,
    response.score,
    response.expectation,
    response.importance,
    response._known_at as known_at
from {{ ref('stg_crm__survey_response') }} as response
inner join {{ ref('stg_crm__survey_campaign') }} as campaign on response.campaign_id = campaign.campaign_id
inner join {{ ref('int_customer__crosswalk') }} as crosswalk
    on crosswalk.source_system = 'crm'
    and response.account_id = crosswalk.source_id
inner join {{ ref('int_customer__segmentation_entity') }} as entity on crosswalk.customer_id = entity.customer_id
where not entity.is_excluded
