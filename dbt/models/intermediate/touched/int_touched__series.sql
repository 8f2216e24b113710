{%- set columns = 'entity_id, product_family, demand_base_qty, promo_base_qty, demand_amount_group,'
    ~ ' order_lines_count, first_base_uom, last_base_uom' -%}
{%- set demand = ref('int_demand__month') -%}
{%- set touched_months = ref('int_touched__order_month') -%}
{%- set dates = ref('int_calendar__date') -%}
{%- if is_update() -%}
{#- `int_demand__series` waits for this model, which reads it as the last build left it. -#}
{%- set built_series = as_built('int_demand__series') -%}
with

months as (

    select ordered_month from {{ touched_months }}

),

demand_now as (

    select {{ columns }}, ordered_month as demand_month from {{ demand }}
    where ordered_month in (select months.ordered_month from months)

),

demand_built as (

    select {{ columns }}, demand_month from {{ built_series }}
    where demand_month in (select months.ordered_month from months)
        and order_lines_count > 0

),

-- A series runs to the logical date: a month that has begun or ended since belongs to all of them.
newest_month as (

    select month_start_date as demand_month, {{ add_months('month_start_date', '1') }} <= {{ add_days(as_of(), 1) }} as is_complete_month
    from {{ dates }}
    where calendar_date = {{ as_of() }}

),

turned as (

    select newest_month.demand_month
    from newest_month
    left join (
        select demand_month, is_complete_month
        from {{ built_series }}
        order by demand_month desc
        limit 1
    ) as built
        on newest_month.demand_month = built.demand_month
        and newest_month.is_complete_month = built.is_complete_month
    where built.demand_month is null

)

select changed.entity_id from ({{ changed_rows('demand_now', 'demand_built', 'entity_id', columns ~ ', demand_month') }}) as changed
union
select built.entity_id from {{ built_series }} as built where exists (select 1 from turned)
union
select demand.entity_id from {{ demand }} as demand where exists (select 1 from turned)
{%- else -%}
select entity_id from {{ demand }} where 1 = 0
{%- endif %}
