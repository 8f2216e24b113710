{%- set relation = source('landing', 'quarantined_row') -%}
{%- if execute -%}
select
    {% for column in tierline.feed_contract('landing', 'quarantined_row').columns.values() -%}
    cast({{ column.name }} as {{ 'string' if column.data_type == 'varchar' else column.data_type }}) as {{ column.name }}{{ ',' if not loop.last }}
    {% endfor -%}
from {{ relation }}
{%- else -%}
select * from {{ relation }}
{%- endif -%}
