{%- set built = source('state', 'built__segment_assignment') -%}
{%- set assignments = ref('int_segment__assignment') -%}
{%- set touched_orders = ref('int_touched__order') -%}
{%- set headers = ref('int_order__header') -%}
{%- set shipment_lines = ref('int_shipment__line') -%}
select order_id from {{ touched_orders }}
{%- if is_update() %}

union

select header.order_id
from {{ headers }} as header
where header.entity_id in ({{ changed_segment_entities(assignments, built) }})

union

select line.order_id
from {{ shipment_lines }} as line
where line.order_id = '-2'
    and line.entity_id in ({{ changed_segment_entities(assignments, built) }})
{%- endif %}
