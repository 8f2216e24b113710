{%- set touched_orders = ref('int_touched__order') -%}
{%- set staged_orders = ref('stg_erp__sales_order') -%}
{%- set books = group_time_zone() -%}
{%- set ordered_date = business_day('orders.ordered_at', 'books.tz_name') -%}
{%- set last_build = source('state', 'build_state') -%}
{%- if is_update() -%}
{#- `int_order__line_checked` waits for this model, which reads it as the last build left it. -#}
{%- set built_lines = as_built('int_order__line_checked') -%}
select {{ month_start('built.ordered_date') }} as ordered_month
from {{ built_lines }} as built
where built.order_id in (select touched.order_id from {{ touched_orders }} as touched)
    and built.ordered_date is not null

union

select {{ month_start(ordered_date) }}
from {{ staged_orders }} as orders
cross join {{ books }} as books
where orders.order_id in (select touched.order_id from {{ touched_orders }} as touched)
    and orders.ordered_at is not null

union

-- An order of a later day than the last build's is demand from its day on.
select {{ month_start(ordered_date) }}
from {{ staged_orders }} as orders
cross join {{ last_build }} as build
cross join {{ books }} as books
where orders.ordered_at > build.as_of
    and {{ ordered_date }} <= {{ as_of() }}
{%- else -%}
select {{ month_start('ordered_at') }} as ordered_month from {{ staged_orders }} where 1 = 0
{%- endif %}
