{#- A view: its one reader is the log. Each branch is one metric of `imputation_rule.csv`. -#}
{{ config(materialized='view') }}
{%- set company_rules = [
    ('COMPANY_CURRENCY', 'local_currency', 'ledger of the company or the group'),
    ('COMPANY_CALENDAR', 'calendar_id', 'calendars that were delivered'),
    ('COMPANY_UTC', 'tz_name', 'no time zone in policy')
] -%}
{%- set no_date = 'cast(null as date)' -%}
{%- set no_number = 'cast(null as double)' -%}
with

sites as (

    select * from {{ ref('int_customer__site') }}

),

new_customers as (

    select * from {{ ref('int_demand__new_customer') }}

),

places as (

    select
        case geo_basis
            when 'POSTCODE_CENTROID' then 'GEO_POSTCODE'
            when 'COUNTRY_CENTROID' then 'GEO_COUNTRY'
            else 'GEO_NONE'
        end as rule_id,
        'site' as entity_type,
        site_id as entity_id,
        cast(latitude as string) || ' ' || cast(longitude as string) as imputed_value,
        case
            when geo_basis = 'UNKNOWN' then 'neither coordinates nor a known country'
            when geo_basis = 'COUNTRY_CENTROID' then 'middle of ' || country
            else 'sites in ' || country || ' ' || postcode
        end as basis,
        geo_basis_count as basis_count,
        {{ no_number }} as own_confidence,
        cast(1 as bigint) as values_count,
        {{ no_date }} as value_date,
        {{ no_date }} as own_expires_date
    from sites
    where geo_basis <> 'AS_DELIVERED'

),

documents as (

    select
        rule_id,
        entity_type,
        entity_id,
        imputed_value,
        basis,
        basis_count,
        {{ no_number }},
        values_count,
        {{ no_date }},
        {{ no_date }}
    from {{ ref('int_imputation__document') }}

),

rates as (

    select
        'FX_CARRY',
        'currency_pair_day',
        from_currency || '/' || to_currency || ' ' || cast(rate_date as string),
        cast(rate as string),
        'quoted on ' || cast(quoted_date as string),
        cast(1 as bigint),
        {{ no_number }},
        cast(1 as bigint),
        quoted_date,
        {{ no_date }}
    from {{ ref('int_currency__rate') }}
    where is_carried_forward

),

companies as (

    {% for rule_id, column, basis in company_rules -%}
    select
        '{{ rule_id }}',
        'company',
        company_code,
        {{ column }},
        '{{ basis }}',
        cast(0 as bigint),
        {{ no_number }},
        cast(1 as bigint),
        {{ no_date }},
        {{ no_date }}
    from {{ ref('int_calendar__company') }}
    where {{ is_imputed_by(rule_id) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- A calendar that is not delivered at all is one row; one that ends too early a row per day beyond it.
calendar_policy as (

    select
        max(rule.log_as) as log_as,
        max(working.day_count) as day_count
    from {{ ref('imputation_rule') }} as rule
    cross join (select count(*) as day_count from {{ ref('int_calendar__working_day') }}) as working
    where rule.rule_id = 'WORKING_DAY'

),

unplanned_days as (

    select day.calendar_date, day.is_weekend
    from {{ ref('int_calendar__date') }} as day
    left join {{ ref('int_calendar__working_day') }} as working on day.calendar_date = working.calendar_date
    where working.calendar_date is null

),

days as (

    select
        'WORKING_DAY',
        'day',
        cast(unplanned_days.calendar_date as string),
        case when unplanned_days.is_weekend then 'false' else 'true' end,
        'weekday',
        cast(0 as bigint),
        {{ no_number }},
        cast(1 as bigint),
        {{ no_date }},
        {{ no_date }}
    from unplanned_days
    cross join calendar_policy
    where calendar_policy.day_count > 0 or calendar_policy.log_as = 'row'

    union all

    select
        'WORKING_DAY',
        'feed',
        'erp.working_calendar.is_working',
        'Monday to Friday',
        'delivered for no row: weekday of each day',
        cast(0 as bigint),
        {{ no_number }},
        cast(count(*) as bigint),
        {{ no_date }},
        {{ no_date }}
    from unplanned_days
    cross join calendar_policy
    where calendar_policy.day_count = 0
        and calendar_policy.log_as = 'field'
    having count(*) > 0

),

-- The scores that count now: those of the newest evaluation of each scheme.
scores as (

    select
        case attribute.null_policy
            when 'NEUTRAL' then 'SCORE_NEUTRAL'
            when 'LOWEST' then 'SCORE_LOWEST'
            else 'SCORE_LEFT_OUT'
        end,
        'entity_attribute',
        part.scheme_id || ' ' || part.entity_id || ' ' || part.attribute_id,
        case when attribute.null_policy in ('NEUTRAL', 'LOWEST') then 'percentile ' || cast(part.percentile as string) end,
        'null policy ' || attribute.null_policy || ' of ' || part.attribute_id,
        cast(0 as bigint),
        {{ no_number }},
        cast(1 as bigint),
        {{ no_date }},
        {{ no_date }}
    from {{ ref('int_segment__score') }} as part
    inner join (
        select scheme_id, max(evaluation_month) as evaluation_month
        from {{ ref('int_segment__score') }}
        group by scheme_id
    ) as newest
        on part.scheme_id = newest.scheme_id
        and part.evaluation_month = newest.evaluation_month
    inner join {{ ref('scheme_attribute') }} as attribute
        on part.scheme_id = attribute.scheme_id
        and part.attribute_id = attribute.attribute_id
    where part.value is null

),

newcomers as (

    select
        rate_rule_id,
        'entity',
        entity_id,
        cast(orders_per_month as string),
        case rate_rule_id when 'OWN_RATE' then 'own orders' when 'EB_RATE' then group_name else null_reason end,
        case rate_rule_id when 'OWN_RATE' then orders_count else coalesce(analogues_count, 0) end,
        cast(own_weight as double),
        cast(1 as bigint),
        watched_from_date,
        {{ no_date }}
    from new_customers

    union all

    select
        size_rule_id,
        'entity',
        entity_id,
        cast(order_size_group as string),
        case size_rule_id when 'OWN_SIZE' then 'own orders' when 'EB_SIZE' then group_name else null_reason end,
        case size_rule_id when 'OWN_SIZE' then sized_orders_count else coalesce(analogues_count, 0) end,
        case size_rule_id when 'OWN_SIZE' then 1 else cast(own_weight as double) end,
        cast(1 as bigint),
        watched_from_date,
        {{ no_date }}
    from new_customers

    union all

    select
        case when default_segment_code is null then 'TIER_NONE' else 'TIER_OPPORTUNITY' end,
        'entity',
        entity_id,
        default_segment_code,
        case when default_segment_code is null then no_default_segment_reason else 'opportunity ' || opportunity_id end,
        cast(case when default_segment_code is null then 0 else 1 end as bigint),
        {{ no_number }},
        cast(1 as bigint),
        watched_from_date,
        default_segment_expires_date
    from new_customers

),

final as (

    select * from places
    union all
    select * from documents
    union all
    select * from rates
    union all
    select * from companies
    union all
    select * from days
    union all
    select * from scores
    union all
    select * from newcomers

)

select * from final
