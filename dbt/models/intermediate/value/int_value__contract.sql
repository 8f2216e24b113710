{#- A view: contracts are few, and the solver asks once a month. -#}
{{ config(materialized='view') }}
with

versions as (

    select
        contract.*,
        row_number() over (partition by contract.contract_id order by contract.version desc) as rank_no
    from {{ ref('stg_crm__contract') }} as contract

),

month_rates as (

    -- The last rate of each month; balances are taken at the end of a period.
    select
        from_currency,
        rate,
        {{ month_start('rate_date') }} as rate_month,
        row_number() over (
            partition by from_currency, {{ month_start('rate_date') }} order by rate_date desc
        ) as rank_no
    from {{ ref('int_currency__rate') }}
    where to_currency = '{{ var("group_currency") }}'

),

final as (

    select
        entity.entity_id,
        versions.contract_id,
        versions.start_date,
        versions.end_date,
        versions.is_auto_renew,
        month_rates.rate_month,
        case
            when versions.currency = '{{ var("group_currency") }}' then versions.annual_value
            else {{ money(times('versions.annual_value', 'month_rates.rate')) }}
        end as annual_value_group
    from versions
    inner join {{ ref('int_customer__segmentation_entity') }} as entity on versions.customer_id = entity.customer_id
    left join month_rates
        on versions.currency = month_rates.from_currency
        and versions.currency <> '{{ var("group_currency") }}'
        and month_rates.rank_no = 1
    where versions.rank_no = 1
        and not entity.is_excluded

)

select * from final
