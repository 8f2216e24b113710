{#- Identity is not a row: where both currencies are the same the caller uses 1. -#}
with

-- Policy may let no rate stand in for longer than this; blank is no limit of its own.
oldest as (

    select {{ max_age_days('FX_CARRY') }} as max_age_days from {{ ref('imputation_rule') }}

),

quotes as (

    select
        quote.from_currency,
        quote.to_currency,
        quote.rate_date,
        quote.rate,
        case
            when oldest.max_age_days < policy.carry_forward_days then oldest.max_age_days
            else policy.carry_forward_days
        end as carry_forward_days
    from {{ ref('stg_erp__fx_rate') }} as quote
    inner join {{ ref('exchange_rate') }} as policy on quote.rate_type = policy.rate_type
    cross join oldest
    where quote.from_currency <> quote.to_currency

),

quoted_pairs as (

    select distinct from_currency, to_currency from quotes

),

-- A pair keeps one method on all days: where the source quotes it, a day without a quote is a hole
-- and is not papered over by the inverse or by a third currency.
both_ways as (

    select from_currency, to_currency, rate_date, rate, carry_forward_days, 'DIRECT' as method
    from quotes

    union all

    select
        quote.to_currency,
        quote.from_currency,
        quote.rate_date,
        cast(round({{ safe_divide('1', 'quote.rate') }}, 8) as decimal(18, 8)),
        quote.carry_forward_days,
        'INVERSE'
    from quotes as quote
    left join quoted_pairs as own
        on quote.to_currency = own.from_currency
        and quote.from_currency = own.to_currency
    where own.from_currency is null

),

dated as (

    select
        *,
        lead(rate_date) over (partition by from_currency, to_currency order by rate_date) as next_date
    from both_ways

),

quoted as (

    select
        from_currency,
        to_currency,
        rate_date,
        rate,
        method,
        least(
            {{ add_days('rate_date', 'carry_forward_days + 1') }},
            coalesce(next_date, cast('9999-12-31' as date))
        ) as end_date
    from dated

),

daily as (

    select from_currency, to_currency, rate_date, rate, method, false as is_carried_forward, rate_date as quoted_date
    from quoted

    union all

    -- Only where policy says so; such rates carry a flag.
    select
        quoted.from_currency,
        quoted.to_currency,
        day.calendar_date,
        quoted.rate,
        quoted.method,
        true,
        quoted.rate_date
    from quoted
    inner join {{ ref('int_calendar__date') }} as day
        on quoted.rate_date < day.calendar_date
        and quoted.end_date > day.calendar_date

),

wanted_currencies as (

    select local_currency as currency from {{ ref('int_calendar__company') }}
    union
    select cast('{{ var("group_currency") }}' as string)

),

pivot_use as (

    select from_currency as pivot_currency, rate_date, count(*) as pair_count
    from daily
    group by from_currency, rate_date

),

crossed as (

    -- The pivot is the currency with most quotes that day: the one the source quotes against.
    select
        first_leg.from_currency,
        second_leg.to_currency,
        first_leg.rate_date,
        cast(round({{ times('first_leg.rate', 'second_leg.rate') }}, 8) as decimal(18, 8)) as rate,
        first_leg.is_carried_forward or second_leg.is_carried_forward as is_carried_forward,
        least(first_leg.quoted_date, second_leg.quoted_date) as quoted_date,
        row_number() over (
            partition by first_leg.from_currency, second_leg.to_currency, first_leg.rate_date
            order by pivot_use.pair_count desc, pivot_use.pivot_currency asc
        ) as rank_no
    from daily as first_leg
    inner join daily as second_leg
        on first_leg.to_currency = second_leg.from_currency
        and first_leg.rate_date = second_leg.rate_date
    inner join pivot_use
        on first_leg.to_currency = pivot_use.pivot_currency
        and first_leg.rate_date = pivot_use.rate_date
    inner join wanted_currencies on second_leg.to_currency = wanted_currencies.currency
    where first_leg.from_currency <> second_leg.to_currency
        and not exists (
            select 1 from both_ways as known
            where known.from_currency = first_leg.from_currency
                and known.to_currency = second_leg.to_currency
        )

),

final as (

    select from_currency, to_currency, rate_date, rate, method, is_carried_forward, quoted_date from daily

    union all

    select from_currency, to_currency, rate_date, rate, 'TRIANGULATED', is_carried_forward, quoted_date
    from crossed
    where rank_no = 1

)

select * from final
