{%- set levels = ['group_fine', 'group_middle', 'group_coarse', 'group_all'] -%}
{%- set demand_types = "('STANDARD', 'RUSH', 'CONSIGNMENT', 'DROPSHIP')" -%}
with

policy as (

    -- Who is new is said by the active schemes; the strictest counts.
    select
        max(onboarding_min_orders) as min_orders,
        max(onboarding_min_days) as min_days,
        max(onboarding_max_days) as max_days
    from {{ ref('segment_scheme') }}
    where status = 'ACTIVE'

),

oldest as (

    select
        {{ max_age_days('EB_RATE') }} as rate_days,
        {{ max_age_days('EB_SIZE') }} as size_days,
        {{ max_age_days('TIER_OPPORTUNITY') }} as tier_days
    from {{ ref('imputation_rule') }}

),

-- Whoever the last evaluation left in onboarding is new until the next one, whatever came since.
onboarding as (

    select entity_id
    from {{ ref('int_segment__assignment') }}
    where scheme_id = '{{ fact_scheme() }}'
        and is_current
        and segment_code = 'N0'

),

ordered as (

    select
        entity_id,
        sum(orders_count) as orders_count,
        min(first_order_date) as first_order_date
    from {{ ref('int_customer__month') }}
    where merge_role is null or merge_role = 'JOINED'
    group by entity_id

),

data_start as (

    select min(activity_month) as first_date from {{ ref('int_customer__month') }}

),

watched as (

    -- Nobody was watched before the data begin.
    select
        analogue.*,
        coalesce(ordered.orders_count, 0) as orders_count,
        ordered.first_order_date,
        greatest(
            coalesce(analogue.start_date, {{ as_of() }}), coalesce(data_start.first_date, {{ as_of() }})
        ) as watched_from_date
    from {{ ref('int_demand__analogue') }} as analogue
    cross join data_start
    left join ordered on analogue.entity_id = ordered.entity_id
    where not analogue.is_excluded

),

new_customers as (

    select
        watched.*,
        {{ days_between('watched.watched_from_date', as_of()) }} + 1 as watched_days,
        -- A value is as old as the customer; on the day that it reaches its greatest age it is used no more.
        coalesce({{ days_between('watched.watched_from_date', as_of()) }} >= oldest.rate_days, false) as is_rate_too_old,
        coalesce({{ days_between('watched.watched_from_date', as_of()) }} >= oldest.size_days, false) as is_size_too_old,
        {{ add_days(
            'watched.watched_from_date',
            'case when oldest.tier_days < policy.max_days then oldest.tier_days else policy.max_days end'
        ) }} as expires_date
    from watched
    cross join policy
    cross join oldest
    left join onboarding on watched.entity_id = onboarding.entity_id
    where watched.orders_count < policy.min_orders
        or {{ days_between('watched.watched_from_date', as_of()) }} + 1 < policy.min_days
        or onboarding.entity_id is not null

),

own_sizes as (

    -- Exact sums of rounded logarithms, so that no order of rows shows.
    select
        header.entity_id,
        count(*) as sized_orders_count,
        sum({{ money(times('header.total_net', 'header.fx_rate_to_group')) }}) as sized_amount_group,
        sum(cast(round(ln(cast({{ money(times('header.total_net', 'header.fx_rate_to_group')) }} as double)), 8) as decimal(18, 8)))
            as log_sum
    from {{ ref('int_order__header') }} as header
    inner join new_customers on header.entity_id = new_customers.entity_id
    where header.order_type in {{ demand_types }}
        and {{ money(times('header.total_net', 'header.fx_rate_to_group')) }} > 0
    group by header.entity_id

),

priors as (

    select * from {{ source('analytics', 'demand_prior') }}

),

backed_off as (

    -- The finest group that is large enough speaks.
    select
        new_customers.*,
        cast(new_customers.watched_days as double) / 30.4375 as watched_months,
        {% for name in [
            'group_level', 'group_name', 'analogues_count', 'alpha', 'beta_months', 'size_log_mean',
            'size_within_variance', 'size_between_variance'
        ] -%}
        case
            {% for level in levels[:-1] -%}
            when prior_{{ loop.index0 }}.group_name is not null then prior_{{ loop.index0 }}.{{ name }}
            {% endfor -%}
            else prior_3.{{ name }}
        end as {{ name }},
        {% endfor -%}
        coalesce(own_sizes.sized_orders_count, 0) as sized_orders_count,
        own_sizes.sized_amount_group,
        cast(coalesce(own_sizes.log_sum, 0) as double) as log_sum
    from new_customers
    {% for level in levels -%}
    left join priors as prior_{{ loop.index0 }}
        on prior_{{ loop.index0 }}.group_level = {{ loop.index0 }}
        and new_customers.{{ level }} = prior_{{ loop.index0 }}.group_name
    {% endfor -%}
    left join own_sizes on new_customers.entity_id = own_sizes.entity_id

),

