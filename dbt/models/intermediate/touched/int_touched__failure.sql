{#- Receipts, counts and demand that become known later tell anew why stock had run out. -#}
-- depends_on: {{ ref('int_service__demand_month') }}
{%- set touched_orders = ref('int_touched__order_segment') %}
{%- set touched_months = ref('int_touched__order_month') %}
{%- set order_lines = ref('int_order__line') %}
{%- set marks = ref('int_service__stock_mark') %}
{%- set built_marks = source('state', 'built__stock_mark') %}
{%- if is_update() %}
{#- As the last build left it: the mart waits for this model. -#}
{%- set built = adapter.get_relation(this.database, 'marts', 'fct_failure_cause') %}
with

moved_products as (

    {{ changed_rows(marks, built_marks, 'product_id', 'product_id, events_count, input_mark') | indent(4) }}

),

-- Demand of a month is compared with that of the months before it.
first_month as (

    select min(ordered_month) as ordered_month from {{ touched_months }}

),

ran_out as (

    select cause.order_id from {{ built }} as cause where cause.evidence like '%out_of_stock%'

)

select order_id from {{ touched_orders }}

union

select line.order_id
from {{ order_lines }} as line
left join first_month on line.ordered_date >= first_month.ordered_month
where line.order_id in (select ran_out.order_id from ran_out)
    and (
        first_month.ordered_month is not null
        or line.product_id in (select moved.product_id from moved_products as moved)
    )
{%- else %}
select order_id from {{ touched_orders }} where 1 = 0
{%- endif %}
