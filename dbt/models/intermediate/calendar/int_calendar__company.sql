with

policy as (

    select * from {{ ref('company') }}

),

ledger as (

    select company_code, min(currency) as currency, count(distinct currency) as currency_count
    from {{ ref('stg_finance__gl_balance') }}
    group by company_code

),

codes as (

    select company_code from policy
    union
    select company_code from {{ ref('stg_erp__invoice') }}
    union
    select company_code from ledger

),

delivered as (

    select min(calendar_id) as only_calendar_id
    from {{ ref('stg_erp__fiscal_calendar') }}
    having count(distinct calendar_id) = 1

),

known_calendars as (

    select distinct calendar_id from {{ ref('stg_erp__fiscal_calendar') }}

),

final as (

    select
        codes.company_code,
        coalesce(
            own.local_currency,
            case when ledger.currency_count = 1 then ledger.currency end,
            cast('{{ var("group_currency") }}' as string)
        ) as local_currency,
        coalesce(own_calendar.calendar_id, common_calendar.calendar_id, delivered.only_calendar_id, 'MONTH') as calendar_id,
        coalesce(own.tz_name, common.tz_name, 'UTC') as tz_name,
        {{ imputed_rules({
            'COMPANY_CURRENCY': 'own.local_currency is null',
            'COMPANY_CALENDAR': 'own_calendar.calendar_id is null and common_calendar.calendar_id is null',
            'COMPANY_UTC': 'own.tz_name is null and common.tz_name is null'
        }) }} as imputed_rules
    from codes
    left join policy as own on codes.company_code = own.company_code
    left join policy as common on common.company_code = '*'
    left join ledger on codes.company_code = ledger.company_code
    left join known_calendars as own_calendar on own.calendar_id = own_calendar.calendar_id
    left join known_calendars as common_calendar on common.calendar_id = common_calendar.calendar_id
    left join delivered on true
    where codes.company_code is not null

)

select * from final
