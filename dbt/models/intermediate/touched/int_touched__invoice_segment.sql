{%- set built = source('state', 'built__segment_assignment') -%}
{%- set assignments = ref('int_segment__assignment') -%}
{%- set touched_invoices = ref('int_touched__invoice') -%}
{%- set lines = ref('int_invoice__line') -%}
select invoice_id from {{ touched_invoices }}
{%- if is_update() %}

union

select line.invoice_id
from {{ lines }} as line
where line.entity_id in ({{ changed_segment_entities(assignments, built) }})
{%- endif %}
