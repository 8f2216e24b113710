{%- set marks = ref('int_profit__landed_mark') -%}
{%- set built = source('state', 'built__landed_mark') -%}
{%- if is_update() -%}
select distinct product_id
from (
    {{ changed_rows(marks, built, 'product_id', 'product_id, moves_count, input_mark') | indent(4) }}
) as moved
{%- else -%}
select product_id from {{ marks }} where 1 = 0
{%- endif %}
