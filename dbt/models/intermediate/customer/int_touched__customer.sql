{%- set entities = ref('int_customer__segmentation_entity') -%}
{%- set built = source('state', 'built__customer_entity') -%}
{%- if is_update() -%}
{%- set columns = 'customer_id, entity_id, is_excluded, exclusion_reason, is_chain_unresolved, former_entity_id, former_until_date' -%}
select distinct customer_id
from (
    {{ changed_rows(entities, built, 'customer_id', columns) | indent(4) }}
) as moved
{%- else -%}
select customer_id from {{ entities }} where 1 = 0
{%- endif %}
