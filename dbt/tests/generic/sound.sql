{#-
    What must hold for every row of a model, in one query: no two rows share the grain (null counts
    as a value), nothing is null that may not be, values come from their list, keys are known. Each
    row found is a fault; the column says which. An update looks at the rows that it touched.

    grain, also_unique: columns; not_null: columns; accepted: {column: values};
    references: {columns: [...], to: ref('model'), field: column}.
-#}
{% test sound(model, grain=[], also_unique=[], not_null=[], accepted={}, references={}) %}
{%- set faults = [] -%}
{%- for columns in [grain, also_unique] if columns -%}
    {%- set names = columns | join(', ') -%}
    {%- do faults.append("select 'more than one row per " ~ names ~ "' as fault from checked group by "
        ~ names ~ " having count(*) > 1") -%}
{%- endfor -%}
{%- for name in not_null -%}
    {%- do faults.append("select '" ~ name ~ " is null' as fault from checked where " ~ name ~ " is null") -%}
{%- endfor -%}
{%- for name, values in accepted.items() -%}
    {%- do faults.append("select '" ~ name ~ " is none of its values' as fault from checked where "
        ~ name ~ " not in ('" ~ values | join("', '") ~ "')") -%}
{%- endfor -%}
{%- for name in references.get('columns', []) -%}
    {%- do faults.append("select '" ~ name ~ " is unknown' as fault from checked left join "
        ~ references.to ~ " as known on checked." ~ name ~ " = known." ~ references.field
        ~ " where checked." ~ name ~ " is not null and known." ~ references.field ~ " is null") -%}
{%- endfor -%}
with

checked as (

    select * from {{ model }}
    {{ tierline.where_touched(model) }}

)

{{ faults | join('\n\nunion all\n\n') }}
{% endtest %}