estimated as (

    select
        backed_off.*,
        cast(round(
            case
                when is_rate_too_old then {{ safe_divide('orders_count', 'watched_months') }}
                else {{ safe_divide('alpha + orders_count', 'beta_months + watched_months') }}
            end, 8
        ) as decimal(18, 8)) as orders_per_month,
        cast(round(
            case
                when is_rate_too_old then 1
                else {{ safe_divide('watched_months', 'beta_months + watched_months') }}
            end, 6
        ) as decimal(9, 6)) as own_weight,
        -- The group's mean weighs as much as `within / between` orders of the customer's own.
        case
            when size_between_variance > 0 and size_within_variance + sized_orders_count > 0
                then (size_within_variance / size_between_variance * size_log_mean + log_sum)
                    / (size_within_variance / size_between_variance + sized_orders_count)
            else size_log_mean
        end as log_mean
    from backed_off

),

sized as (

    select
        estimated.*,
        cast(
            round(
                case
                    when is_size_too_old then {{ safe_divide('sized_amount_group', 'sized_orders_count') }}
                    else exp(log_mean + size_within_variance / 2)
                end, 2
            ) as decimal(18, 4)
        ) as order_size_group
    from estimated

),

opportunities as (

    select
        entity.entity_id,
        opportunity.opportunity_id,
        opportunity.close_date,
        case
            when opportunity.currency = '{{ var("group_currency") }}' then opportunity.amount
            else {{ money(times('opportunity.amount', 'rates.rate')) }}
        end as amount_group,
        row_number() over (
            partition by entity.entity_id
            order by opportunity.close_date desc, opportunity.opportunity_id desc
        ) as rank_no
    from {{ ref('stg_crm__opportunity') }} as opportunity
    inner join {{ ref('int_customer__crosswalk') }} as crosswalk
        on opportunity.account_id = crosswalk.source_id
        and crosswalk.source_system = 'crm'
    inner join {{ ref('int_customer__segmentation_entity') }} as entity on crosswalk.customer_id = entity.customer_id
    left join {{ ref('int_currency__rate') }} as rates
        on opportunity.currency = rates.from_currency
        and rates.to_currency = '{{ var("group_currency") }}'
        and rates.rate_date = least(opportunity.close_date, {{ as_of() }})
    where coalesce(opportunity.is_won, true)

),

tiers as (

    select
        segment_code,
        min_amount_group,
        lead(min_amount_group) over (order by min_amount_group) as next_amount_group
    from {{ ref('onboarding_tier') }}

),

final as (

    select
        estimated.entity_id,
        estimated.watched_from_date,
        cast(estimated.watched_days as bigint) as watched_days,
        cast(estimated.orders_count as bigint) as orders_count,
        cast(estimated.group_level as bigint) as group_level,
        estimated.group_name,
        cast(estimated.analogues_count as bigint) as analogues_count,
        estimated.alpha,
        estimated.beta_months,
        estimated.orders_per_month,
        estimated.own_weight,
        cast(estimated.sized_orders_count as bigint) as sized_orders_count,
        estimated.order_size_group,
        case
            when estimated.orders_per_month is null then 'NO_RATE'
            when estimated.is_rate_too_old then 'OWN_RATE'
            else 'EB_RATE'
        end as rate_rule_id,
        case
            when estimated.order_size_group is null then 'NO_SIZE'
            when estimated.is_size_too_old then 'OWN_SIZE'
            else 'EB_SIZE'
        end as size_rule_id,
        opportunities.opportunity_id,
        opportunities.amount_group as opportunity_amount_group,
        case when estimated.expires_date > {{ as_of() }} then tiers.segment_code end as default_segment_code,
        case when estimated.expires_date > {{ as_of() }} and tiers.segment_code is not null then estimated.expires_date end
            as default_segment_expires_date,
        case
            when opportunities.opportunity_id is null then 'no opportunity that is not lost'
            when opportunities.amount_group is null then 'the opportunity has no amount in group currency'
            when estimated.expires_date <= {{ as_of() }} then 'onboarding has lasted too long'
            when tiers.segment_code is null then 'the opportunity is below every tier'
        end as no_default_segment_reason,
        case
            when estimated.orders_per_month is null then 'no customer of any kind has ordered long enough'
            when estimated.order_size_group is null and estimated.is_size_too_old
                then 'the estimate of the order size is too old and no order of its own has a value'
            when estimated.order_size_group is null then 'no order of a customer of any kind has a value'
        end as null_reason
    from sized as estimated
    left join opportunities on estimated.entity_id = opportunities.entity_id and opportunities.rank_no = 1
    left join tiers
        on opportunities.amount_group >= tiers.min_amount_group
        and (opportunities.amount_group < tiers.next_amount_group or tiers.next_amount_group is null)

)

select * from final
