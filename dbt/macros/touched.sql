{#-
    Words for the models that list touched keys. They are the one place besides staging that looks
    at sources: at the rows of batches which came or went since the last build.
-#}

{#- Only an update on DuckDB needs touched keys; everywhere else tables are made anew. -#}
{% macro is_update() %}{{ return(execute and target.type == 'duckdb' and not flags.FULL_REFRESH) }}{% endmacro %}

{#- Distinct values of a text column in the batches that came or went. -#}
{% macro delta_values(system, feed, column) -%}
select distinct {{ tierline.typed_column('delta.' ~ column, 'varchar') }} as {{ column }}
from {{ tierline.delta_of(source(system, feed)) }} as delta
{%- endmacro %}

{#- A model as the last build left it, read before this build changes it; none in a new warehouse. -#}
{% macro as_built(model_name) -%}
{%- set found = adapter.get_relation(this.database, 'intermediate', model_name) -%}
{{ return(found) }}
{%- endmacro %}
