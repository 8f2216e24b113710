{%- set rates = ref('stg_erp__fx_rate') -%}
{%- set days = ref('int_calendar__date') -%}
{%- set policy = ref('exchange_rate') -%}
{%- if is_update() -%}
{%- set built = built_feed('erp', 'fx_rate') -%}
with

changed_dates as (

    {{ changed_keys('erp', 'fx_rate', 'rate_date') }}

),

-- A pair that is quoted for the first time, or no more, changes how other pairs are derived.
changed_pairs as (

    (
        select from_currency, to_currency, rate_type from {{ rates }}
        except
        select from_currency, to_currency, rate_type from {{ built }}
    )
    union all
    (
        select from_currency, to_currency, rate_type from {{ built }}
        except
        select from_currency, to_currency, rate_type from {{ rates }}
    )

),

-- A rate may also serve the days after its own, if policy lets it.
touched as (

    select day.calendar_date as rate_date
    from {{ days }} as day
    inner join (select distinct rate_date from changed_dates) as changed on day.calendar_date >= changed.rate_date
    cross join (select max(carry_forward_days) as carry_forward_days from {{ policy }}) as policy
    where day.calendar_date <= {{ add_days('changed.rate_date', 'policy.carry_forward_days') }}

    union

    select calendar_date from {{ days }}
    where exists (select 1 from changed_pairs)

)

select rate_date from touched
{%- else -%}
select calendar_date as rate_date from {{ days }} where 1 = 0
{%- endif %}
