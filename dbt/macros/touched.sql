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

{#-
    Closed periods whose figures stand since another moment than in the last build: what became known
    after `from_at` and up to `to_at` is late now and was not, or the other way round.
-#}
{% macro refrozen_periods(periods, built_periods) -%}
    {%- set columns = 'calendar_id, fiscal_period_id, start_date, end_date, frozen_at' -%}
    {%- set never = "cast('9999-12-31 00:00:00' as timestamp)" -%}
    select
        calendar_id,
        fiscal_period_id,
        min(start_date) as start_date,
        max(end_date) as end_date,
        min(coalesce(frozen_at, {{ never }})) as from_at,
        -- A period that only one of both builds knows is frozen in that one alone.
        case when count(*) = 2 then max(coalesce(frozen_at, {{ never }})) else {{ never }} end as to_at
    from ({{ changed_rows(periods, built_periods, columns, columns) }}) as moved
    group by calendar_id, fiscal_period_id
{%- endmacro %}
