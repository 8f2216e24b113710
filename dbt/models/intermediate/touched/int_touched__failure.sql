{#- Receipts, counts and demand that become known later tell anew why stock had run out. -#}
-- depends_on: {{ ref('int_service__stock_event') }}
-- depends_on: {{ ref('int_service__demand_month') }}
{%- set touched_orders = ref('int_touched__order_segment') %}
select order_id from {{ touched_orders }}
{%- if is_update() %}
{#- As the last build left it: the mart waits for this model. -#}
{%- set built = adapter.get_relation(this.database, 'marts', 'fct_failure_cause') %}
{%- if built %}

union

select cause.order_id
from {{ built }} as cause
where cause.evidence like '%out_of_stock%'
{%- endif %}
{%- endif %}
