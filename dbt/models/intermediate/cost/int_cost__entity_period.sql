{#- Equations add up, so one price per driver and period says what all activities make of it. -#}
{%- set drivers = cost_drivers() -%}

with

prices as (

    select
        fiscal_period_id,
        min(start_date) as start_date,
        min(end_date) as end_date,
        {% for name in drivers -%}
        sum(case when driver = '{{ name | upper }}' then unit_price end) as {{ name }}_price{{ ',' if not loop.last }}
        {% endfor %}
    from (
        select
            fiscal_period_id,
            start_date,
            end_date,
            driver,
            cast(cast(standard_minutes as double) * cast(minute_rate_group as double) as decimal(28, 10)) as unit_price
        from {{ ref('int_cost__rate') }}
        where minute_rate_group is not null
            and driver is not null
    ) as priced
    group by fiscal_period_id

),

-- A day is found by itself, not by the bounds of its period: there are many rows and few days.
days as (

    select day.calendar_date, prices.fiscal_period_id
    from {{ ref('int_calendar__date') }} as day
    inner join prices
        on day.calendar_date >= prices.start_date
        and day.calendar_date < prices.end_date

),

volumes as (

    select
        days.fiscal_period_id,
        volume.entity_id,
        {% for name in drivers -%}
        sum(volume.{{ name }}_qty) as {{ name }}_qty{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('int_cost__volume') }} as volume
    inner join days on volume.cost_date = days.calendar_date
    group by days.fiscal_period_id, volume.entity_id

)

select
    volumes.fiscal_period_id,
    {{ add_days('prices.end_date', -1) }} as earned_date,
    volumes.entity_id,
    cast(round(
        {% for name in drivers -%}
        cast(volumes.{{ name }}_qty as double) * cast(coalesce(prices.{{ name }}_price, 0) as double){{ ' +' if not loop.last }}
        {% endfor %}, 4
    ) as decimal(18, 4)) as amount_group
from volumes
inner join prices on volumes.fiscal_period_id = prices.fiscal_period_id
