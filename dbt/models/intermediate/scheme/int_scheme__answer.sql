
with

counted as (

    -- Who answers a campaign twice has changed the mind: the last word counts. Of anonymous answers
    -- nobody can say that two are of one person.
    select
        *,
        row_number() over (
            partition by
                campaign_id, item_id, account_id, respondent_role,
                case when account_id is null then response_id end
            order by submitted_at desc, response_id desc
        ) as last_word_no,
        count(*) over (
            partition by
                campaign_id, item_id, account_id, respondent_role,
                case when account_id is null then response_id end
        ) - 1 as replaced_count
    from {{ ref('stg_crm__survey_response') }}

),

customers as (

    select
        crosswalk.source_id as account_id,
        entity.entity_id,
        entity.is_excluded
    from {{ ref('int_customer__crosswalk') }} as crosswalk
    inner join {{ ref('int_customer__segmentation_entity') }} as entity on crosswalk.customer_id = entity.customer_id
    where crosswalk.source_system = 'crm'

)

select
    response.response_id,
    response.item_id,
    response.campaign_id,
    campaign.survey_type,
    campaign.population_count,
    campaign.language,
    customers.entity_id,
    response.respondent_role,
    cast(response.submitted_at as date) as submitted_date,
    response.score,
    response.expectation,
    response.importance,
    response.comment_text,
    response.is_anonymous,
    response.replaced_count,
    response._known_at as known_at
from counted as response
inner join {{ ref('stg_crm__survey_campaign') }} as campaign on response.campaign_id = campaign.campaign_id
left join customers on response.account_id = customers.account_id
where response.last_word_no = 1
    and (customers.entity_id is null or not customers.is_excluded)
